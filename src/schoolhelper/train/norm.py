"""Gemma's norms with a backward pass of their own, whose weights are frozen.

Autograd keeps three tensors of a norm, two of them in full precision, and works through seven operations;
what the norm read and one number a token are enough.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import Function, FunctionCtx, once_differentiable

KINDS = {"GemmaRMSNorm", "Gemma2RMSNorm", "Gemma3RMSNorm"}
"""Modules that scale by one more than their weight, in full precision."""


def replace_norms(model: Any) -> None:
    """Let the model's norms, if they are of these kinds, be computed here; see `restore_norms`."""
    for module in model.modules():
        if type(module).__name__ in KINDS:
            module.forward = partial(rms_norm, weight=module.weight, eps=module.eps)


def restore_norms(model: Any) -> None:
    """Let every norm be computed by its own module again."""
    for module in model.modules():
        if type(module).__name__ in KINDS:
            vars(module).pop("forward", None)


def rms_norm(states: Tensor, weight: Tensor, eps: float) -> Tensor:
    """Root mean square norm (Zhang and Sennrich, 2019) as Gemma has it; `states` (..., width), `weight`
    (width,).

    Raises:
        ValueError: the weight wants a gradient, which it would not get.
    """
    if weight.requires_grad and torch.is_grad_enabled():
        raise ValueError("the norm must be frozen")
    found: Tensor = _RMSNorm.apply(states, 1.0 + weight.float(), eps)  # type: ignore[no-untyped-call]
    return found


class _RMSNorm(Function):
    @staticmethod
    def forward(ctx: Any, states: Tensor, scale: Tensor, eps: float) -> Any:
        full = states.float()
        inverse = torch.rsqrt(full.square().mean(-1, keepdim=True) + eps)
        ctx.save_for_backward(states, scale, inverse)
        return (full * inverse).mul_(scale).to(states.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: FunctionCtx, *grads: Tensor) -> Any:
        states, scale, inverse = ctx.saved_tensors  # type: ignore[attr-defined]
        normed = states.float() * inverse
        slope = grads[0].float() * scale
        along = (slope * normed).mean(-1, keepdim=True)
        return slope.sub_(normed.mul_(along)).mul_(inverse).to(states.dtype), None, None
