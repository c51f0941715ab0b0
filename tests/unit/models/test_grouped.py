"""Attention of our own against the library's: values, gradients, whole models."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers.models.gemma3.modeling_gemma3 import eager_attention_forward

from both_ways import assert_same_both_ways
from schoolhelper.models.grouped import GROUPED, grouped_attention
from tiny import load_exact

IDS = torch.tensor([[2, 9, 8, 7, 30, 31, 32, 9], [2, 30, 31, 5, 6, 7, 8, 9]])


class Heads(torch.nn.Module):
    """What the library's attention asks of its module."""

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.num_key_value_groups = groups


@pytest.mark.parametrize("groups", [1, 2, 4])
@pytest.mark.parametrize("read", [6, 9])
def test_it_is_the_librarys_forward_and_back(groups: int, read: int) -> None:
    torch.manual_seed(0)
    shapes = ((3, 4, 6, 8), (3, groups, read, 8), (3, groups, read, 8))
    hidden = torch.ones(3, 1, 6, read).triu(read - 5).bool()
    mask = torch.zeros(3, 1, 6, read).masked_fill(hidden, torch.finfo(torch.float32).min)
    assert_same_both_ways(
        lambda *states: grouped_attention(*states, mask, 0.3),
        lambda *states: eager_attention_forward(Heads(4 // groups), *states, mask, scaling=0.3)[0],
        [torch.randn(shape) for shape in shapes],
        torch.randn(3, 6, 4, 8),
    )


def test_a_whole_model_says_the_same(tiny_folder: Path) -> None:
    """Those whose attention is plain are computed here, others by the library."""
    model = load_exact(tiny_folder).model
    plain = model.config.model_type != "gemma2"
    assert (model.config._attn_implementation == GROUPED) == plain
    mask = torch.tensor([[1] * 8, [1] * 5 + [0] * 3])
    with torch.no_grad():
        found = model(IDS, attention_mask=mask).logits[mask.bool()]
        model.set_attn_implementation("eager")
        expected = model(IDS, attention_mask=mask).logits[mask.bool()]
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-4)
    with torch.inference_mode():
        model.generate(IDS[:1], max_new_tokens=3, do_sample=False)
