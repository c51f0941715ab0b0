"""The attention of a Gemma 3 while it is trained in half precision on a CPU, forward and back.

From the maps of a layer's input to what its last map reads: norms, turns, shares and sums as one function.
It keeps what it was given and the shares, where autograd keeps four more tensors as wide as the heads, and
goes over memory a third as often.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import Function, once_differentiable

from schoolhelper.models.grouped import GROUPED
from schoolhelper.train.elementwise import is_half_on_cpu, shares, shares_slope, turned, turned_slope
from schoolhelper.train.low_rank import must_be_frozen


class Turns(NamedTuple):
    """How an attention's queries and keys are made of what it is given: each head's norm, `scales` (width,)
    in full precision and `eps`, and each token's angles, `cos` and `sin` (rows, tokens, width)."""

    scales: tuple[Tensor, Tensor]
    eps: float
    cos: Tensor
    sin: Tensor


def attention(
    queries: Tensor, keys: Tensor, values: Tensor, turns: Turns, mask: Tensor, scale: float
) -> Tensor:
    """Scaled dot products (Vaswani et al., 2017) of normed and turned queries and keys (RoPE: Su et al.,
    2021) with grouped heads (Ainslie et al., 2023), in bf16 on a CPU.

    `queries` (rows, tokens, heads * width), `keys` and `values` (rows, tokens, groups * width), an additive
    `mask` (rows, 1, tokens, tokens); gives (rows, tokens, heads * width).
    """
    found: Tensor = _Attention.apply(queries, keys, values, turns, mask, scale)  # type: ignore[no-untyped-call]
    return found


def lean_attention(
    module: Any,
    hidden_states: Tensor,
    position_embeddings: tuple[Tensor, Tensor],
    attention_mask: Tensor | None = None,
    past_key_values: Any = None,
    **options: Any,
) -> tuple[Tensor, None]:
    """What `module`, a Gemma3Attention, makes of the states; here where it can be."""
    states = hidden_states
    grouped = module.config._attn_implementation == GROUPED
    if not grouped or attention_mask is None or past_key_values is not None or not is_half_on_cpu(states):
        plain: tuple[Tensor, None] = type(module).forward(
            module, states, position_embeddings, attention_mask, past_key_values, **options
        )
        return plain
    norms = module.q_norm, module.k_norm
    must_be_frozen(*(norm.weight for norm in norms))
    query_scale, key_scale = (1.0 + norm.weight.float() for norm in norms)
    cos, sin = (each.expand(len(states), -1, -1).contiguous() for each in position_embeddings)
    found = attention(
        module.q_proj(states),
        module.k_proj(states),
        module.v_proj(states),
        Turns((query_scale, key_scale), norms[0].eps, cos, sin),
        attention_mask.expand(len(states), -1, -1, -1).contiguous(),
        module.scaling,
    )
    return module.o_proj(found), None


class _Attention(Function):
    @staticmethod
    def forward(
        ctx: Any, queries: Tensor, keys: Tensor, values: Tensor, turns: Turns, mask: Tensor, scale: float
    ) -> Any:
        asked, read, held = _heads(queries, keys, values, turns)
        rows, groups, tokens, width = read.shape
        scores = torch.bmm(asked.view(rows * groups, -1, width), read.view(-1, tokens, width).transpose(1, 2))
        shared = shares(scores.view(rows, -1, tokens, tokens), mask, scale)
        ctx.save_for_backward(queries, keys, values, shared)
        ctx.turns, ctx.scale = turns, scale
        found = torch.bmm(shared.view(rows * groups, -1, tokens), held)
        return found.view(asked.shape).transpose(1, 2).reshape(queries.shape)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> Any:
        queries, keys, values, shared = ctx.saved_tensors
        turns: Turns = ctx.turns
        asked, read, held = _heads(queries, keys, values, turns)
        rows, groups, tokens, width = read.shape
        slope = grads[0].view(rows, tokens, -1, width).transpose(1, 2).reshape(rows * groups, -1, width)
        shared = shared.view(rows * groups, -1, tokens)
        to_values = torch.bmm(shared.transpose(1, 2), slope).view(read.shape).transpose(1, 2)
        to_scores = shares_slope(torch.bmm(slope, held.transpose(1, 2)), shared, ctx.scale)
        to_asked = torch.bmm(to_scores, read.view(-1, tokens, width)).view(asked.shape)
        to_read = torch.bmm(to_scores.transpose(1, 2), asked.view(rows * groups, -1, width)).view(read.shape)
        pairs = zip((to_asked, to_read), (queries, keys), turns.scales, strict=True)
        slopes = (turned_slope(*each, turns.eps, turns.cos, turns.sin) for each in pairs)
        return *slopes, to_values.reshape(values.shape), None, None, None


def _heads(queries: Tensor, keys: Tensor, values: Tensor, turns: Turns) -> tuple[Tensor, Tensor, Tensor]:
    """The turned queries (rows, heads, tokens, width) and keys (rows, groups, tokens, width), and the values
    (rows * groups, tokens, width)."""
    asked, read = (
        turned(each, scale, turns.eps, turns.cos, turns.sin)
        for each, scale in zip((queries, keys), turns.scales, strict=True)
    )
    rows, _, tokens, width = read.shape
    held = values.view(rows, tokens, -1, width).transpose(1, 2).reshape(-1, tokens, width)
    return asked, read, held
