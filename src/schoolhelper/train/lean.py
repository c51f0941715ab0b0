"""Backward passes of our own where a layer's frozen weights allow leaner ones than autograd's.

A norm of Gemma: autograd keeps three tensors, two of them in full precision, and works through seven
operations; what the norm read and one number a token are enough. A LoRA layer: its product is scaled and
added where the base's product lies, without a tensor as wide in between, forward and back.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor
from torch.autograd.function import Function, once_differentiable

NORMS = {"GemmaRMSNorm", "Gemma2RMSNorm", "Gemma3RMSNorm"}
"""Modules that scale by one more than their weight, in full precision."""

ADAPTER = "default"
"""PEFT's name for the adapter that is trained."""


def make_lean(model: Any) -> None:
    """Let the layers of an adapted model that can be lean be so; see `restore`."""
    for module in model.modules():
        if type(module).__name__ in NORMS:
            module.forward = partial(rms_norm, weight=module.weight, eps=module.eps)
        elif _is_plain_lora(module):
            module.forward = partial(_adapted, module)


def restore(base: Any) -> None:
    """Let the base, its adapter taken off, be computed by its own modules again."""
    for module in base.modules():
        if type(module).__name__ in NORMS:
            vars(module).pop("forward", None)


def rms_norm(states: Tensor, weight: Tensor, eps: float) -> Tensor:
    """Root mean square norm (Zhang and Sennrich, 2019) as Gemma has it; `states` (..., width), `weight`
    (width,).

    Raises:
        ValueError: the weight wants a gradient, which it would not get.
    """
    _must_be_frozen(weight)
    found: Tensor = _RMSNorm.apply(states, 1.0 + weight.float(), eps)  # type: ignore[no-untyped-call]
    return found


def lora_linear(
    states: Tensor, weight: Tensor, bias: Tensor | None, down: Tensor, up: Tensor, scale: float
) -> Tensor:
    """A frozen linear map and its adapter (Hu et al., 2021): `states` (..., in) times `weight` (out, in),
    plus `scale` times the product with `down` (rank, in) and `up` (out, rank).

    Raises:
        ValueError: the map wants a gradient, which it would not get.
    """
    _must_be_frozen(weight)
    found: Tensor = _LoraLinear.apply(states, weight, bias, down, up, scale)  # type: ignore[no-untyped-call]
    return found


def _must_be_frozen(weight: Tensor) -> None:
    if weight.requires_grad and torch.is_grad_enabled():
        raise ValueError("the weight must be frozen")


def _is_plain_lora(module: Any) -> bool:
    """Whether it is PEFT's LoRA over a linear map, without dropout or any variant."""
    if not hasattr(module, "get_base_layer") or type(module.get_base_layer()) is not torch.nn.Linear:
        return False
    return (
        list(getattr(module, "lora_A", ())) == [ADAPTER]
        and isinstance(module.lora_dropout[ADAPTER], torch.nn.Identity)
        and not module.lora_variant
        and module.lora_B[ADAPTER].bias is None
    )


def _adapted(layer: Any, states: Tensor) -> Tensor:
    base, down, up = layer.get_base_layer(), layer.lora_A[ADAPTER].weight, layer.lora_B[ADAPTER].weight
    if layer.merged or layer.disable_adapters or not states.dtype == base.weight.dtype == down.dtype:
        found: Tensor = type(layer).forward(layer, states)
        return found
    return lora_linear(states, base.weight, base.bias, down, up, layer.scaling[ADAPTER])


class _RMSNorm(Function):
    @staticmethod
    def forward(ctx: Any, states: Tensor, scale: Tensor, eps: float) -> Any:
        full = states.float()
        inverse = torch.rsqrt(full.square().mean(-1, keepdim=True) + eps)
        ctx.save_for_backward(states, scale, inverse)
        return (full * inverse).mul_(scale).to(states.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> Any:
        states, scale, inverse = ctx.saved_tensors
        kind = states.dtype
        slope = grads[0] * scale.to(kind)
        along = (slope * states).sum(-1, keepdim=True, dtype=torch.float32)
        along = along.mul_(inverse.square()).div_(states.shape[-1]).to(kind)
        return slope.addcmul_(states, along, value=-1).mul_(inverse.to(kind)), None, None


class _LoraLinear(Function):
    @staticmethod
    def forward(
        ctx: Any, states: Tensor, weight: Tensor, bias: Tensor | None, down: Tensor, up: Tensor, scale: float
    ) -> Any:
        read = states.reshape(-1, states.shape[-1])
        inner = read @ down.T
        ctx.save_for_backward(read, weight, down, up, inner)
        ctx.scale, ctx.shape = scale, states.shape
        out = F.linear(read, weight, bias).addmm_(inner, up.T, alpha=scale)
        return out.view(*states.shape[:-1], -1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> Any:
        read, weight, down, up, inner = ctx.saved_tensors
        slope = grads[0].reshape(-1, grads[0].shape[-1])
        inner_slope = (slope @ up).mul_(ctx.scale)
        to_states = None
        if ctx.needs_input_grad[0]:
            to_states = (slope @ weight).addmm_(inner_slope, down).view(ctx.shape)
        to_up = (slope.T @ inner).mul_(ctx.scale)
        return to_states, None, None, inner_slope.T @ read, to_up, None
