from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from schoolhelper.errors import ExamError, RunError
from schoolhelper.evaluate.exam import (
    cite_by_text,
    is_verified_text,
    leaked_questions,
    read_results,
    results_document,
    run_exam,
)
from schoolhelper.records import Answer, Entry, ExamQuestion, ExamResult, Turn
from schoolhelper.runs import write_json


class Desk:
    """Answers what it was prepared for and remembers how it was asked."""

    def __init__(self, answers: dict[str, Answer]) -> None:
        self.answers = answers
        self.asked: list[dict[str, Any]] = []

    def answer(self, question: str, **context: Any) -> Answer:
        self.asked.append({"question": question, **context})
        return self.answers[question]


def test_the_responder_gets_the_whole_question(entries: Sequence[Entry]) -> None:
    question = ExamQuestion(
        "그럼 주말에는?",
        ("library",),
        "ko",
        history=(Turn("user", "도서관 열었어?"),),
        profile={"grade": "2"},
        today=date(2026, 3, 2),
    )
    desk = Desk(
        {"그럼 주말에는?": Answer("평일만 엽니다.", "ko", "answer", entries=(entries[1],), confidence=0.8)}
    )
    done: list[tuple[int, int]] = []
    (result,) = run_exam(desk, [question], entries, progress=lambda *step: done.append(step))
    assert desk.asked == [
        {
            "question": "그럼 주말에는?",
            "history": question.history,
            "profile": {"grade": "2"},
            "lang": "ko",
            "today": date(2026, 3, 2),
        }
    ]
    assert (result.verdict, result.entries, result.confidence) == ("right", ("library",), 0.8)
    assert result.latency_ms >= 0
    assert done == [(1, 1)]


def test_offers_are_ids_of_entries_and_of_suggested_wordings(entries: Sequence[Entry]) -> None:
    question = ExamQuestion("시간 알려 줘", ("lunch",), "ko")
    suggestions = ("점심시간이 언제예요?", "시트에 없는 표현")
    answer = Answer("무엇의 시간인가요?", "ko", "clarify", entries=(entries[1],), suggestions=suggestions)
    (result,) = run_exam(Desk({"시간 알려 줘": answer}), [question], entries)
    assert result.offered == ("library", "lunch")
    assert result.verdict == "clarified"


def test_an_answer_without_citation_is_judged_by_its_text(entries: Sequence[Entry]) -> None:
    question = ExamQuestion("밥 언제 먹어?", ("lunch",), "ko")
    said = {
        "점심시간은 오후 12시 30분부터 1시 20분까지 입니다": "right",
        "점심시간은 오후 12시 30분부터 1시 30분까지입니다.": "wrong",
    }
    for words, verdict in said.items():
        desk = Desk({"밥 언제 먹어?": Answer(words, "ko", "answer")})
        assert run_exam(desk, [question], entries)[0].verdict == verdict


@pytest.mark.parametrize(
    ("words", "cited"),
    [
        ("도서관은 평일 8시 30분부터 18시까지 엽니다.", "library"),
        ("도서관은 평일에 8시 30분부터 18시까지 엽니다.", "library"),
        ("도서관은 평일 8시 30분부터 19시까지 엽니다.", None),
        ("도서관은 평일 18시 30분부터 8시까지 엽니다.", None),
        ("점심시간은 오전 12시 30분부터 1시 20분까지입니다.", None),
        ("결석 신고서를 담임 선생님께 내 주세요!", "absence"),
        ("담임 선생님께 여쭤보세요.", None),
        ("", None),
    ],
)
def test_cite_by_text(entries: Sequence[Entry], words: str, cited: str | None) -> None:
    assert cite_by_text(words, entries, "ko") == cited


def test_cite_by_text_reads_the_language_of_the_question(entries: Sequence[Entry]) -> None:
    assert cite_by_text("Lunch is from 12:30 to 13:20", entries, "en") == "lunch"
    assert cite_by_text("Lunch is from 12:30 to 13:20", entries, "ko") is None


def test_verified_text_may_differ_in_signs_but_not_in_numbers(entries: Sequence[Entry]) -> None:
    assert is_verified_text("결석 신고서를 담임선생님께 내주세요", entries[2], "ko")
    assert not is_verified_text("Lunch is from 12:3 to 0:13:20.", entries[0], "en")


def test_an_exam_in_the_sheets_own_words_is_refused(entries: Sequence[Entry]) -> None:
    seen = ExamQuestion("점심 시간이 언제예요", ("lunch",), "ko")
    new = ExamQuestion("밥 언제 먹어?", ("lunch",), "ko")
    assert leaked_questions([seen, new], entries) == [seen]
    desk = Desk({})
    with pytest.raises(ExamError) as caught:
        run_exam(desk, [new, seen], entries)
    assert seen.question in caught.value.message
    assert new.question not in caught.value.message
    assert caught.value.hint
    assert desk.asked == []


def test_many_leaks_are_counted_not_listed(entries: Sequence[Entry]) -> None:
    seen = [ExamQuestion("점심시간이 언제예요" + "?" * n, ("lunch",), "ko") for n in range(14)]
    with pytest.raises(ExamError, match="4"):
        run_exam(Desk({}), seen, entries)


def test_results_come_back_as_they_were(tmp_path: Path, make_result: Callable[..., ExamResult]) -> None:
    asked = ExamQuestion(
        "그럼 2학년은요?",
        (),
        "ko",
        "followup",
        (Turn("user", "1학년 시험은 언제예요?"), Turn("assistant", "4월 27일입니다.")),
        {"grade": "2"},
        date(2026, 4, 1),
    )
    results = [
        make_result("lunch library", "clarify", offered="lunch absence"),
        ExamResult(asked, "abstain", (), "교무실로 문의해 주세요.", "generated", 0.25, 12.5, ("lunch",)),
    ]
    path = tmp_path / "results.json"
    document = results_document(results, facts={"release": "20260302-090000"})
    write_json(path, document)
    assert read_results(path) == results
    assert (document["version"], document["facts"]) == (1, {"release": "20260302-090000"})
    assert document["summary"]["n"] == 2
    assert document["rows"][1]["expected"] == "none"


@pytest.mark.parametrize(
    "document", [{"version": 9, "rows": []}, {"rows": []}, {"version": 1, "rows": [{}]}, []]
)
def test_foreign_results_are_refused(tmp_path: Path, document: Any) -> None:
    path = tmp_path / "results.json"
    write_json(path, document)
    with pytest.raises(RunError, match=r"results\.json"):
        read_results(path)
