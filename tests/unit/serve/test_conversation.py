"""What may be sent, what the backend is told, and how an answer that fails ends."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

from schoolhelper.records import Answer, Lang, Profile, Turn
from schoolhelper.serve.conversation import (
    MAX_QUESTION,
    REMEMBERED,
    Exchange,
    is_waiting,
    keep_place,
    place,
    refusal,
    reply,
    turns,
)

DONE = Exchange("도서관은 어디예요?", "done", Answer("도서관동 1층입니다.", "ko", "answer"))


@dataclass
class Backend:
    """Says `pieces` one after the other, then raises `error`; keeps what it was told."""

    pieces: tuple[str, ...] = ()
    error: Exception | None = None
    told: list[tuple[Sequence[Turn], Profile, Lang | None]] = field(default_factory=list)

    def stream(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        profile: Profile = {},  # noqa: B006
        lang: Lang | None = None,
        today: date | None = None,
    ) -> Iterator[Answer]:
        self.told.append((history, profile, lang))
        for piece in self.pieces:
            yield Answer(piece, "ko", "answer")
        if self.error:
            raise self.error


def test_answer_grows_and_then_is_done() -> None:
    states = list(reply(Backend(("평일", "평일 17:30까지")), (DONE, Exchange("언제 닫아요?")), {}, "ko"))
    assert [state[-1].answer and state[-1].answer.text for state in states] == [
        "평일",
        "평일 17:30까지",
        "평일 17:30까지",
    ]
    assert [is_waiting(state) for state in states] == [True, True, False]
    assert all(state[0] == DONE for state in states)


def test_backend_is_told_the_earlier_turns_and_the_profile() -> None:
    backend = Backend(("네",))
    list(reply(backend, (DONE, Exchange("그럼 몇 시에 닫아?")), {"grade": "2"}, "en"))
    history, profile, lang = backend.told[0]
    assert history == (Turn("user", "도서관은 어디예요?"), Turn("assistant", "도서관동 1층입니다."))
    assert profile == {"grade": "2"}
    assert lang is None, "the question's own language"


def test_page_language_is_used_for_a_question_without_letters() -> None:
    backend = Backend(("?",))
    list(reply(backend, (Exchange("031-555-0101?"),), {}, "en"))
    assert backend.told[0][2] == "en"


def test_only_answered_and_recent_exchanges_are_remembered() -> None:
    failed = Exchange("급식은요?", "failed")
    assert turns((failed, DONE)) == turns((DONE,))
    assert len(turns((DONE,) * 50)) == 2 * REMEMBERED


@pytest.mark.parametrize(
    "backend", [Backend((), ValueError("우리 반 김하늘")), Backend(("반쯤",), OSError())]
)
def test_failure_is_logged_without_the_question_and_forgets_half_an_answer(
    backend: Backend, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        *_, last = reply(backend, (Exchange("우리 반 김하늘 번호가 뭐예요?"),), {}, "ko")
    assert last[-1] == Exchange("우리 반 김하늘 번호가 뭐예요?", "failed")
    assert len(caplog.records) == 1
    assert type(backend.error).__name__ in caplog.text
    assert "김하늘" not in caplog.text


def test_an_errors_place_is_kept_when_it_travels() -> None:
    try:
        raise ValueError("김하늘")
    except ValueError as error:
        here = place(error)
        keep_place(error)
        travelled = pickle.loads(pickle.dumps(error))
    assert Path(__file__).name in here
    with pytest.raises(ValueError, match="김하늘") as caught:
        raise travelled
    assert place(caught.value) == here


def test_backend_that_says_nothing_has_failed() -> None:
    *_, last = reply(Backend(), (Exchange("여보세요?"),), {}, "ko")
    assert last[-1].status == "failed"


def test_longest_question_is_taken_and_a_longer_one_refused() -> None:
    assert refusal((), "가" * MAX_QUESTION, "ko") == ""
    reason = refusal((), "가" * (MAX_QUESTION + 1), "ko")
    assert "500" in reason
    assert "501" in reason


def test_second_question_waits_for_the_first() -> None:
    assert refusal((Exchange("급식은요?"),), "매점은요?", "ko")
    assert refusal((DONE,), "매점은요?", "ko") == ""
