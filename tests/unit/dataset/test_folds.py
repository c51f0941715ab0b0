from __future__ import annotations

from collections import Counter

import pytest

from schoolhelper.dataset import Fold, make_folds
from schoolhelper.records import Entry, Question


def entries(*wordings: int) -> list[Entry]:
    """An entry for each number, with as many wordings."""
    return [
        Entry(
            f"e{i}", tuple(Question(f"{i}번 내용의 {w}번째 질문", "ko") for w in range(n)), {"ko": f"답 {i}"}
        )
        for i, n in enumerate(wordings)
    ]


SIZES = [(4, 5, 6, 1, 2, 3), (2,) * 7, (1,) * 5, (40, 1, 3), (3, 3)]
CASES = [(sizes, count) for sizes in SIZES for count in (2, 3, 5) if count <= len(sizes)]


def trained(fold: Fold) -> list[str]:
    return [question.text for entry in fold.train for question in entry.questions]


@pytest.mark.parametrize(("sizes", "count"), CASES)
def test_no_wording_is_both_trained_and_asked(sizes: tuple[int, ...], count: int) -> None:
    for fold in make_folds(entries(*sizes), count, seed=3):
        asked = {question.text for question, _ in fold.wordings + fold.entries}
        assert asked.isdisjoint(trained(fold))


@pytest.mark.parametrize(("sizes", "count"), CASES)
def test_an_entry_that_is_left_out_leaves_nothing_behind(sizes: tuple[int, ...], count: int) -> None:
    for fold in make_folds(entries(*sizes), count, seed=3):
        gone = {entry for _, entry in fold.entries}
        assert gone.isdisjoint(entry.id for entry in fold.train)
        assert {entry for _, entry in fold.wordings} <= {entry.id for entry in fold.train}


@pytest.mark.parametrize(("sizes", "count"), CASES)
def test_every_entry_is_left_out_in_one_fold_with_all_its_wordings(
    sizes: tuple[int, ...], count: int
) -> None:
    folds = make_folds(entries(*sizes), count, seed=3)
    left_out = [asked for fold in folds for asked in fold.entries]
    assert sorted(left_out, key=str) == sorted(
        ((question, entry.id) for entry in entries(*sizes) for question in entry.questions), key=str
    )
    assert all(len({fold.number for fold in folds if (q, e) in fold.entries}) == 1 for q, e in left_out)


@pytest.mark.parametrize(("sizes", "count"), CASES)
def test_every_entry_that_stays_is_still_trained_on(sizes: tuple[int, ...], count: int) -> None:
    for fold in make_folds(entries(*sizes), count, seed=3):
        assert all(entry.questions for entry in fold.train)
        assert len(fold.train) + len({entry for _, entry in fold.entries}) == len(sizes)


@pytest.mark.parametrize(("sizes", "count"), CASES)
def test_a_wording_is_asked_at_most_once_while_its_entry_stays(sizes: tuple[int, ...], count: int) -> None:
    folds = make_folds(entries(*sizes), count, seed=3)
    times = Counter(question.text for fold in folds for question, _ in fold.wordings)
    assert set(times.values()) <= {1}
    for entry in entries(*sizes):
        asked = sum(times[question.text] for question in entry.questions)
        spared = 0 if count > 2 else 1
        assert asked == (0 if len(entry.questions) == 1 else len(entry.questions) - spared)


@pytest.mark.parametrize(("sizes", "count"), CASES)
def test_without_leaving_entries_out_every_wording_but_an_only_one_is_asked_once(
    sizes: tuple[int, ...], count: int
) -> None:
    folds = make_folds(entries(*sizes), count, seed=3, leave_entries=False)
    assert all(fold.entries == () and len(fold.train) == len(sizes) for fold in folds)
    asked = [question.text for fold in folds for question, _ in fold.wordings]
    many = [q.text for entry in entries(*sizes) for q in entry.questions if len(entry.questions) > 1]
    assert sorted(asked) == sorted(many)


def test_the_folds_are_of_one_size() -> None:
    folds = make_folds(entries(*[3] * 11), 4, seed=0)
    left_out = [len({entry for _, entry in fold.entries}) for fold in folds]
    assert max(left_out) - min(left_out) <= 1


def test_an_entrys_only_wording_always_stays_in_training() -> None:
    folds = make_folds(entries(1, 1, 1), 3, seed=0)
    assert all(fold.wordings == () for fold in folds)
    assert all(len(fold.train) == 2 for fold in folds)


def test_the_seed_decides() -> None:
    school = entries(4, 5, 6, 1, 2, 3)
    assert make_folds(school, 3, seed=7) == make_folds(school, 3, seed=7)
    assert make_folds(school, 3, seed=7) != make_folds(school, 3, seed=8)


def test_answers_and_facts_of_an_entry_are_kept() -> None:
    school = [Entry("a", entries(3)[0].questions, {"ko": "답"}, topic="급식"), *entries(2, 2)]
    for fold in make_folds(school, 3, seed=1):
        assert all(
            entry.topic == "급식" and entry.answers == {"ko": "답"}
            for entry in fold.train[:1]
            if entry.id == "a"
        )


@pytest.mark.parametrize("count", [0, 1, 4])
def test_a_count_that_cannot_be_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="folds"):
        make_folds(entries(2, 2, 2), count, seed=0)
