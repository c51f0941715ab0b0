"""Frozen linear maps with their low-rank adapters (LoRA: Hu et al., 2021), forward and back.

An adapter's products are small but many, and each reads or writes a tensor as wide as the layer. Maps
that read the same states share them: one product with all `down` weights, one sum of their gradients; and
what an adapter adds is added where the base's product lies.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor
from torch.autograd.function import Function, once_differentiable


class Adapted(NamedTuple):
    """A frozen map, `weight` (out, in) and `bias` (out,), and its adapter: `scale` times the product with
    `down` (rank, in) and `up` (out, rank)."""

    weight: Tensor
    bias: Tensor | None
    down: Tensor
    up: Tensor
    scale: float


PARTS = 4
"""Tensors of an adapted map."""


def lora_linears(states: Tensor, maps: Sequence[Adapted]) -> tuple[Tensor, ...]:
    """What each of `maps` makes of `states` (..., in): (..., out) each.

    Raises:
        ValueError: a map's own weight wants a gradient, which it would not get.
    """
    must_be_frozen(*(each.weight for each in maps))
    scales = [each.scale for each in maps]
    tensors = [tensor for each in maps for tensor in each[:PARTS]]
    return _LoraLinears.apply(states, scales, *tensors)  # type: ignore[no-untyped-call, no-any-return]


def must_be_frozen(*weights: Tensor) -> None:
    """Raise ValueError if a weight wants a gradient."""
    if torch.is_grad_enabled() and any(weight.requires_grad for weight in weights):
        raise ValueError("the weight must be frozen")


def mapped(
    read: Tensor, inner: Tensor, weight: Tensor, bias: Tensor | None, up: Tensor, scale: float
) -> Tensor:
    """The base's product of `read` (n, in) and, added in place, the adapter's, whose first is `inner`."""
    return F.linear(read, weight, bias).addmm_(inner, up.T, alpha=scale)


class _LoraLinears(Function):
    @staticmethod
    def forward(ctx: Any, states: Tensor, scales: list[float], *tensors: Tensor) -> Any:
        weights, biases, downs, ups = (tensors[part::PARTS] for part in range(PARTS))
        read, down = states.reshape(-1, states.shape[-1]), torch.cat(downs)
        inner = read @ down.T
        ctx.ranks = [len(each) for each in downs]
        ctx.save_for_backward(read, inner, down, *weights, *ups)
        ctx.scales, ctx.shape = scales, states.shape
        parts = zip(torch.split(inner, ctx.ranks, 1), weights, biases, ups, scales, strict=True)
        return tuple(mapped(read, *each).view(*states.shape[:-1], -1) for each in parts)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> Any:
        read, inner, down, *rest = ctx.saved_tensors
        weights, ups = rest[: len(grads)], rest[len(grads) :]
        slopes = [grad.reshape(-1, grad.shape[-1]) for grad in grads]
        inner_slopes = [
            (slope @ up).mul_(scale) for slope, up, scale in zip(slopes, ups, ctx.scales, strict=True)
        ]
        inner_slope = torch.cat(inner_slopes, 1)
        to_states = None
        if ctx.needs_input_grad[0]:
            to_states = slopes[0] @ weights[0]
            for slope, weight in zip(slopes[1:], weights[1:], strict=True):
                to_states.addmm_(slope, weight)
            to_states = to_states.addmm_(inner_slope, down).view(ctx.shape)
        to_downs = torch.split(inner_slope.T @ read, ctx.ranks)
        parts = zip(slopes, torch.split(inner, ctx.ranks, 1), ctx.scales, strict=True)
        to_ups = [(part.T @ slope).T.mul_(scale) for slope, part, scale in parts]
        pairs = zip(to_downs, to_ups, strict=True)
        return to_states, None, *(each for pair in pairs for each in (None, None, *pair))
