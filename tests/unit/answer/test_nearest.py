import pytest

import small_school
from schoolhelper.answer.nearest import Nearest


@pytest.fixture(scope="module")
def nearest() -> Nearest:
    return Nearest(small_school.entries(), small_school.embedder())


@pytest.mark.parametrize(
    ("question", "entry", "lang"),
    [
        ("도서관은 몇 시까지 열어요?", "library", "ko"),
        ("통학버스 출발 시간이 언제예요?", "bus", "ko"),
        ("Where is the health room?", "nurse", "en"),
    ],
)
def test_it_gives_the_verified_answer_of_the_nearest_wording(
    nearest: Nearest, question: str, entry: str, lang: str
) -> None:
    answer = nearest.answer(question)
    assert [each.id for each in answer.entries] == [entry]
    assert answer.text == small_school.entry(entry).answers[answer.lang]
    assert (answer.action, answer.mode, answer.lang) == ("answer", "verified", lang)


def test_the_sheets_own_wording_is_as_near_as_can_be(nearest: Nearest) -> None:
    own = nearest.answer("도서관은 몇 시까지 열어요?").confidence
    assert own == pytest.approx(1, abs=1e-3)
    assert nearest.answer("도서관 언제 닫아요?").confidence < own


def test_the_wanted_language_wins_over_the_questions(nearest: Nearest) -> None:
    assert nearest.answer("보건실은 어디에 있어요?", lang="en").text.startswith("The health room")


def test_it_never_refuses(nearest: Nearest) -> None:
    for message in ("", "오늘 주가 얼마야?", "ㅋㅋㅋ", "🙂"):
        assert nearest.answer(message).action == "answer"
