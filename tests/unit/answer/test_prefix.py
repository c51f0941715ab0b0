from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from schoolhelper.answer.prefix import BATCH, PrefixReader
from tiny import load_exact

TEXTS = [
    ([2, *range(10, 10 + before)], [*range(60, 60 + after)])
    for before, after in [(40, 3), (5, 9), (5, 2), (17, 1), (40, 6)]
]


@pytest.fixture(params=["eager", "sdpa"])
def model(tiny_folder: Path, request: pytest.FixtureRequest) -> Any:
    """Gemma 1 and Gemma 3, with each kind of attention that is used."""
    model = load_exact(tiny_folder).model.eval()
    model.set_attn_implementation(request.param)
    return model


def whole(model: Any, text: tuple[list[int], list[int]]) -> torch.Tensor:
    """The last hidden state of a text that is read from its beginning."""
    with torch.inference_mode():
        found: torch.Tensor = model.base_model(input_ids=torch.tensor([text[0] + text[1]])).last_hidden_state
    return found[0, -1]


@pytest.mark.parametrize("memory", [1 << 20, 0])
def test_going_on_from_what_was_read_is_reading_from_the_beginning(model: Any, memory: int) -> None:
    reader = PrefixReader(model, 0, memory=memory)
    expected = torch.stack([whole(model, text) for text in TEXTS])
    for _ in range(2):
        assert torch.allclose(reader.last_states(TEXTS), expected, atol=1e-4)


def test_sliding_windows_are_kept(model: Any) -> None:
    """A window shorter than the texts, where the model has one."""
    window = getattr(model.config, "sliding_window", None)
    text = ([2, *(5 + place % 90 for place in range(3 * (window or 20)))], [7, 8, 9])
    state = PrefixReader(model, 0).last_states([text])[0]
    assert torch.allclose(state, whole(model, text), atol=1e-4)


def test_a_text_is_read_once_and_the_oldest_is_forgotten_first(
    model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = PrefixReader(model, 0)
    read: list[tuple[int, ...]] = []
    really = reader._read

    def counted(texts: Any) -> Any:
        read.extend(texts)
        return really(texts)

    monkeypatch.setattr(reader, "_read", counted)
    reader.last_states(TEXTS * (BATCH // 2))
    assert sorted(map(len, read)) == [6, 18, 41]
    room = reader.known.kept.currsize
    reader.last_states([([3, *range(20, 60)], [1])])
    assert len(reader.known.kept) == 4

    small = PrefixReader(model, 0, memory=room)
    small.last_states(TEXTS)
    small.last_states([([3, *range(20, 60)], [1])])
    assert small.known.kept.currsize <= room
    assert (3, *range(20, 60)) in small.known.kept
