"""Loops in half precision against the same in double precision: one rounding apart."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from numba.core.caching import CompileResultCacheImpl

from schoolhelper.train import kernels
from schoolhelper.train.elementwise import (
    gated_product,
    gated_slopes,
    normed,
    normed_slope,
    shares,
    shares_slope,
    turned,
    turned_slope,
)

HIDDEN = torch.finfo(torch.bfloat16).min
"""What the library adds to the score of a place that may not be read."""


def leaf(values: torch.Tensor) -> torch.Tensor:
    return values.detach().clone().requires_grad_()


def in_half(*shape: int, size: float = 1.0) -> torch.Tensor:
    return (size * torch.randn(*shape)).bfloat16()


def assert_rounded(found: torch.Tensor, exact: torch.Tensor) -> None:
    """What a single rounding to bf16 leaves of the exact numbers (a hundredth of it more for the sums)."""
    assert found.dtype == torch.bfloat16
    torch.testing.assert_close(found.double(), exact, atol=1e-6, rtol=1.01 * 2**-8)


def test_gates_in_half_precision_are_rounded_once() -> None:
    torch.manual_seed(0)
    gated, raised, slope = in_half(37, 50, size=4), in_half(37, 50), in_half(37, 50)
    edges = torch.tensor([-300.0, -90.0, -20.0, -0.0, 0.0, 20.0, 90.0, 300.0])
    gated[0, :8] = edges.bfloat16()
    leaves = [leaf(each.double()) for each in (gated, raised)]
    exact = F.gelu(leaves[0], approximate="tanh") * leaves[1]
    exact.backward(slope.double())
    assert_rounded(gated_product(gated, raised), exact.detach())
    to_gated, to_raised, product = gated_slopes(slope, gated, raised)
    assert_rounded(product, exact.detach())
    assert_rounded(to_raised, leaves[1].grad)
    torch.testing.assert_close(to_gated.double(), leaves[0].grad, atol=2e-5, rtol=1.01 * 2**-8)
    assert gated_product(gated * float("nan"), raised).isnan().all()


def test_norms_in_half_precision_are_rounded_once() -> None:
    torch.manual_seed(0)
    states, slope, scale = in_half(3, 11, 70, size=20), in_half(3, 11, 70), torch.rand(70) + 0.5
    exact_states = leaf(states.double())
    root = (exact_states.square().mean(-1, keepdim=True) + 1e-6).sqrt()
    exact = exact_states / root * scale.double()
    exact.backward(slope.double())
    found, inverse = normed(states, scale, 1e-6)
    assert_rounded(found, exact.detach())
    torch.testing.assert_close(inverse.double(), 1 / root.detach(), check_dtype=False)
    found = normed_slope(slope, states, scale, inverse)
    torch.testing.assert_close(found.double(), exact_states.grad, atol=1e-6, rtol=1.01 * 2**-8)
    scattered = states.transpose(0, 1), slope.transpose(0, 1)
    also, inverse = normed(scattered[0], scale, 1e-6)
    assert_rounded(also.transpose(0, 1), exact.detach())
    assert torch.equal(normed_slope(scattered[1], scattered[0], scale, inverse).transpose(0, 1), found)


def test_loops_work_where_nothing_may_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CompileResultCacheImpl, "_locator_classes", [])
    add = kernels._compiled(lambda one, other: one + other)
    assert add(1, 2) == 3


def test_turned_heads_are_rounded_once() -> None:
    torch.manual_seed(0)
    states, slope = in_half(2, 5, 3 * 16, size=7), in_half(2, 3, 5, 16)
    scale, (cos, sin) = torch.rand(16) + 0.5, in_half(2, 2, 5, 16)
    exact_states = leaf(states.double())
    heads = exact_states.view(2, 5, 3, 16).transpose(1, 2)
    heads = heads / (heads.square().mean(-1, keepdim=True) + 1e-6).sqrt() * scale.double()
    swapped = torch.cat((-heads[..., 8:], heads[..., :8]), -1)
    exact = heads * cos.double()[:, None] + swapped * sin.double()[:, None]
    exact.backward(slope.double())
    for given in (states, states.transpose(0, 1).contiguous().transpose(0, 1)):
        found = turned(given, scale, 1e-6, cos, sin)
        torch.testing.assert_close(found.double(), exact.detach(), atol=2e-6, rtol=1.01 * 2**-8)
        back = turned_slope(slope, given, scale, 1e-6, cos, sin)
        torch.testing.assert_close(back.double(), exact_states.grad, atol=2e-6, rtol=1.01 * 2**-8)


def test_shares_are_rounded_once() -> None:
    """Also of scores far apart, and of tokens that may read nothing: all of it the same share."""
    torch.manual_seed(0)
    scores, slope = in_half(2, 3, 9, 11, size=40), in_half(2, 3, 9, 11)
    scores[0, 0, 0, :4] = torch.tensor([1e30, -1e30, 3e4, -3e4]).bfloat16()
    mask = torch.zeros(2, 1, 9, 11).masked_fill(torch.ones(9, 11).triu(3).bool(), HIDDEN).bfloat16()
    mask[1, 0, 4] = HIDDEN
    exact_scores = leaf(scores.double())
    exact = (exact_scores * 0.25 + mask.double()).softmax(-1)
    found = shares(scores, mask, 0.25)
    assert_rounded(found, exact.detach())
    assert_rounded(found[1, :, 4], torch.full((3, 11), 1 / 11, dtype=torch.float64))
    assert not found[0, 0, 1, 4:].any()
    exact.backward(slope.double())
    given = exact.detach().bfloat16()
    pull = slope.double() * given.double()
    of_given = (pull - given.double() * pull.sum(-1, keepdim=True)) * 0.25
    back = shares_slope(slope, given, 0.25)
    torch.testing.assert_close(back.double(), of_given, atol=1e-6, rtol=1.01 * 2**-8)
    torch.testing.assert_close(back.double(), exact_scores.grad, atol=5e-3, rtol=1e-2)
    assert shares(scores * float("nan"), mask, 0.25).isnan().all()
