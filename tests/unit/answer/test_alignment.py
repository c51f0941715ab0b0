"""A generated text may not misread the verified one."""

from __future__ import annotations

import pytest

from schoolhelper.answer.alignment import misread
from schoolhelper.dataset.general import load_general

POOL = (
    "수영장은 평일 09:00부터 열고 주말에는 열지 않습니다. "
    "수영모가 없으면 들어갈 수 없고, 안내실에서 빌릴 수 있습니다."
)
GYM = "The gym is open on weekdays but not on weekends. You cannot enter without indoor shoes."


@pytest.mark.parametrize(
    "said",
    [
        "주말에는 열어요.",
        "수영장은 평일 09:00부터 열지 않아요.",
        "수영모가 없어도 들어갈 수 있습니다.",
        "안내실에서 빌릴 수 없어요.",
        "네, 주말에는 열지 않아요.",
        "아니요.",
    ],
)
def test_what_is_turned_round_is_found(said: str) -> None:
    assert misread(said, [POOL], "ko")


@pytest.mark.parametrize(
    "said",
    [
        "평일에는 09:00부터 열어요.",
        "주말에는 안 열어요.",
        "수영모가 없으면 들어가실 수 없어요. 안내실에서 빌리실 수 있어요.",
        "",
    ],
)
def test_what_says_the_same_stands(said: str) -> None:
    assert not misread(said, [POOL], "ko")


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("It is open on weekdays.", False),
        ("It isn't open on weekends.", False),
        ("You can't enter without indoor shoes.", False),
        ("The gym is not open on weekdays.", True),
        ("You can enter with outdoor shoes.", True),
        ("Yes, you cannot enter without indoor shoes.", True),
        ("No.", True),
        ("Not on weekends.", False),
    ],
)
def test_english_too(said: str, wrong: bool) -> None:
    assert bool(misread(said, [GYM], "en")) == wrong


GYM_HOURS = (
    "체육관은 평일 18:00까지 열고, 도서관은 토요일 13:00까지 엽니다. 대출은 다섯 권까지, 연장은 한 번 됩니다."
)


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("도서관은 토요일 13:00까지 열어요.", False),
        ("도서관은 토요일 18:00까지 열어요.", True),
        ("책 대출은 다섯 권까지 돼요.", False),
        ("책 대출은 한 권까지 돼요.", True),
    ],
)
def test_a_number_belongs_to_its_own_clause(said: str, wrong: bool) -> None:
    assert bool(misread(said, [GYM_HOURS], "ko")) == wrong


def test_answers_that_people_worded_mostly_stand() -> None:
    worded = [each for sheet in load_general("train") for each in sheet.worded]
    doubted = sum(bool(misread(said, [entry.answer(q.lang)], q.lang)) for entry, q, said in worded)
    assert doubted < 0.18 * len(worded)
