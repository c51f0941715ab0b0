from __future__ import annotations

from collections.abc import Callable

import pytest

from schoolhelper.records import Action, Entry, ExamQuestion, ExamResult, Lang, Question

MakeResult = Callable[..., ExamResult]


@pytest.fixture
def entries() -> tuple[Entry, ...]:
    return (
        Entry(
            "lunch",
            (Question("점심시간이 언제예요?", "ko"), Question("When is lunch?", "en")),
            {
                "ko": "점심시간은 오후 12시 30분부터 1시 20분까지입니다.",
                "en": "Lunch is from 12:30 to 13:20.",
            },
        ),
        Entry(
            "library",
            (Question("도서관은 몇 시까지 열어요?", "ko"),),
            {"ko": "도서관은 평일 8시 30분부터 18시까지 엽니다."},
        ),
        Entry(
            "absence",
            (Question("결석하면 뭘 내야 해요?", "ko"),),
            {"ko": "결석 신고서를 담임 선생님께 내 주세요."},
        ),
    )


@pytest.fixture
def make_result() -> MakeResult:
    def make(
        expected: str = "",
        action: Action = "answer",
        given: str = "",
        *,
        confidence: float = 0.5,
        offered: str = "",
        kind: str = "polite",
        lang: Lang = "ko",
        latency_ms: float = 10.0,
        question: str = "밥은 몇 시부터 먹을 수 있나요?",
    ) -> ExamResult:
        return ExamResult(
            ExamQuestion(question, tuple(expected.split()), lang, kind),
            action,
            tuple(given.split()),
            "답변입니다.",
            "verified",
            confidence,
            latency_ms,
            tuple(offered.split()),
        )

    return make
