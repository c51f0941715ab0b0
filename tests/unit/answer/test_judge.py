import dataclasses
import math
import random
from typing import Any

import pytest
import torch

import small_school
from schoolhelper.answer import Judge
from schoolhelper.answer.judge import BATCH, judge_example
from schoolhelper.dataset import NO, YES, Example, judge_examples
from schoolhelper.prompts import Renderer
from schoolhelper.records import Passage
from schoolhelper.train.lora import attach
from schoolhelper.train.recipes import DEFAULT


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    """More than a batch of judge examples, of very different lengths."""
    found = [
        judge_example(question.text, question.lang, Passage(other, (other.questions[0].text,), {}))
        for place, entry in enumerate(small_school.entries())
        for question in entry.questions[:2]
        for other in small_school.entries()[place : place + 1]
    ]
    assert len(found) > BATCH
    return found


def test_scores_are_finite_and_tell_candidates_apart(
    model: Any, renderer: Renderer, examples: list[Example]
) -> None:
    scores = Judge(model, renderer).pair_scores(examples)
    assert len(scores) == len(examples)
    assert all(math.isfinite(score) for score in scores)
    assert len(set(scores)) > len(scores) / 2


def test_a_score_does_not_depend_on_order_or_company(
    model: Any, renderer: Renderer, examples: list[Example]
) -> None:
    judge = Judge(model, renderer)
    together = judge.pair_scores(examples)
    order = random.Random(0).sample(range(len(examples)), len(examples))
    shuffled = judge.pair_scores([examples[place] for place in order])
    assert shuffled == pytest.approx([together[place] for place in order], abs=1e-4)
    alone = [judge.pair_scores([example])[0] for example in examples[:5]]
    assert alone == pytest.approx(together[:5], abs=1e-4)


def test_a_score_is_the_log_odds_of_the_two_labels(
    model: Any, renderer: Renderer, examples: list[Example]
) -> None:
    ids = renderer.prompt(examples[0])
    with torch.inference_mode():
        logits = model(input_ids=torch.tensor([ids])).logits[0, -1]
    expected = float(logits[renderer.yes] - logits[renderer.no])
    assert Judge(model, renderer).pair_scores(examples[:1])[0] == pytest.approx(expected, abs=1e-4)


def test_no_candidates_have_no_scores(model: Any, renderer: Renderer) -> None:
    assert Judge(model, renderer).scores("도서관은 몇 시까지 열어요?", "ko", []) == []


def test_it_reads_what_it_was_trained_on(renderer: Renderer) -> None:
    """The prompt of an exam or a user's question has the tokens of the training example."""
    entries = small_school.entries()
    trained = judge_examples(entries, lambda entry: (), rounds=1, seed=0)
    by_id = {entry.id: entry for entry in entries}
    in_its_language = [e for e in trained if e.context[0][1] == by_id[e.entry].answer(e.lang)]
    assert in_its_language
    for example in in_its_language:
        passage = Passage(by_id[example.entry], tuple(example.context[0][0].split(" / ")), {})
        asked = judge_example(example.question, example.lang, passage)
        rendered = renderer.render(example)
        prompt = renderer.prompt(asked)
        assert rendered.input_ids[: len(prompt)] == prompt
        assert rendered.input_ids[len(prompt)] == renderer.yes
        assert example.completion == YES
        refused = renderer.render(dataclasses.replace(asked, completion=NO))
        assert refused.input_ids[len(prompt)] == renderer.no


def test_it_reads_the_answer_in_the_questions_language() -> None:
    passage = Passage(small_school.entry("library"), ("도서관은 몇 시까지 열어요?",), {})
    (context,) = judge_example("When does the library close?", "en", passage).context
    assert context == ("도서관은 몇 시까지 열어요?", small_school.entry("library").answers["en"])


def test_an_adapter_in_place_judges_too(
    tiny_gemma3: Any, renderer: Renderer, examples: list[Example]
) -> None:
    from schoolhelper.models import load_base

    base = load_base(str(tiny_gemma3), on="cpu").model.float().eval()
    plain = Judge(base, renderer).pair_scores(examples[:3])
    adapted = attach(base, DEFAULT).eval()
    assert Judge(adapted, renderer).pair_scores(examples[:3]) == pytest.approx(plain, abs=1e-4)
    with torch.no_grad():
        for name, weight in adapted.named_parameters():
            if "lora_B" in name:
                weight.fill_(0.05)
    assert Judge(adapted, renderer).pair_scores(examples[:3]) != pytest.approx(plain, abs=1e-4)
