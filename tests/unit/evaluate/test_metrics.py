from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from schoolhelper.evaluate.metrics import (
    COUNT_OF,
    Confusion,
    aggregate,
    auroc,
    best_and_worst,
    confusions,
    coverage_curve,
    mean_sd,
    percentile,
    rate,
    summarise,
    wilson,
)
from schoolhelper.records import ExamResult

MakeResult = Callable[..., ExamResult]


@pytest.fixture
def mixed(make_result: MakeResult) -> list[ExamResult]:
    return [
        make_result("lunch", "answer", "lunch", confidence=0.9, latency_ms=10),
        make_result("lunch", "answer", "library", confidence=0.8, kind="typo", latency_ms=20),
        make_result("lunch", "clarify", offered="library lunch", confidence=0.5, latency_ms=30),
        make_result("lunch", "clarify", offered="library", confidence=0.4, latency_ms=40),
        make_result("lunch", "abstain", confidence=0.2, latency_ms=50),
        make_result("", "abstain", confidence=0.1, latency_ms=60),
        make_result("", "answer", "library", confidence=0.6, lang="en", latency_ms=70),
        make_result("", "clarify", offered="lunch", confidence=0.3, latency_ms=80),
    ]


def test_every_result_is_counted_once(mixed: list[ExamResult]) -> None:
    summary = summarise(mixed)
    expected = {
        "n": 8,
        "answerable": 5,
        "answered_right": 1,
        "answered_wrong": 2,
        "abstained_right": 1,
        "abstained_wrong": 1,
        "clarified": 3,
        "clarified_right": 1,
    }
    assert {name: summary[name] for name in expected} == expected
    assert sum(summary[name] for name in COUNT_OF.values()) == summary["n"]


def test_groups_hold_the_same_counts_and_add_up(mixed: list[ExamResult]) -> None:
    summary = summarise(mixed)
    assert summary["by_kind"]["typo"]["answered_wrong"] == 1
    assert summary["by_lang"]["en"]["n"] == 1
    for groups in (summary["by_kind"], summary["by_lang"]):
        for name in ("n", *COUNT_OF.values()):
            assert sum(group[name] for group in groups.values()) == summary[name]


def test_rates_have_the_right_denominators(mixed: list[ExamResult]) -> None:
    rates = summarise(mixed)["rates"]
    assert (rates["right_of_answers"]["count"], rates["right_of_answers"]["of"]) == (1, 3)
    assert (rates["wrong_of_unanswerable"]["count"], rates["wrong_of_unanswerable"]["of"]) == (1, 3)
    assert (rates["abstained_of_answerable"]["count"], rates["abstained_of_answerable"]["of"]) == (1, 5)
    of_answerable = [rates[name]["count"] for name in rates if name.endswith("_of_answerable")]
    assert sum(of_answerable) == 5


def test_answers_in_the_models_own_words_are_a_share_of_the_answers(mixed: list[ExamResult]) -> None:
    assert summarise(mixed)["rates"]["generated_of_answers"]["count"] == 0
    worded = [replace(result, mode="generated") for result in mixed[1:]]
    found = summarise([mixed[0], *worded])["rates"]["generated_of_answers"]
    assert (found["count"], found["of"]) == (2, 3)


def test_nothing_was_asked() -> None:
    summary = summarise([])
    assert summary["n"] == 0
    assert summary["latency_ms"] == {"p50": None, "p95": None}
    assert summary["rates"]["right_of_all"]["share"] is None
    assert summary["auroc"] is None
    assert coverage_curve([]) == []


def test_wilson_agrees_with_published_values() -> None:
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)  # Newcombe 1998, method 3
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson(20, 20)[1] == 1.0
    assert rate(0, 0) == {"count": 0, "of": 0, "share": None, "low": None, "high": None}


def test_percentiles_are_measured_values(mixed: list[ExamResult]) -> None:
    assert summarise(mixed)["latency_ms"] == {"p50": 40, "p95": 80}
    assert percentile([7.0], 0.95) == 7.0


def test_auroc_needs_both_sorts_of_questions(make_result: MakeResult) -> None:
    sure = make_result("lunch", given="lunch", confidence=0.9)
    unsure = make_result("", "abstain", confidence=0.1)
    assert auroc([sure, unsure]) == 1.0
    assert auroc([sure, sure]) is None


def test_coverage_curve_goes_from_careful_to_bold(make_result: MakeResult) -> None:
    results = [
        make_result("lunch", given="lunch", confidence=0.9),
        make_result("", given="library", confidence=0.7),
        make_result("lunch", "abstain", offered="lunch", confidence=0.4),
        make_result("lunch", "abstain", confidence=0.1),
    ]
    points = coverage_curve(results)
    assert [(p.threshold, p.wrong) for p in points] == [(0.9, 0), (0.7, 1), (0.4, 1)]
    assert [p.coverage for p in points] == pytest.approx([1 / 3, 1 / 3, 2 / 3])
    assert [p.accuracy for p in points] == pytest.approx([1, 1 / 2, 2 / 3])


def test_equal_confidence_is_one_point(make_result: MakeResult) -> None:
    results = [make_result("lunch", given=given, confidence=0.5) for given in ("lunch", "library", "lunch")]
    (point,) = coverage_curve(results)
    assert (point.coverage, point.accuracy, point.wrong) == (1.0, pytest.approx(2 / 3), 1)


def test_confusions_count_wrong_answers_only(make_result: MakeResult) -> None:
    results = [
        make_result("lunch", given="library"),
        make_result("lunch", given="library"),
        make_result("", given="absence"),
        make_result("lunch library", given="absence"),
        make_result("lunch", given=""),
        make_result("lunch", "abstain"),
        make_result("lunch", given="lunch"),
    ]
    assert confusions(results)[0] == Confusion("lunch", "library", 2)
    assert set(confusions(results)) == {
        Confusion("lunch", "library", 2),
        Confusion("none", "absence", 1),
        Confusion("lunch|library", "absence", 1),
        Confusion("lunch", "none", 1),
    }


def test_worst_are_sure_and_wrong_then_refused(mixed: list[ExamResult]) -> None:
    best, worst = best_and_worst(mixed, n=10)
    assert [result.confidence for result in best] == [0.9]
    assert [result.confidence for result in worst] == [0.8, 0.6, 0.2]


def test_aggregate_keeps_the_shape(make_result: MakeResult) -> None:
    right, wrong = make_result("lunch", given="lunch"), make_result("lunch", given="library")
    merged = aggregate([summarise([right, right]), summarise([right, wrong])])
    assert merged["answered_right"] == {"mean": 1.5, "sd": pytest.approx(0.5**0.5), "n": 2}
    assert merged["rates"]["right_of_all"]["share"]["mean"] == 0.75
    assert merged["by_kind"]["polite"]["n"]["mean"] == 2
    assert "auroc" not in merged
    assert mean_sd([3.0]) == {"mean": 3.0, "sd": None, "n": 1}
