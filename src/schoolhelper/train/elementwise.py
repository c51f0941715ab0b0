"""What training does to each number alone or to each token's state: norms and gates, forth and back.

PyTorch reads and writes whole tensors for each of their operations, many in full precision. In half
precision on a CPU each is one pass over memory instead (`kernels`).
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor


def normed(states: Tensor, scale: Tensor, eps: float) -> tuple[Tensor, Tensor]:
    """`states` (..., width) over their root mean square, times `scale` (width,) in full precision; and one
    over that root (..., 1)."""
    if not _in_one_pass(states):
        full = states.to(torch.float32, copy=True)
        inverse = torch.rsqrt(full.square().mean(-1, keepdim=True) + eps)
        return full.mul_(inverse).mul_(scale).to(states.dtype), inverse
    from schoolhelper.train import kernels

    found, inverse = torch.empty_like(states), scale.new_empty(*states.shape[:-1], 1)
    kernels.normed(_rows(states), scale.numpy(), kernels.F32(eps), _rows(found), inverse.view(-1).numpy())
    return found, inverse


def normed_slope(slope: Tensor, states: Tensor, scale: Tensor, inverse: Tensor) -> Tensor:
    """The slope over `states` from the `slope` over what `normed` made of them."""
    if not _in_one_pass(states):
        kind = states.dtype
        slope = slope * scale.to(kind)
        along = (slope * states).sum(-1, keepdim=True, dtype=torch.float32)
        along = along.mul_(inverse.square()).div_(states.shape[-1]).to(kind)
        return slope.addcmul_(states, along, value=-1).mul_(inverse.to(kind))
    from schoolhelper.train import kernels

    slope, found = slope.contiguous(), torch.empty_like(states)
    kernels.normed_slope(_rows(slope), _rows(states), scale.numpy(), inverse.view(-1).numpy(), _rows(found))
    return found


def gated_product(gated: Tensor, raised: Tensor) -> Tensor:
    """GELU (its tanh form) of `gated` times `raised`."""
    if not _in_one_pass(gated):
        return F.gelu(gated, approximate="tanh") * raised
    from schoolhelper.train import kernels

    found = torch.empty_like(gated)
    kernels.gated_product(*map(_flat, (gated, raised, found)))
    return found


def gated_slopes(slope: Tensor, gated: Tensor, raised: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """From the `slope` over what `gated_product` made of them those over `gated` and `raised`, and the
    product once more."""
    if not _in_one_pass(gated):
        opened = F.gelu(gated, approximate="tanh")
        to_gated = torch.ops.aten.gelu_backward(slope * raised, gated, approximate="tanh")
        return to_gated, slope * opened, opened * raised
    from schoolhelper.train import kernels

    found = torch.empty_like(gated), torch.empty_like(gated), torch.empty_like(gated)
    kernels.gated_slopes(*map(_flat, (slope, gated, raised, *found)))
    return found


def _in_one_pass(states: Tensor) -> bool:
    return states.dtype is torch.bfloat16 and states.device.type == "cpu" and states.is_contiguous()


def _flat(states: Tensor) -> Any:
    return states.detach().view(torch.uint16).view(-1).numpy()


def _rows(states: Tensor) -> Any:
    return _flat(states).reshape(-1, states.shape[-1])
