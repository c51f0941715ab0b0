from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from schoolhelper.evaluate.ladder import Rung, RungResult, best_rung, run_ladder, sampling_order
from schoolhelper.evaluate.metrics import mean_sd
from schoolhelper.records import Answer, Entry, ExamQuestion


@pytest.fixture
def exam() -> list[ExamQuestion]:
    answerable = [
        ExamQuestion(f"밥은 언제 먹나요 ({n})", ("lunch",), "ko", "polite" if n % 2 else "typo")
        for n in range(12)
    ]
    return answerable + [ExamQuestion(f"주식은 뭘 살까요 ({n})", (), "ko", "offtopic") for n in range(4)]


class Always:
    """Gives the same answer to everything."""

    def __init__(self, answer: Answer) -> None:
        self.given = answer

    def answer(self, question: str, **context: Any) -> Answer:
        return self.given


class Knows:
    """Answers about lunch and refuses the rest; the first `misses` lunch questions it gets wrong."""

    def __init__(self, entries: Sequence[Entry], misses: int) -> None:
        self.entries, self.misses = entries, misses

    def answer(self, question: str, **context: Any) -> Answer:
        if "밥" not in question:
            return Answer("학교에 문의해 주세요.", "ko", "abstain", confidence=0.1)
        self.misses -= 1
        entry = self.entries[1] if self.misses >= 0 else self.entries[0]
        return Answer(entry.answer("ko"), "ko", "answer", entries=(entry,), confidence=0.9)


def always(entry: Entry) -> Always:
    return Always(Answer(entry.answer("ko"), "ko", "answer", entries=(entry,)))


def test_figures_and_the_best(entries: Sequence[Entry], exam: list[ExamQuestion]) -> None:
    told: list[tuple[str, int, int]] = []
    ladder = run_ladder(
        [
            Rung("nearest", lambda seed: always(entries[0])),
            Rung("judge", lambda seed: Knows(entries, misses=seed), seeds=(0, 1, 2)),
        ],
        exam,
        entries,
        progress=lambda *step: told.append(step),
    )
    nearest, judge = ladder.rungs
    assert ladder.best == "judge"
    assert nearest.summary["rates"]["wrong_of_unanswerable"]["share"]["mean"] == 1.0
    assert nearest.utility == {"mean": 12 / 16 - 2 * 4 / 16, "sd": None, "n": 1}
    assert judge.shared_wrong == {"mean": pytest.approx(1 / 16), "sd": pytest.approx(1 / 16), "n": 3}
    assert judge.exact is not None
    assert judge.exact["mean"] == pytest.approx(11 / 12)
    assert (told[0], told[-1]) == (("nearest", 1, 16), ("judge", 16, 16))
    assert json.loads(json.dumps(ladder.to_json()))["best"] == "judge"


def test_a_slow_rung_is_compared_on_what_it_was_asked(
    entries: Sequence[Entry], exam: list[ExamQuestion]
) -> None:
    ladder = run_ladder(
        [
            Rung("nearest", lambda seed: always(entries[0])),
            Rung("slow", lambda seed: Knows(entries, misses=0), max_questions=8),
        ],
        exam,
        entries,
    )
    assert ladder.shared_questions == 16
    assert [rung.questions for rung in ladder.rungs] == [16, 8]
    assert ladder.rungs[1].utility["mean"] > ladder.rungs[0].utility["mean"]
    assert ladder.best == "nearest"  # a sample proves too little


def test_closed_book_answers_are_judged_by_their_text(
    entries: Sequence[Entry], exam: list[ExamQuestion]
) -> None:
    words = entries[0].answer("ko")
    ladder = run_ladder([Rung("closed", lambda seed: Always(Answer(words, "ko", "answer")))], exam, entries)
    assert ladder.rungs[0].summary["rates"]["right_of_answerable"]["share"]["mean"] == 1.0


def test_every_beginning_of_the_order_is_a_fair_sample(exam: list[ExamQuestion]) -> None:
    order = sampling_order(exam)
    assert sorted(map(repr, order)) == sorted(map(repr, exam))
    assert order == sampling_order(list(reversed(exam)))
    for size in (4, 8, 12):
        assert sum(not question.expected for question in order[:size]) == size // 4


def rung(name: str, utility: float, wrong: float, p50: float) -> RungResult:
    figure: Callable[[float], dict[str, Any]] = lambda value: mean_sd([value])  # noqa: E731
    return RungResult(
        name=name,
        seeds=(0,),
        questions=100,
        summary={},
        exact=None,
        seconds=figure(1),
        shared_right=figure(utility + 2 * wrong),
        shared_wrong=figure(wrong),
        shared_p50_ms=figure(p50),
        utility=figure(utility),
    )


def test_within_one_question_fewer_wrong_answers_win_then_speed() -> None:
    bold, careful = rung("bold", 0.70, 0.05, 10), rung("careful", 0.69, 0.02, 900)
    assert best_rung([bold, careful], 100) == "careful"
    assert best_rung([bold, careful], 1000) == "bold"
    assert best_rung([careful, rung("quick", 0.69, 0.02, 20)], 100) == "quick"
