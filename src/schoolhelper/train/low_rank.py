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


def forth(
    read: Tensor,
    weights: Sequence[Tensor],
    biases: Sequence[Tensor | None],
    downs: Sequence[Tensor],
    ups: Sequence[Tensor],
    scales: Sequence[float],
) -> tuple[list[Tensor], Tensor, Tensor]:
    """What maps make of `read` (n, in), (n, out) each; the products with their `down` weights (n, ranks),
    and those weights (ranks, in)."""
    down = torch.cat(list(downs))
    inner = read @ down.T
    parts = zip(
        torch.split(inner, [len(each) for each in downs], 1), weights, biases, ups, scales, strict=True
    )
    found = [
        F.linear(read, weight, bias).addmm_(part, up.T, alpha=scale)
        for part, weight, bias, up, scale in parts
    ]
    return found, inner, down


def to_inner(ups: Sequence[Tensor], scales: Sequence[float], slopes: Sequence[Tensor]) -> Tensor:
    """The slope over the products with the `down` weights (n, ranks), given those over maps' results."""
    parts = zip(slopes, ups, scales, strict=True)
    return torch.cat([(slope @ up).mul_(scale) for slope, up, scale in parts], 1)


def to_read(inner_slope: Tensor, down: Tensor, weights: Sequence[Tensor], slopes: Sequence[Tensor]) -> Tensor:
    """The slope over what maps read (n, in)."""
    found = slopes[0] @ weights[0]
    for slope, weight in zip(slopes[1:], weights[1:], strict=True):
        found.addmm_(slope, weight)
    return found.addmm_(inner_slope, down)


def to_adapters(
    read: Tensor,
    inner: Tensor,
    inner_slope: Tensor,
    ups: Sequence[Tensor],
    scales: Sequence[float],
    slopes: Sequence[Tensor],
) -> list[tuple[Tensor, Tensor]]:
    """The gradients of each map's `down` and `up`, given what the maps read and what `forth` made of it."""
    ranks = [up.shape[1] for up in ups]
    parts = zip(slopes, torch.split(inner, ranks, 1), scales, strict=True)
    to_ups = [(part.T @ slope).T.mul_(scale) for slope, part, scale in parts]
    return list(zip(torch.split(inner_slope.T @ read, ranks), to_ups, strict=True))


class _LoraLinears(Function):
    @staticmethod
    def forward(ctx: Any, states: Tensor, scales: list[float], *tensors: Tensor) -> Any:
        weights, biases, downs, ups = (tensors[part::PARTS] for part in range(PARTS))
        read = states.reshape(-1, states.shape[-1])
        found, inner, down = forth(read, weights, biases, downs, ups, scales)
        ctx.save_for_backward(read, inner, down, *weights, *ups)
        ctx.scales, ctx.shape = scales, states.shape
        return tuple(each.view(*states.shape[:-1], -1) for each in found)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> Any:
        read, inner, down, *rest = ctx.saved_tensors
        slopes = [grad.reshape(-1, grad.shape[-1]) for grad in grads]
        weights, ups = rest[: len(grads)], rest[len(grads) :]
        inner_slope = to_inner(ups, ctx.scales, slopes)
        found = None
        if ctx.needs_input_grad[0]:
            found = to_read(inner_slope, down, weights, slopes).view(ctx.shape)
        pairs = to_adapters(read, inner, inner_slope, ups, ctx.scales, slopes)
        return found, None, *(each for pair in pairs for each in (None, None, *pair))
