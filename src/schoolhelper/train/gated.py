"""The gated map of a layer (Shazeer, 2020, arXiv 2002.05202) with its adapters, forward and back.

As one function it keeps three tensors as wide as the layer's inside where autograd keeps four, and works
in those that it needs no more.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor
from torch.autograd.function import Function, once_differentiable

from schoolhelper.train.low_rank import PARTS, Adapted, mapped, must_be_frozen

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
        gate_weight, gate_down, gate_up, up_weight, up_down, up_up, weight, down, up = tensors
        read, downs = states.reshape(-1, states.shape[-1]), torch.cat([gate_down, up_down])
        inner = read @ downs.T
        to_gate, to_up = torch.split(inner, [len(gate_down), len(up_down)], 1)
        gated = mapped(read, to_gate, gate_weight, None, gate_up, scales[0])
        raised = mapped(read, to_up, up_weight, None, up_up, scales[1])
        opened = F.gelu(gated, approximate="tanh")
        product = opened * raised
        deep = product @ down.T
        ctx.save_for_backward(
            read,
            inner,
            gated,
            raised,
            opened,
            deep,
            downs,
            gate_weight,
            gate_up,
            up_weight,
            up_up,
            weight,
            down,
            up,
        )
        ctx.scales, ctx.shape = scales, states.shape
        return mapped(product, deep, weight, None, up, scales[2]).view(*states.shape[:-1], -1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> Any:
        read, inner, gated, raised, opened, deep, downs, *weights = ctx.saved_tensors
        gate_weight, gate_up, up_weight, up_up, weight, down, up = weights
        rank = gate_up.shape[1]
        slope = grads[0].reshape(-1, grads[0].shape[-1])
        deep_slope = (slope @ up).mul_(ctx.scales[2])
        to_product = (slope @ weight).addmm_(deep_slope, down)
        product = opened * raised
        to_down, to_up = deep_slope.T @ product, (deep.T @ slope).T.mul_(ctx.scales[2])
        raised_slope = torch.mul(to_product, opened, out=product)
        gated_slope = torch.ops.aten.gelu_backward(to_product.mul_(raised), gated, approximate="tanh")
        inner_slope = torch.cat(
            [(gated_slope @ gate_up).mul_(ctx.scales[0]), (raised_slope @ up_up).mul_(ctx.scales[1])], 1
        )
        to_states = None
        if ctx.needs_input_grad[0]:
            to_states = (gated_slope @ gate_weight).addmm_(raised_slope, up_weight)
            to_states = to_states.addmm_(inner_slope, downs).view(ctx.shape)
        to_gate_down, to_up_down = torch.split(inner_slope.T @ read, [rank, len(downs) - rank])
        to_gate_up = (inner[:, :rank].T @ gated_slope).T.mul_(ctx.scales[0])
        to_up_up = (inner[:, rank:].T @ raised_slope).T.mul_(ctx.scales[1])
        return (
            to_states,
            None,
            None,
            to_gate_down,
            to_gate_up,
            None,
            to_up_down,
            to_up_up,
            None,
            to_down,
            to_up,
        )
