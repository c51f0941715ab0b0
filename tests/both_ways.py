"""Two ways to compute the same, compared forward and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

Way = Callable[..., Tensor]


def assert_same_both_ways(ours: Way, theirs: Way, inputs: Sequence[Tensor], pull: Tensor) -> None:
    """Both give the same for `inputs`, and the same gradients where `pull` is the result's."""
    mine, yours = ([each.detach().clone().requires_grad_() for each in inputs] for _ in range(2))
    found, expected = ours(*mine), theirs(*yours)
    torch.testing.assert_close(found, expected)
    expected.backward(pull)
    found.backward(pull)
    for one, other in zip(mine, yours, strict=True):
        torch.testing.assert_close(one.grad, other.grad)
