"""Attention whose groups of heads share their keys and values, without a copy of those for each head.

The library's plain attention repeats keys and values for every head that reads them, keeps the weights
in full precision for the way back and sums the heads' gradients again. Here the heads of a group are
rows of one matrix product, forward and back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch.autograd.function import Function, once_differentiable

if TYPE_CHECKING:
    from torch import Tensor

GROUPED = "grouped"
"""Our name for it among the library's attentions."""

PLAIN = {"gemma", "gemma3_text", "llama", "mistral", "qwen2", "qwen3"}
"""Kinds of models whose attention is a softmax of scaled products and a mask, nothing else."""


def use_grouped_attention(model: Any) -> None:
    """Let a model of one of the `PLAIN` kinds compute its attention here."""
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import eager_mask

    extras = ("attn_logit_softcapping", "attention_dropout")
    if model.config.model_type in PLAIN and not any(getattr(model.config, each, None) for each in extras):
        AttentionInterface.register(GROUPED, _attend)
        AttentionMaskInterface.register(GROUPED, eager_mask)
        model.set_attn_implementation(GROUPED)


def grouped_attention(
    queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None, scale: float
) -> Tensor:
    """Scaled dot products (Vaswani et al., 2017) with grouped heads (Ainslie et al., 2023): `queries`
    (rows, heads, tokens, width), `keys` and `values` (rows, groups, read tokens, width), an additive
    `mask` (rows, 1, tokens, read tokens); gives (rows, tokens, heads, width)."""
    found: Tensor = _Grouped.apply(queries, keys, values, mask, scale)  # type: ignore[no-untyped-call]
    return found


def _attend(
    module: Any,
    queries: Tensor,
    keys: Tensor,
    values: Tensor,
    mask: Tensor | None,
    *,
    scaling: float,
    **_: Any,
) -> tuple[Tensor, None]:
    return grouped_attention(queries, keys, values, mask, scaling), None


class _Grouped(Function):
    @staticmethod
    def forward(
        ctx: Any, queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None, scale: float
    ) -> Any:
        rows, heads, tokens, width = queries.shape
        groups, read = keys.shape[1:3]
        asked = queries.reshape(rows * groups, -1, width)
        keys, values = keys.reshape(-1, read, width), values.reshape(-1, read, width)
        scores = torch.bmm(asked, keys.transpose(1, 2)).mul_(scale)
        if mask is not None:
            scores.view(rows, heads, tokens, read).add_(mask)
        shares = torch.softmax(scores, -1)  # in full precision within
        ctx.save_for_backward(asked, keys, values, shares)
        ctx.shapes, ctx.scale = ((rows, heads, tokens, width), (rows, groups, read, width)), scale
        return torch.bmm(shares, values).view(rows, heads, tokens, width).transpose(1, 2).contiguous()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> Any:
        asked, keys, values, shares = ctx.saved_tensors
        outer, inner = ctx.shapes
        slope = grads[0].transpose(1, 2).reshape(asked.shape)
        to_values = torch.bmm(shares.transpose(1, 2), slope)
        to_shares = torch.bmm(slope, values.transpose(1, 2))
        to_scores = torch._softmax_backward_data(to_shares, shares, -1, shares.dtype).mul_(ctx.scale)
        to_queries = torch.bmm(to_scores, keys).view(outer)
        to_keys = torch.bmm(to_scores.transpose(1, 2), asked).view(inner)
        return to_queries, to_keys, to_values.view(inner), None, None
