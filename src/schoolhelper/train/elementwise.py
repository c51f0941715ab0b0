"""What training does to each number alone or to each token's state: norms and gates, forth and back.

PyTorch reads and writes whole tensors for each of their operations, many in full precision. In half
precision on a CPU each is one pass over memory instead (`kernels`).
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from schoolhelper.train import kernels


def normed(states: Tensor, scale: Tensor, eps: float) -> tuple[Tensor, Tensor]:
    """`states` (..., width) over their root mean square, times `scale` (width,) in full precision; and one
    over that root (..., 1)."""
    if not is_half_on_cpu(states):
        full = states.to(torch.float32, copy=True)
        inverse = torch.rsqrt(full.square().mean(-1, keepdim=True) + eps)
        return full.mul_(inverse).mul_(scale).to(states.dtype), inverse
    found, inverse = states.new_empty(states.shape), scale.new_empty(*states.shape[:-1], 1)
    kernels.normed(_rows(states), scale.numpy(), kernels.F32(eps), _rows(found), inverse.view(-1).numpy())
    return found, inverse


def normed_slope(slope: Tensor, states: Tensor, scale: Tensor, inverse: Tensor) -> Tensor:
    """The slope over `states` from the `slope` over what `normed` made of them."""
    if not is_half_on_cpu(states):
        kind = states.dtype
        slope = slope * scale.to(kind)
        along = (slope * states).sum(-1, keepdim=True, dtype=torch.float32)
        along = along.mul_(inverse.square()).div_(states.shape[-1]).to(kind)
        return slope.addcmul_(states, along, value=-1).mul_(inverse.to(kind))
    found = states.new_empty(states.shape)
    kernels.normed_slope(_rows(slope), _rows(states), scale.numpy(), inverse.view(-1).numpy(), _rows(found))
    return found


def gated_product(gated: Tensor, raised: Tensor) -> Tensor:
    """GELU (its tanh form) of `gated` times `raised`."""
    if not is_half_on_cpu(gated):
        return F.gelu(gated, approximate="tanh") * raised
    found = gated.new_empty(gated.shape)
    kernels.gated_product(*map(_flat, (gated, raised, found)))
    return found


def gated_slopes(slope: Tensor, gated: Tensor, raised: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """From the `slope` over what `gated_product` made of them those over `gated` and `raised`, and the
    product once more."""
    if not is_half_on_cpu(gated):
        opened = F.gelu(gated, approximate="tanh")
        to_gated = torch.ops.aten.gelu_backward(slope * raised, gated, approximate="tanh")
        return to_gated, slope * opened, opened * raised
    to_gated, to_raised, product = (gated.new_empty(gated.shape) for _ in range(3))
    kernels.gated_slopes(*map(_flat, (slope, gated, raised, to_gated, to_raised, product)))
    return to_gated, to_raised, product


def turned(states: Tensor, scale: Tensor, eps: float, cos: Tensor, sin: Tensor) -> Tensor:
    """Each head of `states` (rows, tokens, heads * width) as `normed` makes it, turned by its token's
    angles, `cos` and `sin` (rows, tokens, width): (rows, heads, tokens, width). bf16 on a CPU only."""
    heads = _heads(states, cos)
    rows, tokens, many, width = heads.shape
    found = states.new_empty(rows, many, tokens, width)
    kernels.turned(heads, scale.numpy(), kernels.F32(eps), *map(_bits, (cos, sin, found)))
    return found


def turned_slope(
    slope: Tensor, states: Tensor, scale: Tensor, eps: float, cos: Tensor, sin: Tensor
) -> Tensor:
    """The slope over `states` from the `slope` over what `turned` made of them."""
    found = states.new_empty(states.shape)
    read, made, pulls, cosines, sines = (
        _heads(states, cos),
        _heads(found, cos),
        *map(_bits, (slope, cos, sin)),
    )
    kernels.turned_slope(pulls, read, scale.numpy(), kernels.F32(eps), cosines, sines, made)
    return found


def shares(scores: Tensor, mask: Tensor, scale: float) -> Tensor:
    """The softmax of `scale` times `scores` (rows, heads, tokens, read) plus `mask` (rows, 1, tokens, read).
    bf16 on a CPU only."""
    found = scores.new_empty(scores.shape)
    kernels.shares(_bits(scores), _bits(mask)[:, 0], kernels.F32(scale), _bits(found))
    return found


def shares_slope(slope: Tensor, shared: Tensor, scale: float) -> Tensor:
    """The slope over the scores from the `slope` over what `shares` made of them."""
    found = slope.new_empty(slope.shape)
    kernels.shares_slope(_rows(slope), _rows(shared), kernels.F32(scale), _rows(found))
    return found


def is_half_on_cpu(states: Tensor) -> bool:
    """Whether the loops are for such numbers."""
    return states.dtype is torch.bfloat16 and states.device.type == "cpu"


def _bits(states: Tensor) -> Any:
    """The states' own memory if it lies in one piece, as that of all new tensors does; else a copy."""
    return states.detach().contiguous().view(torch.uint16).numpy()


def _heads(states: Tensor, cos: Tensor) -> Any:
    return _bits(states).reshape(*cos.shape[:2], -1, cos.shape[2])


def _flat(states: Tensor) -> Any:
    return _bits(states).reshape(-1)


def _rows(states: Tensor) -> Any:
    return _bits(states).reshape(-1, states.shape[-1])
