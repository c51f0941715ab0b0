"""Cross entropy over a large vocabulary whose head is frozen.

The head's weights need no gradient, so the hidden states' is computed at once, while the logits are
at hand, and nothing as wide as the vocabulary is kept for the backward pass. A few labels at a time,
in one buffer that is used again; its softmax in slices that stay in the processor's cache.
"""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import torch
from torch import Tensor
from torch.autograd.function import Function, FunctionCtx, once_differentiable

from schoolhelper.models import capped, causal_model

ROWS = 256
"""Labels whose logits are in memory at once."""

SLICE = 8192
"""Tokens of the vocabulary that are made exponentials of at once."""


class CutHead(NamedTuple):
    """The rows of a vocabulary head for the `tokens` (sorted ids) that a model is taught over."""

    tokens: Tensor
    weight: Tensor
    bias: Tensor | None


def cut_head(model: Any, tokens: Tensor) -> CutHead:
    """The rows of a causal model's head for `tokens` (sorted ids)."""
    head = causal_model(model).get_output_embeddings()
    bias = None if head.bias is None else head.bias.detach()[tokens]
    return CutHead(tokens, head.weight.detach()[tokens], bias)


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
            norm, right[part] = _normaliser(rows, targets[part], cap)
            entropy[part] = norm - capped(_at(rows, targets[part]), cap)
            if slope is not None:
                _become_slope(rows, targets[part], norm, cap)
                torch.mm(rows, weight, out=slope[part])
        ctx.mark_non_differentiable(right)
        ctx.slope = slope
        return entropy, right

    @staticmethod
    @once_differentiable
    def backward(ctx: FunctionCtx, *grads: Tensor) -> Any:
        slope: Tensor = ctx.slope  # type: ignore[attr-defined]
        return (slope * grads[0][:, None]).to(slope.dtype), None, None, None, None


def _normaliser(logits: Tensor, targets: Tensor, cap: float | None) -> tuple[Tensor, Tensor]:
    """Each row's logarithm of the sum of exponentials, and whether its target has the largest."""
    top, best = logits.max(dim=-1)
    top = capped(top, cap)
    total = torch.zeros_like(top)
    for part in torch.split(logits, SLICE, dim=1):
        total += capped(part, cap).sub_(top[:, None]).exp_().sum(-1)
    return top + total.log(), best == targets


def _become_slope(logits: Tensor, targets: Tensor, norm: Tensor, cap: float | None) -> None:
    """Turn logits into the slope of the entropy over them: the probability, less one for the target."""
    at_target = capped(_at(logits, targets), cap)
    for part in torch.split(logits, SLICE, dim=1):
        said = capped(part, cap)
        part.copy_(_damped((said - norm[:, None]).exp_(), said, cap))
    rows = torch.arange(len(targets), device=targets.device)
    logits[rows, targets] = _damped((at_target - norm).exp_() - 1, at_target, cap).to(logits.dtype)


def _at(logits: Tensor, targets: Tensor) -> Tensor:
    return logits.gather(1, targets[:, None])[:, 0]


def _damped(slope: Tensor, capped_logits: Tensor, cap: float | None) -> Tensor:
    """The slope over the raw logits, given the slope over the capped ones."""
    return slope * (1 - (capped_logits / cap) ** 2) if cap else slope
