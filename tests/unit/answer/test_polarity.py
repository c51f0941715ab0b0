"""A generated text may not turn a verified answer round."""

from __future__ import annotations

import pytest

from schoolhelper.answer.polarity import turned_round
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
    assert turned_round(said, [POOL], "ko")


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
    assert not turned_round(said, [POOL], "ko")


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
    assert bool(turned_round(said, [GYM], "en")) == wrong


def test_answers_that_people_worded_mostly_stand() -> None:
    worded = [each for sheet in load_general("train") for each in sheet.worded]
    doubted = sum(bool(turned_round(said, [entry.answer(q.lang)], q.lang)) for entry, q, said in worded)
    assert doubted < 0.1 * len(worded)
