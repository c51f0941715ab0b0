"""An update's rows in two halves, each forward and back in a thread of its own.

Two threads that share every operation wait for each other at each one, and what is not worth sharing
keeps one of them idle. With a half of the rows each they hardly ever wait. The gradients are added in a
fixed order, so the same rows always give the same bits. Rows that are only read are shared out as well.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache, reduce
from threading import Barrier
from typing import Any, TypeVar

import torch
from torch import Tensor
from torch.autograd.function import Function, once_differentiable

from schoolhelper.train.packing import HALVES

M_ARENA_MAX = -8
"""glibc's number for how many arenas there may be (mallopt(3))."""

Done = TypeVar("Done")


def halves(batch: dict[str, Tensor]) -> list[dict[str, Tensor]]:
    """Every second row of a packed batch, and the others; the batch itself where it is one row or not on
    a CPU. How many threads there are does not matter, so that the bits do not depend on it.

    Both keep the examples' numbers, so that a mean over examples is the sum of both halves' losses.
    """
    rows = batch["input_ids"]
    if rows.device.type != "cpu" or len(rows) < HALVES:
        return [batch]
    return [
        {name: values if name == "verdicts" else values[start::HALVES] for name, values in batch.items()}
        for start in range(HALVES)
    ]


def summed(
    loss: Callable[[dict[str, Tensor]], Tensor], parts: Sequence[dict[str, Tensor]], weights: Sequence[Tensor]
) -> Tensor:
    """The sum of the parts' losses, whose gradients to `weights` have been worked out already: `backward`
    only hands them over, scaled by what it is given. With one thread the parts take turns."""
    if len(parts) == 1:
        return loss(parts[0])

    def work(part: dict[str, Tensor]) -> tuple[Tensor, tuple[Tensor | None, ...]]:
        found = loss(part)
        return found.detach(), torch.autograd.grad(found, weights, allow_unused=True)

    done = on_each(parts, work)
    total = torch.stack([value for value, _ in done]).sum()
    grads = [_added(each) for each in zip(*(found for _, found in done), strict=True)]
    handed: Tensor = _HandOver.apply(total, grads, *weights)  # type: ignore[no-untyped-call]
    return handed


def on_each(parts: Sequence[dict[str, Tensor]], work: Callable[[dict[str, Tensor]], Done]) -> list[Done]:
    """What `work` makes of each part of a batch: side by side on a CPU with threads enough, else in turn."""
    on_cpu = all(part["input_ids"].device.type == "cpu" for part in parts)
    if on_cpu and len(parts) > 1 and torch.get_num_threads() >= HALVES:
        return list(_workers().map(work, parts))
    return list(map(work, parts))


def _added(grads: Sequence[Tensor | None]) -> Tensor | None:
    found = [grad for grad in grads if grad is not None]
    return reduce(torch.add, found) if found else None


@cache
def _workers() -> ThreadPoolExecutor:
    """As many threads as halves, each with its share of the threads that operations may use."""
    _share_one_arena()
    allowed = torch.get_num_threads()
    pool = ThreadPoolExecutor(HALVES, "half", torch.set_num_threads, (allowed // HALVES,))
    together = Barrier(HALVES)
    list(pool.map(lambda _: together.wait(), range(HALVES)))  # all have begun
    torch.set_num_threads(allowed)
    return pool


def _share_one_arena() -> None:
    """Where memory is glibc's: else each thread keeps what it has freed, a sixth more in all."""
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


class _HandOver(Function):
    @staticmethod
    def forward(ctx: Any, total: Tensor, grads: list[Tensor | None], *weights: Tensor) -> Any:
        ctx.grads = grads
        return total.clone()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *slopes: Tensor) -> Any:
        (slope,) = slopes
        return None, None, *(None if grad is None else grad * slope.to(grad.dtype) for grad in ctx.grads)
