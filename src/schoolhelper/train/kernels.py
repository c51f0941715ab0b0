"""Loops over numbers in half precision, compiled where they run (numba), one pass over memory each.

bf16 is the upper half of float32, so numbers come as their bits (uint16) and are worked on in full
precision; what is written is rounded to the nearest, ties to even, as PyTorch does. All arrays lie in one
piece. The first call of a loop ever compiles it (about half a second), which is kept on disk where
that is allowed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit

Loop = TypeVar("Loop", bound=Callable[..., Any])
Bits = Any
"""A numpy array of uint16."""

F32, U32, I32, U16 = np.float32, np.uint32, np.int32, np.uint16

ANY_ORDER = {"reassoc", "contract", "nsz"}
"""Sums may be taken in any order, so that a processor's wide registers are used; NaN stays NaN."""

SLOPE = F32(2 * math.sqrt(2 / math.pi))
"""GELU's tanh form is x times the sigmoid of SLOPE * (x + CUBIC x^3)."""

CUBIC = F32(0.044715)
LOG2E = F32(math.log2(math.e))
EXPONENT = F32(126)
"""Powers of two are kept within this exponent."""

E0, E1, E2, E3, E4, E5, E6 = (F32(math.log(2) ** n / math.factorial(n)) for n in range(7))
"""Taylor's series of 2^x; right to full precision between -1/2 and 1/2."""


def _compiled(loop: Loop) -> Loop:
    options = {"nogil": True, "fastmath": ANY_ORDER, "error_model": "numpy"}
    try:
        return cast("Loop", njit(cache=True, **options)(loop))
    except RuntimeError:  # no folder that may be written to: compiled each time
        return cast("Loop", njit(**options)(loop))


@_compiled
def _read(bits: Any) -> Any:
    return U32(U32(bits) << U32(16)).view(F32)


@_compiled
def _rounded(number: Any) -> Any:
    bits = F32(number).view(U32)
    return U16(U32(bits + U32(0x7FFF) + U32(U32(bits >> U32(16)) & U32(1))) >> U32(16))


@_compiled
def _sigmoid(number: Any) -> Any:
    power = min(max(-number * LOG2E, -EXPONENT), EXPONENT)
    whole = np.floor(power + F32(0.5))
    x = power - whole
    part = E0 + x * (E1 + x * (E2 + x * (E3 + x * (E4 + x * (E5 + x * E6)))))
    return F32(1) / (F32(1) + part * U32(U32(I32(whole) + I32(127)) << U32(23)).view(F32))


@_compiled
def gated_product(gated: Bits, raised: Bits, product: Bits) -> None:
    """GELU of `gated` times `raised`; all (n,)."""
    for i in range(gated.size):
        x = _read(gated[i])
        product[i] = _rounded(x * _sigmoid(x * SLOPE * (F32(1) + CUBIC * x * x)) * _read(raised[i]))


@_compiled
def gated_slopes(
    slope: Bits, gated: Bits, raised: Bits, to_gated: Bits, to_raised: Bits, product: Bits
) -> None:
    """From the product's `slope` those of what it is made of, and the product once more; all (n,)."""
    for i in range(gated.size):
        x, other, pull = _read(gated[i]), _read(raised[i]), _read(slope[i])
        square = CUBIC * x * x
        share = _sigmoid(x * SLOPE * (F32(1) + square))
        opened = x * share
        product[i] = _rounded(opened * other)
        to_raised[i] = _rounded(pull * opened)
        steep = share + opened * (F32(1) - share) * SLOPE * (F32(1) + F32(3) * square)
        to_gated[i] = _rounded(pull * other * steep)


@_compiled
def normed(states: Bits, scale: Any, eps: Any, found: Bits, inverse: Any) -> None:
    """Each row of `states` (n, width) over its root mean square, times `scale` (width,); `inverse` (n,)
    is one over that root."""
    rows, width = states.shape
    for i in range(rows):
        total = F32(0)
        for j in range(width):
            x = _read(states[i, j])
            total += x * x
        over = F32(1) / np.sqrt(total / F32(width) + eps)
        inverse[i] = over
        for j in range(width):
            found[i, j] = _rounded(_read(states[i, j]) * over * scale[j])


@_compiled
def normed_slope(slope: Bits, states: Bits, scale: Any, inverse: Any, found: Bits) -> None:
    """The slope over `states` (n, width) from the `slope` over what `normed` made of them."""
    rows, width = states.shape
    for i in range(rows):
        over, along = inverse[i], F32(0)
        for j in range(width):
            along += _read(slope[i, j]) * scale[j] * _read(states[i, j])
        along *= over * over / F32(width)
        for j in range(width):
            found[i, j] = _rounded((_read(slope[i, j]) * scale[j] - along * _read(states[i, j])) * over)
