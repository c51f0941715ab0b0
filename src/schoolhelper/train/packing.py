"""Many short texts in one row of tokens, none seeing another.

Questions to the judge about the same entry share its text: the row holds that once, and each question
continues from it (tree attention). Other texts share at least how a user's turn begins. So hardly a
token is padding, no entry is read twice, and no row reads the same beginning twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from schoolhelper.prompts import IGNORED, Rendered, common_start

if TYPE_CHECKING:
    from torch import Tensor


BATCH_ROW = 192
"""Tokens of a row where a recipe counts examples, not rows; attention grows with its square."""

HALVES = 2
"""Into how many parts an update's rows are shared out (see `side_by_side`)."""

EVEN = 4
"""By how many tokens tried lengths of rows differ."""


@dataclass(slots=True)
class Row:
    """Packed tokens. All lists but `verdicts` have one item a token.

    A token sees earlier tokens of its own segment and of the one that its segment continues
    (`parents`; its own number where there is none). `targets` is the token to be written next, or
    IGNORED; `examples` numbers the examples within the row; `verdicts` says for each whether it is one.
    """

    input_ids: list[int] = field(default_factory=list)
    position_ids: list[int] = field(default_factory=list)
    segments: list[int] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    targets: list[int] = field(default_factory=list)
    examples: list[int] = field(default_factory=list)
    verdicts: list[bool] = field(default_factory=list)
    trunks: list[tuple[list[int], int]] = field(default_factory=list)

    def add(self, group: Sequence[Rendered]) -> None:
        """Append examples whose first `shared` tokens are the same."""
        ids = _trunk(group[0])
        shared, trunk = len(ids), self._known(ids)
        if shared and trunk is None:
            trunk = self._segment(ids, [IGNORED] * shared, 0, None)
            self.trunks.append((ids, trunk))
        for each in group:
            # The last token is only ever a target.
            self._segment(each.input_ids[shared:-1], each.labels[shared + 1 :], shared, trunk)
            self.verdicts.append(each.verdict)

    def _segment(self, ids: list[int], targets: list[int], start: int, trunk: int | None) -> int:
        number = self.segments[-1] + 1 if self.segments else 1
        self.input_ids += ids
        self.position_ids += range(start, start + len(ids))
        self.segments += [number] * len(ids)
        self.parents += [number if trunk is None else trunk] * len(ids)
        self.targets += targets
        self.examples += [len(self.verdicts)] * len(ids)
        return number

    def has_room(self, group: Sequence[Rendered], tokens: int, limit: int) -> bool:
        """Whether a group that takes so many `tokens`, or what it does not share with the row, fits in."""
        over = len(self) + tokens - limit
        return over <= 0 or (over <= group[0].shared and self._known(_trunk(group[0])) is not None)

    def _known(self, ids: list[int]) -> int | None:
        return next((number for trunk, number in self.trunks if trunk == ids), None)

    def __len__(self) -> int:
        return len(self.input_ids)


def _trunk(rendered: Rendered) -> list[int]:
    return rendered.input_ids[: rendered.shared]


def size(group: Sequence[Rendered]) -> int:
    """Tokens that a group takes in a row."""
    shared = group[0].shared
    return shared + sum(len(each.input_ids) - 1 - shared for each in group)


def groups(rendered: Iterable[Rendered], limit: int) -> list[list[Rendered]]:
    """Neighbouring verdicts that share their first tokens, together, any other example alone; none longer
    than `limit` tokens unless a single example is."""
    found: list[list[Rendered]] = []
    for each in rendered:
        last = found[-1] if found else []
        alike = bool(each.verdict and each.shared and last) and _trunk(last[0]) == _trunk(each)
        if alike and size([*last, each]) <= limit:
            last.append(each)
        else:
            found.append([each])
    return found


def opened(rendered: Iterable[Rendered]) -> list[Rendered]:
    """The same, but those without a verdict share what all of them begin with, as far as nothing of it
    is a label or says the first one."""
    rendered = list(rendered)
    free = [each for each in rendered if not each.verdict]
    if len(free) < 2:
        return rendered
    shortest = min(_first_label(each) for each in free)
    same = common_start([each.input_ids[: shortest - 1] for each in free])
    return [each if each.verdict else replace(each, shared=same) for each in rendered]


def _first_label(each: Rendered) -> int:
    return next(place for place, label in enumerate(each.labels) if label != IGNORED)


def pack(rendered: Iterable[Rendered], limit: int) -> list[Row]:
    """Rows of at most `limit` tokens (first fit, longest groups first); 0: one example a row."""
    if not limit:
        rows: list[Row] = []
        for each in rendered:
            rows.append(Row())
            rows[-1].add([each])
        return rows
    return _first_fit(opened(rendered), limit)


def _first_fit(rendered: Iterable[Rendered], limit: int) -> list[Row]:
    rows: list[Row] = []
    for group in sorted(groups(rendered, limit), key=size, reverse=True):
        tokens = size(group)
        room = next((row for row in rows if row.has_room(group, tokens, limit)), None)
        if room is None:
            rows.append(room := Row())
        room.add(group)
    return rows


def even_rows(rendered: Sequence[Rendered], limit: int) -> list[Row]:
    """Rows of at most `limit` tokens, as `pack` makes them, of the length that leaves two threads with the
    least to do: little padding, and as many rows for the one as for the other."""
    rendered = opened(rendered)
    longest = max(size([each]) for each in rendered)
    plans = [_first_fit(rendered, width) for width in range(min(longest, limit), limit + 1, EVEN)]
    return min(plans, key=lambda rows: -(-len(rows) // HALVES) * max(map(len, rows)))


def collate(rows: Sequence[Row], pad: int, multiple: int) -> dict[str, Tensor]:
    """One batch, right-padded to a multiple of `multiple` tokens; examples are numbered through it.

    `verdicts` has one item an example, all else is (rows, tokens). Padding is segment 0.
    """
    import torch

    width = -(-max(len(row) for row in rows) // multiple) * multiple

    def table(name: str, empty: int) -> Tensor:
        lists = [list(getattr(row, name)) for row in rows]
        return torch.tensor([each + [empty] * (width - len(each)) for each in lists])

    starts = [sum(len(row.verdicts) for row in rows[:place]) for place in range(len(rows))]
    return {
        "input_ids": table("input_ids", pad),
        "position_ids": table("position_ids", 0),
        "segments": table("segments", 0),
        "parents": table("parents", 0),
        "labels": table("targets", IGNORED),
        "examples": table("examples", 0) + torch.tensor(starts)[:, None],
        "verdicts": torch.tensor([verdict for row in rows for verdict in row.verdicts]),
    }
