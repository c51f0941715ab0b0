"""The order in which examples are learned: of like length together, and the same when a fit goes on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from transformers.trainer_pt_utils import LengthGroupedSampler


class LengthOrder(LengthGroupedSampler):  # type: ignore[misc]  # transformers is untyped
    """Batches of like length, shuffled by seed and epoch alone.

    The stock sampler draws from the global generator, so after an interruption in the middle of an
    epoch some examples would be learned twice and others never.
    """

    def __init__(self, batch: int, lengths: Sequence[int], seed: int) -> None:
        super().__init__(batch, lengths=list(lengths), generator=torch.Generator())
        self.seed = seed
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Called by the data loader at the start of each epoch."""
        self.epoch = epoch

    def __iter__(self) -> Iterator[int]:
        self.generator.manual_seed(self.seed * 1_000_003 + self.epoch)
        yield from super().__iter__()
