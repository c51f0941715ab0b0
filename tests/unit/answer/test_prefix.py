from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch

from schoolhelper.answer.gemma3_reader import Gemma3Reader
from schoolhelper.answer.prefix import BATCH, PrefixReader, load_reader
from schoolhelper.models.gemma3 import Checkpoint
from tiny import load_exact

TEXTS = [
    ([2, *range(10, 10 + before)], [*range(60, 60 + after)])
    for before, after in [(40, 3), (5, 9), (5, 2), (17, 1), (40, 6)]
]


KINDS = [
    ("tiny_gemma", "eager"),
    ("tiny_gemma", "sdpa"),
    ("tiny_gemma3", "eager"),
    ("tiny_gemma3", "sdpa"),
    ("tiny_gemma3", "ours"),
]
"""Gemma 1 and Gemma 3, with each kind of attention that is used."""


@pytest.fixture(params=KINDS, ids="-".join)
def kind(request: pytest.FixtureRequest) -> tuple[Path, str]:
    name, attention = request.param
    return request.getfixturevalue(name), attention


@pytest.fixture
def model(kind: tuple[Path, str]) -> Any:
    model = load_exact(kind[0]).model.eval()
    model.set_attn_implementation("eager" if kind[1] == "ours" else kind[1])
    return model


@pytest.fixture
def read_with(kind: tuple[Path, str], model: Any) -> Callable[..., Any]:
    """Makes readers of the model."""
    return partial(load_reader, Checkpoint.of(model) if kind[1] == "ours" else model, 0)


def whole(model: Any, text: tuple[list[int], list[int]]) -> torch.Tensor:
    """The last hidden state of a text that is read from its beginning."""
    with torch.inference_mode():
        found: torch.Tensor = model.base_model(input_ids=torch.tensor([text[0] + text[1]])).last_hidden_state
    return found[0, -1]


@pytest.mark.parametrize("memory", [1 << 20, 0])
def test_going_on_from_what_was_read_is_reading_from_the_beginning(
    model: Any, read_with: Callable[..., Any], memory: int
) -> None:
    reader = read_with(memory=memory)
    expected = torch.stack([whole(model, text) for text in TEXTS])
    for _ in range(2):
        assert torch.allclose(reader.last_states(TEXTS), expected, atol=1e-4)


def test_sliding_windows_are_kept(model: Any, read_with: Callable[..., Any]) -> None:
    """A window shorter than the texts, where the model has one."""
    window = getattr(model.config, "sliding_window", None)
    text = ([2, *(5 + place % 90 for place in range(3 * (window or 20)))], [7, 8, 9])
    state = read_with().last_states([text])[0]
    assert torch.allclose(state, whole(model, text), atol=1e-4)


def test_a_text_is_read_once_and_the_oldest_is_forgotten_first(
    read_with: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = read_with()
    read: list[tuple[int, ...]] = []
    really = reader.known.read

    def counted(texts: Any) -> Any:
        read.extend(texts)
        return really(texts)

    monkeypatch.setattr(reader.known, "read", counted)
    reader.last_states(TEXTS * (BATCH // 2))
    assert sorted(map(len, read)) == [6, 18, 41]
    room = reader.known.kept.currsize
    reader.last_states([([3, *range(20, 60)], [1])])
    assert len(reader.known.kept) == 4

    small = read_with(memory=room)
    small.last_states(TEXTS)
    small.last_states([([3, *range(20, 60)], [1])])
    assert small.known.kept.currsize <= room
    assert (3, *range(20, 60)) in small.known.kept


def test_the_fast_one_is_taken_where_it_can_run(
    kind: tuple[Path, str], read_with: Callable[..., Any]
) -> None:
    assert isinstance(read_with(), Gemma3Reader if kind[1] == "ours" else PrefixReader)


def test_logits_are_the_models_own(model: Any, read_with: Callable[..., Any]) -> None:
    with torch.inference_mode():
        expected = [model(torch.tensor([before + after])).logits[0, -1, [7, 9]] for before, after in TEXTS]
    assert torch.allclose(read_with().label_logits(TEXTS, [7, 9]), torch.stack(expected), atol=1e-4)
