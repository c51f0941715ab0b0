"""A layer's whole attention in half precision: nearer to the exact one than the library's, and the library's
where ours does not serve."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
import torch
from transformers import DynamicCache, Gemma3TextConfig
from transformers.masking_utils import AttentionMaskInterface, eager_mask
from transformers.modeling_utils import AttentionInterface
from transformers.models.gemma3.modeling_gemma3 import Gemma3Attention

from schoolhelper.models import grouped
from schoolhelper.train import attention
from schoolhelper.train.attention import lean_attention

ROWS, TOKENS, WIDTH = 3, 21, 16
HIDDEN = torch.finfo(torch.bfloat16).min

Forward = Callable[..., tuple[torch.Tensor, Any]]


@pytest.fixture(name="module")
def a_module() -> Gemma3Attention:
    torch.manual_seed(0)
    AttentionInterface.register(grouped.GROUPED, grouped._attend)
    AttentionMaskInterface.register(grouped.GROUPED, eager_mask)
    sizes = {"hidden_size": 40, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": WIDTH}
    config = Gemma3TextConfig(**sizes, query_pre_attn_scalar=WIDTH, attn_implementation=grouped.GROUPED)
    module = Gemma3Attention(config, layer_idx=0).bfloat16()
    for norm in (module.q_norm, module.k_norm):
        norm.weight.data.normal_(std=0.3)
        norm.weight.requires_grad_(False)
    return module


def inputs(kind: torch.dtype) -> dict[str, Any]:
    """Of three rows: one whole, one of two examples that do not see each other, one that ends in padding."""
    torch.manual_seed(1)
    states = torch.randn(ROWS, TOKENS, 40).bfloat16()
    angles = torch.outer(torch.arange(TOKENS), 10 ** -torch.arange(0, 4, 8 / WIDTH)).repeat(1, 2)[None]
    seen = torch.ones(TOKENS, TOKENS).tril().bool().repeat(ROWS, 1, 1)
    seen[1, 8:, :8] = False
    seen[2, :, 15:] = False
    mask = torch.zeros(ROWS, 1, TOKENS, TOKENS).masked_fill(~seen[:, None], HIDDEN)
    return {
        "hidden_states": states.to(kind).requires_grad_(),
        "position_embeddings": tuple(each.bfloat16().to(kind) for each in (angles.cos(), angles.sin())),
        "attention_mask": mask.to(kind),
    }


def both_ways(forward: Forward, module: Gemma3Attention, kind: torch.dtype) -> dict[str, torch.Tensor]:
    """What comes out, and the slopes over the states and over each map's weights."""
    given = inputs(kind)
    found, _ = forward(module, **given)
    torch.manual_seed(2)
    found.backward(torch.randn(found.shape).bfloat16().to(kind))
    maps = {name: part.weight.grad for name, part in module.named_children() if name.endswith("proj")}
    return {"found": found.detach(), "states": given["hidden_states"].grad, **maps}


def test_it_is_nearer_to_the_exact_attention_than_the_librarys(module: Gemma3Attention) -> None:
    exact = both_ways(Gemma3Attention.forward, copy.deepcopy(module).double(), torch.float64)
    library = both_ways(Gemma3Attention.forward, copy.deepcopy(module), torch.bfloat16)
    ours = both_ways(lean_attention, module, torch.bfloat16)
    assert len(exact) == 6
    for name, right in exact.items():
        assert (ours[name].dtype, ours[name].shape) == (torch.bfloat16, right.shape)
        off, theirs = ((each[name].double() - right).norm() / right.norm() for each in (ours, library))
        assert off <= theirs < 0.02, name


@pytest.mark.parametrize("why", ["reads on", "no mask", "full precision", "another attention"])
def test_elsewhere_it_is_the_librarys(
    module: Gemma3Attention, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attention, "attention", None)
    given = inputs(torch.float32 if why == "full precision" else torch.bfloat16)
    if why == "full precision":
        module.float()
    if why == "no mask":
        given["attention_mask"] = None
    if why == "another attention":
        module.config._attn_implementation = "eager"
    caches = [DynamicCache() if why == "reads on" else None for _ in range(2)]
    expected, found = (
        forward(module, **given, past_key_values=cache)[0]
        for forward, cache in zip((Gemma3Attention.forward, lean_attention), caches, strict=True)
    )
    assert torch.equal(expected, found)


def test_norms_that_learn_are_refused(module: Gemma3Attention) -> None:
    module.k_norm.weight.requires_grad_(True)
    with pytest.raises(ValueError, match="frozen"):
        lean_attention(module, **inputs(torch.bfloat16))
