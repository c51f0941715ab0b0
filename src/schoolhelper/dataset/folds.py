"""Cross-validation without leaks.

Wordings of one entry are nearly the same sentence, so rows are never split at random. A fold leaves
out two things at once: some wordings of every entry (asked to see whether the chatbot understands)
and some whole entries (asked to see whether it refuses, for then nothing answers them).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from schoolhelper.records import Entry, Question

Asked = tuple[Question, str]
"""A question and the id of the entry that it belongs to."""


@dataclass(frozen=True, slots=True)
class Fold:
    """What is trained on, and what is asked: no wording is in both.

    `wordings` belong to entries in `train`; the entries of `entries` are not there at all.
    """

    number: int
    train: tuple[Entry, ...]
    wordings: tuple[Asked, ...]
    entries: tuple[Asked, ...]


def make_folds(entries: Sequence[Entry], count: int, *, seed: int, leave_entries: bool = True) -> list[Fold]:
    """Cut `entries` into `count` folds.

    Over all folds every entry is left out once (unless `leave_entries` is off) and every wording is
    asked about once while its entry stays; an entry's only wording always stays in training.

    Raises:
        ValueError: `count` is below 2 or above the number of entries.
    """
    if not 2 <= count <= len(entries):
        raise ValueError(f"cannot cut {len(entries)} entries into {count} folds")
    rng = random.Random(seed)
    places = [place % count if leave_entries else -1 for place in range(len(entries))]
    rng.shuffle(places)
    turns = [_turns(len(e.questions), count, out, rng) for e, out in zip(entries, places, strict=True)]
    return [_fold(entries, number, places, turns) for number in range(count)]


def _fold(
    entries: Sequence[Entry], number: int, places: Sequence[int], turns: Sequence[Sequence[int]]
) -> Fold:
    train, wordings, left_out = [], [], []
    for entry, place, mine in zip(entries, places, turns, strict=True):
        if place == number:
            left_out += [(question, entry.id) for question in entry.questions]
            continue
        asked = [question for question, turn in zip(entry.questions, mine, strict=True) if turn == number]
        kept = tuple(question for question in entry.questions if question not in asked)
        train.append(replace(entry, questions=kept))
        wordings += [(question, entry.id) for question in asked]
    return Fold(number, tuple(train), tuple(wordings), tuple(left_out))


def _turns(wordings: int, count: int, left_out: int, rng: random.Random) -> list[int]:
    """For each wording the fold that asks it: never the one that leaves its entry out; -1: none.

    Where there are as many wordings as folds or fewer, each fold asks at most one.
    """
    if wordings == 1:
        return [-1]
    others = [number for number in range(count) if number != left_out]
    rng.shuffle(others)
    turns = [others[place % len(others)] for place in range(wordings)]
    if len(set(turns)) == 1:  # two folds: one of them would ask every wording
        turns[0] = -1
    rng.shuffle(turns)
    return turns
