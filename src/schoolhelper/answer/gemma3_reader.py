"""What the judge reads on a CPU: the beginnings of texts once, and what follows them without padding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from schoolhelper.answer.prefix import BATCH, Text, pieces
from schoolhelper.models import Beginnings
from schoolhelper.models.gemma3 import Gemma3, Piece


class Gemma3Reader:
    """Reads with a `Gemma3`: what is new of several texts in one step, side by side."""

    def __init__(self, model: Gemma3, *, memory: int) -> None:
        self.model = model
        self.known: Beginnings[Tensor] = Beginnings(memory, lambda cache: cache.nbytes, self._read, BATCH)

    def label_logits(self, texts: Sequence[Text], tokens: list[int]) -> Tensor:
        """The logits of a few tokens behind each text, (texts, tokens), in full precision."""
        return self.last_states(texts).float() @ self.model.embedding[tokens].float().T

    def last_states(self, texts: Sequence[Text]) -> Tensor:
        """The last hidden state of each text, (texts, width)."""
        found: list[Tensor] = []
        for some in pieces(list(texts), BATCH):
            known = self.known.of([tuple(shared) for shared, _ in some])
            unread = []
            for shared, rest in some:
                cache = self.model.cache(len(shared) + len(rest))
                cache[..., : len(shared), :] = known[tuple(shared)]
                unread.append(Piece(rest, len(shared), cache))
            found += [states[-1] for states in self.model.step(unread)]
        return torch.stack(found)

    def warm(self, beginnings: Iterable[Sequence[int]]) -> None:
        """Read what will be wanted, as long as there is room."""
        self.known.warm(beginnings)

    def _read(self, texts: Sequence[tuple[int, ...]]) -> list[Tensor]:
        caches = [self.model.cache(len(ids)) for ids in texts]
        self.model.step([Piece(ids, 0, cache) for ids, cache in zip(texts, caches, strict=True)])
        return caches
