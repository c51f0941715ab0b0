import dataclasses
import math
import random
from typing import Any

import pytest
import torch

import small_school
from schoolhelper.answer import Judge
from schoolhelper.answer.judge import judge_example
from schoolhelper.answer.prefix import BATCH, load_reader
from schoolhelper.dataset import NO, YES, Example, judge_examples
from schoolhelper.dataset.examples import SHOWN
from schoolhelper.models.gemma3 import Checkpoint
from schoolhelper.prompts import Renderer
from schoolhelper.records import LANGS
from schoolhelper.train.lora import attach
from schoolhelper.train.recipes import DEFAULT


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    """More than a batch of judge examples, of very different lengths."""
    found = [
        judge_example(question.text, question.lang, other)
        for place, entry in enumerate(small_school.entries())
        for question in entry.questions[:2]
        for other in small_school.entries()[place : place + 1]
    ]
    assert len(found) > BATCH
    return found


@pytest.fixture(params=["transformers", "ours"])
def judged(model: Any, request: pytest.FixtureRequest) -> Any:
    """The model as it is trained, and as it is served."""
    return model if request.param == "transformers" else Checkpoint.of(model)


def test_scores_are_finite_and_tell_candidates_apart(
    judged: Any, renderer: Renderer, examples: list[Example]
) -> None:
    scores = Judge(judged, renderer).scores(examples)
    assert len(scores) == len(examples)
    assert all(math.isfinite(score) for score in scores)
    assert len(set(scores)) > len(scores) / 2


def test_a_score_does_not_depend_on_order_or_company(
    judged: Any, renderer: Renderer, examples: list[Example]
) -> None:
    judge = Judge(judged, renderer)
    together = judge.scores(examples)
    order = random.Random(0).sample(range(len(examples)), len(examples))
    shuffled = judge.scores([examples[place] for place in order])
    assert shuffled == pytest.approx([together[place] for place in order], abs=1e-4)
    alone = [judge.scores([example])[0] for example in examples[:5]]
    assert alone == pytest.approx(together[:5], abs=1e-4)


def test_a_score_is_the_log_odds_of_the_two_labels(
    model: Any, judged: Any, renderer: Renderer, examples: list[Example]
) -> None:
    ids = renderer.prompt(examples[0])
    with torch.inference_mode():
        logits = model(input_ids=torch.tensor([ids])).logits[0, -1]
    expected = float(logits[renderer.yes] - logits[renderer.no])
    assert Judge(judged, renderer).scores(examples[:1])[0] == pytest.approx(expected, abs=1e-4)


def test_no_candidates_have_no_scores(judged: Any, renderer: Renderer) -> None:
    assert Judge(judged, renderer).scores([]) == []


def test_it_reads_what_it_was_trained_on(renderer: Renderer) -> None:
    """The prompt of an exam or a user's question has the tokens of the training example."""
    entries = small_school.entries()
    trained = judge_examples(entries, lambda entry: (), rounds=1, seed=0)
    by_id = {entry.id: entry for entry in entries}
    in_its_language = [e for e in trained if e.context[0][1] == by_id[e.entry].answer(e.lang)]
    assert in_its_language
    for example in in_its_language:
        entry = by_id[example.entry]
        wordings = {question.text: question for question in entry.questions}
        left = tuple(wordings[shown] for shown in example.context[0][0].split(" / "))
        asked = judge_example(example.question, example.lang, dataclasses.replace(entry, questions=left))
        rendered = renderer.render(example)
        prompt = renderer.prompt(asked)
        assert rendered.input_ids[: len(prompt)] == prompt
        assert rendered.input_ids[len(prompt)] == renderer.yes
        assert example.completion == YES
        refused = renderer.render(dataclasses.replace(asked, completion=NO))
        assert refused.input_ids[len(prompt)] == renderer.no


def test_it_reads_the_answer_and_first_the_wordings_in_the_questions_language() -> None:
    library = small_school.entry("library")
    (korean,) = judge_example("도서관 언제 닫아?", "ko", library).context
    (english,) = judge_example("When does the library close?", "en", library).context
    assert (korean[1], english[1]) == (library.answers["ko"], library.answers["en"])
    wordings = {lang: [q.text for q in library.questions if q.lang == lang] for lang in ("ko", "en")}
    assert wordings["ko"]
    assert wordings["en"]
    assert korean[0].split(" / ") == [*wordings["ko"], *wordings["en"]][:SHOWN]
    assert english[0].split(" / ") == [*wordings["en"], *wordings["ko"]][:SHOWN]


def test_an_adapter_in_place_judges_too(
    tiny_gemma3: Any, renderer: Renderer, examples: list[Example]
) -> None:
    from schoolhelper.models import load_base

    base = load_base(str(tiny_gemma3), on="cpu").model.float().eval()
    plain = Judge(base, renderer).scores(examples[:3])
    adapted = attach(base, DEFAULT).eval()
    assert Judge(adapted, renderer).scores(examples[:3]) == pytest.approx(plain, abs=1e-4)
    with torch.no_grad():
        for name, weight in adapted.named_parameters():
            if "lora_B" in name:
                weight.fill_(0.05)
    assert Judge(adapted, renderer).scores(examples[:3]) != pytest.approx(plain, abs=1e-4)


def test_a_warm_judge_has_read_every_entry_in_both_languages(
    judged: Any, renderer: Renderer, examples: list[Example], monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = Judge(judged, renderer)
    for lang in LANGS:
        judge.warm(small_school.entries(), lang)
    monkeypatch.setattr(judge.reader.known, "read", None)  # nothing is left to be read
    assert judge.scores(examples) == pytest.approx(Judge(judged, renderer).scores(examples), abs=1e-4)


def test_warming_stops_where_the_memory_is_full(judged: Any, renderer: Renderer) -> None:
    judge: Any = Judge(judged, renderer)
    entries = small_school.entries()
    judge.warm(entries, "ko")
    room = judge.reader.known.kept.currsize // 3
    judge.reader = load_reader(judged, renderer.pad, memory=room)
    judge.warm(entries, "ko")
    kept = list(judge.reader.known.kept)
    assert 0 < len(kept) < len(entries)
    judge.warm(entries, "ko")
    assert list(judge.reader.known.kept) == kept
