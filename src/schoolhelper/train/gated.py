"""The gated map of a layer (Shazeer, 2020, arXiv 2002.05202) with its adapters, forward and back.

As one function it keeps two tensors as wide as the layer's inside where autograd keeps four.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import Function, once_differentiable

from schoolhelper.train.elementwise import gated_product, gated_slopes
from schoolhelper.train.low_rank import (
    PARTS,
    Adapted,
    forth,
    must_be_frozen,
    to_adapters,
    to_inner,
    to_read,
)

EVEN = 64
"""The number of tokens that are read apart is a multiple: each new size costs the library a preparation,
time and memory."""

_wanted: ContextVar[Tensor | None] = ContextVar("wanted", default=None)


def gated_map(states: Tensor, gate: Adapted, up: Adapted, down: Adapted) -> Tensor:
    """`down` of the product of `up` and what GELU (its tanh form, as Gemma has it) makes of `gate`;
    `states` (..., width). The maps have no biases.

    Raises:
        ValueError: a map's own weight wants a gradient, which it would not get.
    """
    maps = (gate, up, down)
    must_be_frozen(*(each.weight for each in maps))
    scales = [each.scale for each in maps]
    tensors = [tensor for each in maps for tensor in each[:PARTS] if tensor is not None]
    return _GatedMap.apply(states, scales, *tensors)  # type: ignore[no-untyped-call, no-any-return]


@contextmanager
def wanted_only(places: Tensor) -> Iterator[None]:
    """Within, `last_gated_map` need not be right but at the tokens where `places` (rows, tokens) is true."""
    token = _wanted.set(places)
    try:
        yield
    finally:
        _wanted.reset(token)


def last_gated_map(states: Tensor, gate: Adapted, up: Adapted, down: Adapted) -> Tensor:
    """`gated_map` of a model's last layer, after which no token sees another: zero where it is not wanted,
    or right all the same."""
    wanted = _wanted.get()
    if wanted is None:
        return gated_map(states, gate, up, down)
    wanted = wanted.flatten()
    first = torch.argsort(wanted, descending=True, stable=True)
    places = first[: -(-int(wanted.sum()) // EVEN) * EVEN]
    flat = states.reshape(-1, states.shape[-1])
    found = gated_map(flat[places], gate, up, down)
    return torch.zeros_like(flat).index_copy(0, places, found).view(states.shape)


class _GatedMap(Function):
    @staticmethod
    def forward(ctx: Any, states: Tensor, scales: list[float], *tensors: Tensor) -> Any:
        weights, downs, ups = tensors[::3], tensors[1::3], tensors[2::3]
        read = states.reshape(-1, states.shape[-1])
        (gated, raised), inner, first = forth(read, weights[:2], (None, None), downs[:2], ups[:2], scales[:2])
        product = gated_product(gated, raised)
        (found,), deep, last = forth(product, weights[2:], (None,), downs[2:], ups[2:], scales[2:])
        ctx.save_for_backward(read, inner, first, gated, raised, deep, last, *weights, *ups)
        ctx.scales, ctx.shape = scales, states.shape
        return found.view(*states.shape[:-1], -1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> Any:
        read, inner, first, gated, raised, deep, last, *rest = ctx.saved_tensors
        weights, ups, scales = rest[:3], rest[3:], ctx.scales
        slopes = [grads[0].reshape(-1, grads[0].shape[-1])]
        deep_slope = to_inner(ups[2:], scales[2:], slopes)
        to_product = to_read(deep_slope, last, weights[2:], slopes)
        to_gated, to_raised, product = gated_slopes(to_product, gated, raised)
        (of_down,) = to_adapters(product, deep, deep_slope, ups[2:], scales[2:], slopes)
        slopes = [to_gated, to_raised]
        inner_slope = to_inner(ups[:2], scales[:2], slopes)
        found = None
        if ctx.needs_input_grad[0]:
            found = to_read(inner_slope, first, weights[:2], slopes).view(ctx.shape)
        of_gate, of_up = to_adapters(read, inner, inner_slope, ups[:2], scales[:2], slopes)
        return found, None, None, *of_gate, None, *of_up, None, *of_down
