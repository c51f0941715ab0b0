"""What was read of texts that begin alike is kept, so that only what follows is read anew."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from threading import Lock
from typing import Generic, TypeVar

from cachetools import LRUCache

FULL = 0.9
"""The share of the memory that may be filled before anybody asked."""

Read = TypeVar("Read")

Ids = tuple[int, ...]


class Beginnings(Generic[Read]):
    """Keys and values by the tokens that were read, at most `memory` bytes of them; those used longest ago
    are forgotten first. `read` reads texts, at most `batch` at once. Threads may share it."""

    def __init__(
        self,
        memory: int,
        size: Callable[[Read], int],
        read: Callable[[Sequence[Ids]], Sequence[Read]],
        batch: int,
    ) -> None:
        self.lock = Lock()
        self.size = size
        self.read = read
        self.batch = batch
        self.kept: LRUCache[Ids, Read] = LRUCache(memory, getsizeof=size)

    def get(self, ids: Sequence[int]) -> Read | None:
        """What is kept of a text's beginning."""
        with self.lock:
            found: Read | None = self.kept.get(tuple(ids))
            return found

    def keep(self, ids: Sequence[int], read: Read) -> None:
        """Keep what was read, if there is room for it at all."""
        with self.lock:
            if self.size(read) <= self.kept.maxsize:
                self.kept[tuple(ids)] = read

    def of(self, wanted: Sequence[Ids]) -> dict[Ids, Read]:
        """What was read of each text, or is read now."""
        found = {ids: kept for ids in set(wanted) if (kept := self.get(ids)) is not None}
        missing = [ids for ids in dict.fromkeys(wanted) if ids not in found]
        for start in range(0, len(missing), self.batch):
            some = missing[start : start + self.batch]
            for ids, fresh in zip(some, self.read(some), strict=True):
                found[ids] = fresh
                self.keep(ids, fresh)
        return found

    def warm(self, wanted: Iterable[Sequence[int]]) -> None:
        """Read what will be wanted, as long as there is room, and rest as long as each takes: questions are
        answered meanwhile."""
        for ids in wanted:
            if self.kept.currsize > FULL * self.kept.maxsize:
                return
            begun = time.monotonic()
            self.of([tuple(ids)])
            time.sleep(time.monotonic() - begun)
