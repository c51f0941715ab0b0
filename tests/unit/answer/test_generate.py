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
from schoolhelper.records import Passage
from tiny import verified

QUESTION = "도서관 언제 닫아요?"


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


def passage() -> Passage:
    return Passage(small_school.entry("library"), "도서관 문 닫는 시간이 궁금해요", {})


def scripted(renderer: Renderer, said: str, *, end: bool) -> Scripted:
    tokens = renderer.encode(said) + ([renderer.end] if end else [])
    return Scripted(tokens, len(renderer.tokenizer))  # type: ignore[arg-type]


def writer(model: Any, renderer: Renderer, **options: int) -> Writer:
    return Writer(TransformersGenerator(model, renderer.end), renderer, **options)


def test_it_stops_at_the_end_of_its_turn(renderer: Renderer) -> None:
    said = "평일 17:30까지 열어요."
    model = scripted(renderer, said, end=True)
    texts = list(writer(model, renderer, limit=100).write(QUESTION, "ko", passage()))
    assert texts[-1] == said
    assert len(model.read) == len(model.tokens)


def test_it_stops_at_the_limit(renderer: Renderer) -> None:
    model = scripted(renderer, "열려 있어요 ", end=False)
    *_, last = writer(model, renderer, limit=12).write(QUESTION, "ko", passage())
    assert len(model.read) == 12
    assert last == renderer.tokenizer.decode((model.tokens * 12)[:12]).strip()


def test_the_text_grows(renderer: Renderer) -> None:
    said = "평일 08:00부터 17:30까지 열어요."
    texts = list(writer(scripted(renderer, said, end=True), renderer).write(QUESTION, "ko", passage()))
    whole = [text.rstrip("\ufffd") for text in texts]  # a character may be several tokens
    assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(whole))


def test_saying_nothing_is_an_empty_text(renderer: Renderer) -> None:
    assert list(writer(scripted(renderer, "", end=True), renderer).write(QUESTION, "ko", passage())) == [""]


def test_it_reads_what_it_was_trained_on(renderer: Renderer) -> None:
    (example, *_) = grounded_examples(verified([small_school.entry("bus")]), seed=0)
    model = scripted(renderer, "네", end=True)
    shown = Passage(small_school.entry("bus"), example.context[0][0], {})
    list(writer(model, renderer).write(example.question, example.lang, shown))
    assert renderer.render(example).input_ids[: len(model.read[0])] == model.read[0]


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
