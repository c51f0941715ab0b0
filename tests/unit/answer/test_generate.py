import dataclasses
import itertools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import torch

import small_school
from schoolhelper.answer import Writer
from schoolhelper.dataset import Example, grounded_examples
from schoolhelper.models import TransformersGenerator
from schoolhelper.prompts import Renderer
from tiny import verified

QUESTION = "도서관 언제 닫아요?"
LIBRARY = small_school.entry("library")


class Scripted:
    """A causal model that says the given tokens one after another, whatever it reads.

    It keeps what it read, and starts over when it is given no cache.
    """

    device = "cpu"

    def __init__(self, tokens: list[int], vocabulary: int) -> None:
        self.tokens = tokens
        self.vocabulary = vocabulary
        self.read: list[list[int]] = []

    def __call__(self, *, input_ids: torch.Tensor, past_key_values: int | None, **_: Any) -> SimpleNamespace:
        self.read.append(input_ids[0].tolist())
        place = past_key_values or 0
        logits = torch.zeros(1, 1, self.vocabulary)
        logits[0, -1, self.tokens[place % len(self.tokens)]] = 1.0
        return SimpleNamespace(logits=logits, past_key_values=place + 1)


def scripted(renderer: Renderer, said: str, *, end: bool) -> Scripted:
    tokens = renderer.encode(said) + ([renderer.end] if end else [])
    return Scripted(tokens, len(renderer.tokenizer))  # type: ignore[arg-type]


def writer(model: Any, renderer: Renderer, **options: int) -> Writer:
    return Writer(TransformersGenerator(model, renderer.end), renderer, **options)


def test_it_stops_at_the_end_of_its_turn(renderer: Renderer) -> None:
    said = "평일 17:30까지 열어요."
    model = scripted(renderer, said, end=True)
    texts = list(writer(model, renderer, limit=100).write(QUESTION, "ko", LIBRARY))
    assert texts[-1] == said
    assert len(model.read) == len(model.tokens)


def test_it_stops_at_the_limit(renderer: Renderer) -> None:
    model = scripted(renderer, "열려 있어요 ", end=False)
    *_, last = writer(model, renderer, limit=12).write(QUESTION, "ko", LIBRARY)
    assert len(model.read) == 12
    assert last == renderer.tokenizer.decode((model.tokens * 12)[:12]).strip()


def test_the_text_grows(renderer: Renderer) -> None:
    said = "평일 08:00부터 17:30까지 열어요."
    texts = list(writer(scripted(renderer, said, end=True), renderer).write(QUESTION, "ko", LIBRARY))
    whole = [text.rstrip("\ufffd") for text in texts]  # a character may be several tokens
    assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(whole))


def test_saying_nothing_is_an_empty_text(renderer: Renderer) -> None:
    assert list(writer(scripted(renderer, "", end=True), renderer).write(QUESTION, "ko", LIBRARY)) == [""]


def test_it_reads_what_it_was_trained_on(renderer: Renderer) -> None:
    bus = small_school.entry("bus")
    first, second, *_ = [each for each in bus.questions if each.lang == "ko"]
    two = dataclasses.replace(bus, questions=(first, second))
    (example,) = [each for each in grounded_examples(verified([two]), seed=0) if each.question == second.text]
    model = scripted(renderer, "네", end=True)
    list(writer(model, renderer).write(second.text, "ko", bus))
    assert renderer.render(example).input_ids[: len(model.read[0])] == model.read[0]


def test_what_prompts_begin_with_is_the_same_whatever_is_asked(renderer: Renderer) -> None:
    asked = ["언제 닫아요?", "?", "When does it close?", " 여기 도서관인데, 몇 시에 닫나요"]
    examples = [Example("grounded", each, "ko", "", "e", (("도서관 시간", "17:30까지."),)) for each in asked]
    beginnings = [renderer.split_prompt(example)[0] for example in examples]
    assert all(each == beginnings[0] for each in beginnings)
    assert "17:30" in renderer.tokenizer.decode(beginnings[0])
    for example in examples:
        before, rest = renderer.split_prompt(example)
        whole = renderer.tokenizer.decode(before + rest)
        assert (
            renderer.encode(whole.removeprefix(renderer.tokenizer.decode(before[:1]))) == (before + rest)[1:]
        )


def greedy(model: Any, ids: list[int], stop: Callable[[int], bool], limit: int) -> list[int]:
    """The likeliest tokens one by one, all of it read anew each time."""
    written: list[int] = []
    while len(written) < limit:
        with torch.inference_mode():
            token = int(
                model(input_ids=torch.tensor([ids + written]), use_cache=False).logits[0, -1].argmax()
            )
        if stop(token):
            break
        written.append(token)
    return written


def test_a_real_model_writes_what_greedy_decoding_without_a_cache_would(
    model: Any, renderer: Renderer
) -> None:
    example = Example("closed", QUESTION, "ko", "", "")
    *_, last = writer(model, renderer, limit=8).complete(example)
    expected = greedy(model, renderer.prompt(example), lambda token: token == renderer.end, 8)
    assert last == renderer.tokenizer.decode(expected, skip_special_tokens=True).strip()
