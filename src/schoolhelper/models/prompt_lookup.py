"""Several tokens a step, and several askers: what is written fast in 8 bits on a CPU."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from threading import Lock

from torch import Tensor

from schoolhelper.models.beginnings import Beginnings
from schoolhelper.models.gemma3 import Piece
from schoolhelper.models.int8 import Int8Gemma3

FEWER, MORE = 3, 7
"""Tokens that are guessed at once: up to four cost little more to read than one, up to eight twice as
much, so more are guessed after guesses that were all right."""

MATCHED = (3, 2, 1)
"""Last tokens that must have stood before, for a guess; longest first."""

MEMORY = 1 << 29
"""Bytes of keys and values of prompts' beginnings that are kept, at most; an entry takes some 1.5 MiB in
each language."""


@dataclass(eq=False, slots=True)
class _Step:
    """What one asker reads next, the head of its tokens, and what it finds: the likeliest tokens behind
    the last `asked` that it read."""

    piece: Piece
    head: Callable[[Tensor], Tensor]
    asked: int
    found: list[int] | None = None


class Int8Generator:
    """An `Int8Gemma3` that guesses what comes next from what was said before, and checks several
    guesses in one step (prompt lookup: Saxena, 2023; speculative decoding: Leviathan et al., 2023).

    What it writes is what a token a step would, but for rounding: many tokens at once are multiplied in
    another way (see `Int8`). Several askers' tokens are read in one step: whoever has the turn reads for
    all who wait. What prompts begin with is read once (at most `memory` bytes of it).
    """

    def __init__(self, model: Int8Gemma3, end: int, *, memory: int = MEMORY) -> None:
        self.model = model
        self.end = end
        self.turn = Lock()
        self.waiting: deque[_Step] = deque()
        self.known: Beginnings[Tensor] = Beginnings(
            memory, lambda cache: cache.nbytes, self._read_beginnings, batch=1
        )

    def warm(self, beginnings: Iterable[Sequence[int]]) -> None:
        self.known.warm(beginnings)

    def tokens(self, prompt: Sequence[int], limit: int, *, shared: int = 0) -> Iterator[int]:
        said = list(prompt)
        most = len(said) + limit
        kept, head = self.model.with_tokens(said)
        cache = self.model.cache(most + MORE)
        read, place, guesses = shared, len(said), []  # type: tuple[int, int, list[int]]
        if shared:
            beginning = tuple(said[:shared])
            cache[..., :shared, :] = self.known.of([beginning])[beginning]
        while len(said) < most:
            piece = Piece(said[read:] + guesses, read, cache)
            likeliest = self._likeliest(_Step(piece, head, 1 + len(guesses)))
            behind = read = len(said)
            for row, guess in zip(likeliest, [*guesses, None], strict=True):
                token = int(kept[row])
                if token == self.end or len(said) == most:
                    return
                said.append(token)
                yield token
                if token != guess:
                    break
                read += 1
            right = read - behind
            place = follows(said) or place + right + 1  # else as if one token had been exchanged
            guesses = said[place : place + (MORE if 0 < right == len(guesses) else FEWER)]

    def _read_beginnings(self, texts: Sequence[Sequence[int]]) -> list[Tensor]:
        caches = [self.model.cache(len(ids)) for ids in texts]
        with self.turn:
            self.model.step([Piece(ids, 0, cache) for ids, cache in zip(texts, caches, strict=True)])
        return caches

    def _likeliest(self, step: _Step) -> list[int]:
        """The step's findings, read together with all that wait."""
        self.waiting.append(step)
        with self.turn:
            if step.found is None:
                self._read([self.waiting.popleft() for _ in range(len(self.waiting))], step)
        assert step.found is not None
        return step.found

    def _read(self, steps: Sequence[_Step], mine: _Step) -> None:
        try:
            found = self.model.step([step.piece for step in steps])
        except BaseException:  # the others shall try without this one
            self.waiting.extend(step for step in steps if step is not mine)
            raise
        for step, states in zip(steps, found, strict=True):
            step.found = step.head(states[-step.asked :]).argmax(-1).tolist()


def follows(said: Sequence[int]) -> int | None:
    """Where it goes on behind the first place where the last tokens stood before."""
    for size in MATCHED:
        tail = said[-size:]
        for place in range(len(said) - size):
            if said[place : place + size] == tail:
                return place + size
    return None
