from __future__ import annotations

import torch
from transformers import Gemma3TextConfig, GemmaConfig

from schoolhelper.models import attention_masks, tree_mask

BATCH = {
    "segments": torch.tensor([[1, 1, 1, 2, 2, 3, 0]]),
    "parents": torch.tensor([[1, 1, 1, 1, 1, 1, 0]]),
    "position_ids": torch.tensor([[0, 1, 2, 3, 4, 3, 0]]),
}
"""A text of three tokens, two that go on from it (two tokens and one), and padding."""


def seen(window: int | None = None, since: int = 0) -> list[list[int]]:
    mask = tree_mask(BATCH, torch.float32, window, since=since)[0, 0] == 0
    return [row.nonzero().flatten().tolist() for row in mask]


def test_a_token_sees_its_segment_and_what_that_goes_on_from() -> None:
    assert seen() == [[0], [0, 1], [0, 1, 2], [0, 1, 2, 3], [0, 1, 2, 3, 4], [0, 1, 2, 5], [6]]


def test_a_window_counts_positions_not_places() -> None:
    assert seen(window=2) == [[0], [0, 1], [1, 2], [2, 3], [3, 4], [2, 5], [6]]


def test_the_last_tokens_masks_can_be_made_alone() -> None:
    for window in (None, 2):
        assert seen(window, since=3) == seen(window)[3:]


def test_each_kind_of_layer_gets_its_mask() -> None:
    config = Gemma3TextConfig(
        num_hidden_layers=2, layer_types=["sliding_attention", "full_attention"], sliding_window=2
    )
    masks = attention_masks(config, BATCH, torch.float32)
    assert set(masks) == {"sliding_attention", "full_attention"}
    assert torch.equal(masks["sliding_attention"], tree_mask(BATCH, torch.float32, 2))
    assert torch.equal(masks["full_attention"], tree_mask(BATCH, torch.float32))
    assert torch.equal(attention_masks(GemmaConfig(), BATCH, torch.float32), tree_mask(BATCH, torch.float32))
