"""A Gemma 3 with 8-bit weights, for writing on a CPU.

Writing a token reads every weight once, so a CPU is as fast as its memory: linear maps keep 8 bits a
weight with a scale a row (half the bytes), and the vocabulary head, most of a small Gemma, is computed
only for the tokens that an answer in Korean or English can need. Activations stay in bf16.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from schoolhelper.models.gemma3 import Checkpoint, Gemma3

FEW = 24
"""Tokens from which on rounding the weights back costs less than to multiply by 8 bits."""


@dataclass(frozen=True, slots=True)
class Int8:
    """A linear map of shape (out, in): whole numbers, and for each row what one of them is worth."""

    weight: Tensor
    scale: Tensor

    @classmethod
    def of(cls, *weights: Tensor) -> Int8:
        """The maps one above another, rounded."""
        full = torch.cat([each.detach() for each in weights]).float()
        scale = full.abs().amax(1).clamp_min(1e-8) / 127
        return cls((full / scale[:, None]).round_().to(torch.int8), scale.bfloat16())

    def __call__(self, states: Tensor) -> Tensor:
        if len(states) < FEW:
            return torch._weight_int8pack_mm(states, self.weight, self.scale)
        return F.linear(states, self.weight.bfloat16()).mul_(self.scale)


class Int8Gemma3(Gemma3):
    """A Gemma 3 in 8 bits and the head of some of its tokens; `kept` are the ids of those that can be
    written."""

    def __init__(self, checkpoint: Checkpoint, kept: Sequence[int]) -> None:
        super().__init__(checkpoint, Int8.of)
        self.kept = torch.tensor(kept)
        self._known = frozenset(kept)
        self.head = Int8.of(self.embedding[self.kept])

    def with_tokens(self, ids: Sequence[int]) -> tuple[Tensor, Int8]:
        """The tokens that can be written, these among them, and their head."""
        more = torch.tensor(sorted(set(ids) - self._known), dtype=torch.long)
        rows = Int8.of(self.embedding[more])
        weight = torch.cat([self.head.weight, rows.weight])
        return torch.cat([self.kept, more]), Int8(weight, torch.cat([self.head.scale, rows.scale]))
