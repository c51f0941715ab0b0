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
EXPONENT = F32(127)
"""Powers of two are kept within this exponent; at its negative they are zero, as their bits are."""

E0, E1, E2, E3, E4, E5, E6 = (F32(math.log(2) ** n / math.factorial(n)) for n in range(7))
"""Taylor's series of 2^x; right to full precision between -1/2 and 1/2."""

MAGNITUDE, LEAST = I32(0x7FFFFFFF), I32(-0x80000000)
"""All bits but that of the sign; the least integer."""


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
def _power(exponent: Any) -> Any:
    """Two to the power of what lies within EXPONENT."""
    whole = np.floor(exponent + F32(0.5))
    x = exponent - whole
    part = E0 + x * (E1 + x * (E2 + x * (E3 + x * (E4 + x * (E5 + x * E6)))))
    return part * U32(U32(I32(whole) + I32(127)) << U32(23)).view(F32)


@_compiled
def _sigmoid(number: Any) -> Any:
    return F32(1) / (F32(1) + _power(min(max(-number * LOG2E, -EXPONENT), EXPONENT)))


@_compiled
def _flipped(bits: Any) -> Any:
    """A number's bits as an integer that is the greater the greater the number, and the other way round."""
    return I32(bits ^ I32(I32(bits >> I32(31)) & MAGNITUDE))


@_compiled
def _over(states: Any, eps: Any) -> Any:
    """One over the root mean square of `states` (width,)."""
    total = F32(0)
    for j in range(states.size):
        x = _read(states[j])
        total += x * x
    return F32(1) / np.sqrt(total / F32(states.size) + eps)


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
        over = _over(states[i], eps)
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


@_compiled
def turned(states: Bits, scale: Any, eps: Any, cos: Bits, sin: Bits, found: Bits) -> None:
    """Each head of `states` (rows, tokens, heads, width) as `normed` makes it, turned by its token's angles
    (RoPE: Su et al., 2021), whose `cos` and `sin` are (rows, tokens, width); `found` (rows, heads, tokens,
    width)."""
    rows, tokens, heads, width = states.shape
    half = width // 2
    for row in range(rows):
        for token in range(tokens):
            c, s = cos[row, token], sin[row, token]
            for head in range(heads):
                x, y = states[row, token, head], found[row, head, token]
                over = _over(x, eps)
                for j in range(half):
                    one = _read(x[j]) * over * scale[j]
                    two = _read(x[half + j]) * over * scale[half + j]
                    y[j] = _rounded(one * _read(c[j]) - two * _read(s[j]))
                    y[half + j] = _rounded(two * _read(c[half + j]) + one * _read(s[half + j]))


@_compiled
def turned_slope(slope: Bits, states: Bits, scale: Any, eps: Any, cos: Bits, sin: Bits, found: Bits) -> None:
    """The slope over `states` from the `slope` over what `turned` made of them."""
    rows, tokens, heads, width = states.shape
    half = width // 2
    back = np.empty(width, F32)
    for row in range(rows):
        for token in range(tokens):
            c, s = cos[row, token], sin[row, token]
            for head in range(heads):
                x, pull, to_x = states[row, token, head], slope[row, head, token], found[row, token, head]
                for j in range(half):
                    one, two = _read(pull[j]), _read(pull[half + j])
                    back[j] = (one * _read(c[j]) + two * _read(s[half + j])) * scale[j]
                    back[half + j] = (two * _read(c[half + j]) - one * _read(s[j])) * scale[half + j]
                over, along = _over(x, eps), F32(0)
                for j in range(width):
                    along += back[j] * _read(x[j])
                along *= over * over / F32(width)
                for j in range(width):
                    to_x[j] = _rounded((back[j] - along * _read(x[j])) * over)


@_compiled
def shares(scores: Bits, mask: Bits, scale: Any, found: Bits) -> None:
    """The softmax of `scale` times `scores` (rows, heads, tokens, read) plus `mask` (rows, tokens, read)."""
    rows, heads, tokens, read = scores.shape
    powers = np.empty(read, F32)
    for row in range(rows):
        for head in range(heads):
            for token in range(tokens):
                x, hidden, y = scores[row, head, token], mask[row, token], found[row, head, token]
                most, total = LEAST, F32(0)  # whole numbers: only their maximum is found in wide registers
                for j in range(read):
                    powers[j] = _read(x[j]) * scale + _read(hidden[j])
                    most = max(most, _flipped(F32(powers[j]).view(I32)))
                top = I32(_flipped(most)).view(F32)
                for j in range(read):
                    powers[j] = _power(max((powers[j] - top) * LOG2E, -EXPONENT))
                    total += powers[j]
                over = F32(1) / total
                for j in range(read):
                    y[j] = _rounded(powers[j] * over)


@_compiled
def shares_slope(slope: Bits, shared: Bits, scale: Any, found: Bits) -> None:
    """The slope over the scores from the `slope` over what `shares` made of them; all (n, read)."""
    rows, read = slope.shape
    for i in range(rows):
        along = F32(0)
        for j in range(read):
            along += _read(slope[i, j]) * _read(shared[i, j])
        for j in range(read):
            found[i, j] = _rounded(_read(shared[i, j]) * (_read(slope[i, j]) - along) * scale)
