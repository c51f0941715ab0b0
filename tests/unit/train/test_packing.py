from __future__ import annotations

import torch

from schoolhelper.models import tree_mask
from schoolhelper.prompts import IGNORED, Rendered
from schoolhelper.train.packing import collate, even_rows, groups, opened, pack, size


def judged(trunk: list[int], *branches: list[int]) -> list[Rendered]:
    """Verdicts on the same trunk; each branch ends with its label."""
    rows = []
    for branch in branches:
        ids = trunk + branch
        rows.append(Rendered(ids, [IGNORED] * (len(ids) - 1) + ids[-1:], len(trunk), True))
    return rows


def worded(ids: list[int], labels: int) -> Rendered:
    return Rendered(ids, [IGNORED] * (len(ids) - labels) + ids[-labels:])


TREE = judged([2, 10, 11], [20, 21, 5], [30, 6])
TEXT = worded([2, 40, 41, 42], 2)


def test_a_row_holds_the_trunk_once_and_every_branch_goes_on_from_it() -> None:
    (row,) = pack(TREE, 100)
    assert row.input_ids == [2, 10, 11, 20, 21, 30]
    assert row.position_ids == [0, 1, 2, 3, 4, 3]
    assert row.segments == [1, 1, 1, 2, 2, 3]
    assert row.parents == [1, 1, 1, 1, 1, 1]
    assert row.targets == [IGNORED] * 4 + [5, 6]
    assert row.verdicts == [True, True]
    assert [row.examples[place] for place in (4, 5)] == [0, 1]


def test_a_token_sees_its_trunk_and_its_own_branch_and_nothing_later() -> None:
    batch = collate(pack([*TREE, TEXT], 100), 0, 8)
    seen = tree_mask(batch, torch.float32)[0, 0] == 0
    ids = batch["input_ids"][0].tolist()

    def sees(token: int) -> list[int]:
        return [ids[place] for place in seen[ids.index(token)].nonzero().flatten().tolist()]

    assert sees(21) == [2, 10, 11, 20, 21]
    assert sees(30) == [2, 10, 11, 30]
    assert sees(11) == [2, 10, 11]
    assert sees(41) == [2, 40, 41]
    window = tree_mask(batch, torch.float32, window=2)[0, 0] == 0
    assert [ids[p] for p in window[ids.index(30)].nonzero().flatten().tolist()] == [11, 30]
    assert seen.any(-1).all()
    assert window.any(-1).all()


def test_no_row_is_longer_than_the_limit_and_nothing_is_lost() -> None:
    rendered = [each for n in range(20) for each in judged([2, n], [50 + n, 1], [70, 71, 1])]
    for limit in (8, 20, 64):
        rows = pack(rendered, limit)
        assert all(len(row) <= limit for row in rows)
        assert sum(len(row.verdicts) for row in rows) == len(rendered)
        assert sum(target != IGNORED for row in rows for target in row.targets) == len(rendered)
    assert len(pack(rendered, 64)) < len(pack(rendered, 8))


def test_a_group_that_is_too_long_is_cut_between_its_questions() -> None:
    many = judged([2, 3, 4], *([[n, 1] for n in range(10, 30)]))
    parts = groups(many, 8)
    assert [len(part) for part in parts] == [5, 5, 5, 5]
    assert all(size(part) <= 8 for part in parts)


def test_without_a_limit_every_example_has_its_row() -> None:
    rows = pack([*TREE, TEXT], 0)
    assert [len(row.verdicts) for row in rows] == [1, 1, 1]
    batch = collate(rows, 0, 8)
    assert batch["input_ids"].shape == (3, 8)
    labelled = batch["examples"][batch["labels"] != IGNORED]
    assert labelled.tolist() == [0, 1, 2, 2]
    assert batch["verdicts"].tolist() == [True, True, False]


def test_texts_that_begin_alike_share_their_beginning_in_a_row() -> None:
    texts = [worded([2, 8, 9, first, 30, 31, 32], 3) for first in (20, 21, 22)]
    assert [each.shared for each in opened([*TREE, *texts])] == [3, 3, 3, 3, 3]
    (row,) = pack(texts, 100)
    assert row.input_ids == [2, 8, 9, *([20, 30, 31, 21, 30, 31, 22, 30, 31])]
    assert row.position_ids == [0, 1, 2, *[3, 4, 5] * 3]
    assert row.parents == [1] * 12
    assert [target for target in row.targets if target != IGNORED] == [30, 31, 32] * 3
    assert [len(row) for row in pack(texts, 9)] == [9, 6]


def test_no_label_and_not_what_says_the_first_is_shared() -> None:
    same = [worded([2, 8, 9, 30], 2)] * 2
    assert [each.shared for each in opened(same)] == [1, 1]
    assert [each.shared for each in opened(same[:1])] == [0]


def test_even_rows_leave_less_padding_and_lose_nothing() -> None:
    texts = [worded([2] + [place] * length, 2) for place, length in enumerate([9, 8, 8, 7, 7, 6, 6, 5], 3)]
    wide, even = pack(texts, 24), even_rows(texts, 24)
    assert len(even) % 2 == 0
    assert len(even) * max(map(len, even)) < (len(wide) + 1) * max(map(len, wide))
    targets = [sorted(token for row in rows for token in row.targets if token > 2) for rows in (wide, even)]
    assert targets[0] == targets[1]
    read = [sorted(token for row in rows for token in row.input_ids if token != 2) for rows in (wide, even)]
    assert read[0] == read[1]
    assert all(row.input_ids.count(2) == 1 for row in (*wide, *even))


def test_a_text_longer_than_the_limit_has_a_row_of_its_own_among_even_ones() -> None:
    texts = [worded([2] + [3] * 30, 2), worded([2, 4, 5], 2), worded([2, 6, 7], 2)]
    assert sorted(len(row.verdicts) for row in even_rows(texts, 8)) == [1, 2]
