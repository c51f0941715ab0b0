"""Cross entropy over a large vocabulary whose head is frozen.

The head's weights need no gradient, so the hidden states' is computed at once, while the logits are
at hand, and nothing as wide as the vocabulary is kept for the backward pass: the logits of some labels
at a time, in one buffer that is used again, and the probabilities of a few.
"""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd.function import Function, FunctionCtx, once_differentiable

from schoolhelper.models import capped

ROWS = 256
"""Labels whose logits are in memory at once."""

FEW = 16
"""Labels whose probabilities are in memory at once, in full precision: they stay in the cache."""


def head_entropy(
    hidden: Tensor, weight: Tensor, bias: Tensor | None, targets: Tensor, cap: float | None
) -> tuple[Tensor, Tensor]:
    """Each label's cross entropy (full precision), and whether it is the likeliest token.

    `hidden` (labels, width); `weight` (vocabulary, width) and `bias` (vocabulary,) of the head;
    `targets` (labels,). `cap` is the soft cap on the logits that some models have (Gemma 2).

    Raises:
        ValueError: the head wants a gradient, which it would not get.
    """
    if weight.requires_grad and torch.is_grad_enabled():
        raise ValueError("the head must be frozen")
    return cast("tuple[Tensor, Tensor]", _HeadEntropy.apply(hidden, weight, bias, targets, cap))  # type: ignore[no-untyped-call]


class _HeadEntropy(Function):
    @staticmethod
    def forward(
        ctx: Any, hidden: Tensor, weight: Tensor, bias: Tensor | None, targets: Tensor, cap: float | None
    ) -> Any:
        entropy = torch.empty(len(targets), device=hidden.device)
        right = torch.empty(len(targets), dtype=torch.bool, device=hidden.device)
        slope = torch.empty_like(hidden) if ctx.needs_input_grad[0] else None
        logits = weight.new_empty(min(ROWS, len(targets)), len(weight))
        for start in range(0, len(targets), ROWS):
            part = slice(start, start + ROWS)
            rows = logits[: len(targets[part])]
            torch.mm(hidden[part], weight.T, out=rows)
            if bias is not None:
                rows += bias
            pieces = (torch.split(each, FEW) for each in (rows, targets[part], entropy[part], right[part]))
            for few, wanted, found, hit in zip(*pieces, strict=True):
                found[:], hit[:] = _compared(few, wanted, cap, become_slope=slope is not None)
            if slope is not None:
                torch.mm(rows, weight, out=slope[part])
        ctx.mark_non_differentiable(right)
        ctx.slope = slope
        return entropy, right

    @staticmethod
    @once_differentiable
    def backward(ctx: FunctionCtx, *grads: Tensor) -> Any:
        slope: Tensor = ctx.slope  # type: ignore[attr-defined]
        return (slope * grads[0][:, None]).to(slope.dtype), None, None, None, None


def _compared(
    logits: Tensor, targets: Tensor, cap: float | None, *, become_slope: bool
) -> tuple[Tensor, Tensor]:
    """Each row's entropy, and whether its target is the likeliest; with `become_slope` the logits become
    the slope of the entropy over them: the probability, less one for the target."""
    said = capped(logits, cap)
    shares = torch.softmax(said, -1)
    top, best = shares.max(-1, keepdim=True)
    places = targets[:, None]
    # The largest probability tells the softmax's divisor, however small the target's own is.
    entropy = said.gather(1, best) - top.log() - said.gather(1, places)
    if become_slope:
        shares.scatter_add_(1, places, -torch.ones_like(top))
        logits.copy_(shares if cap is None else shares.mul_(1 - (said / cap) ** 2))
    return entropy[:, 0], (best == places)[:, 0]
