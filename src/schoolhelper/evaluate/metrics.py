"""Figures from exam results. Pure: no file, no model, no clock."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schoolhelper.records import ExamResult

COUNT_OF = {
    "right": "answered_right",
    "refused_right": "abstained_right",
    "clarified": "clarified",
    "refused_wrong": "abstained_wrong",
    "wrong": "answered_wrong",
}
"""A result's verdict -> its count in the summary, in the order of a stacked bar. The five add up to `n`."""

Z_95 = 1.959963984540054
"""The normal quantile of a two-sided 95 % interval."""

NOBODY = "none"
"""Stands for "the sheet does not answer it" where ids are shown."""


def counts(results: Sequence[ExamResult]) -> dict[str, int]:
    """How many results had each verdict, and how many of the clarifications offered the right entry."""
    verdicts = Counter(result.verdict for result in results)
    return {
        "n": len(results),
        "answerable": sum(bool(result.question.expected) for result in results),
        **{name: verdicts[verdict] for verdict, name in COUNT_OF.items()},
        "clarified_right": sum(_clarified_right(result) for result in results),
    }


def summarise(results: Sequence[ExamResult]) -> dict[str, Any]:
    """The `summary` of results.json: counts, the same by kind and language, latency, rates, AUROC."""
    latencies = sorted(result.latency_ms for result in results)
    return {
        **counts(results),
        "by_kind": _grouped(results, [result.question.kind for result in results]),
        "by_lang": _grouped(results, [result.question.lang for result in results]),
        "latency_ms": {"p50": percentile(latencies, 0.5), "p95": percentile(latencies, 0.95)},
        "rates": _rates(results),
        "auroc": auroc(results),
    }


def wilson(count: int, of: int) -> tuple[float, float]:
    """The 95 % interval of the share `count / of` (Wilson 1927), which stays honest for small exams."""
    share = count / of
    centre = share + Z_95**2 / (2 * of)
    spread = Z_95 * math.sqrt(share * (1 - share) / of + Z_95**2 / (4 * of**2))
    scale = 1 + Z_95**2 / of
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def rate(count: int, of: int) -> dict[str, Any]:
    """`count` of `of` as a share with its 95 % interval; the share is None when `of` is 0."""
    if not of:
        return {"count": count, "of": of, "share": None, "low": None, "high": None}
    low, high = wilson(count, of)
    return {"count": count, "of": of, "share": count / of, "low": low, "high": high}


def auroc(results: Sequence[ExamResult]) -> float | None:
    """How well confidence tells answerable from unanswerable questions: 1 perfectly, 0.5 not at all.

    None when the exam holds only one of the two.
    """
    answerable = [bool(result.question.expected) for result in results]
    if len(set(answerable)) < 2:
        return None
    from sklearn.metrics import roc_auc_score  # takes a second to import

    return float(roc_auc_score(answerable, [result.confidence for result in results]))


@dataclass(frozen=True, slots=True)
class CoveragePoint:
    """What answering every question at or above `threshold` would give.

    `coverage` is the share of answerable questions that get an answer, `accuracy` the share of all
    given answers that are right, `wrong` the number of wrong ones.
    """

    threshold: float
    coverage: float
    accuracy: float
    wrong: int


def coverage_curve(results: Sequence[ExamResult]) -> list[CoveragePoint]:
    """One point for each distinct confidence, the most careful first.

    A question that was not answered counts with the entry that was offered first; where nothing was
    offered it stays unanswered.
    """
    answerable = sum(bool(result.question.expected) for result in results)
    could_answer = [result for result in results if result.action == "answer" or _candidate(result)]
    ranked = sorted(could_answer, key=lambda result: -result.confidence)
    points: list[CoveragePoint] = []
    covered = right = 0
    for given, result in enumerate(ranked, start=1):
        covered += bool(result.question.expected)
        right += _candidate(result) in result.question.expected
        last_of_its_confidence = given == len(ranked) or ranked[given].confidence < result.confidence
        if answerable and last_of_its_confidence:
            points.append(
                CoveragePoint(result.confidence, covered / answerable, right / given, given - right)
            )
    return points


@dataclass(frozen=True, slots=True)
class Confusion:
    """`given` was cited `count` times where `expected` was right; ids, or `none`."""

    expected: str
    given: str
    count: int


def confusions(results: Sequence[ExamResult], n: int = 10) -> list[Confusion]:
    """The most frequent wrong answers as pairs of what was expected and what was cited."""
    pairs = Counter(
        (expected_text(result), result.entries[0] if result.entries else NOBODY)
        for result in results
        if result.verdict == "wrong"
    )
    return [Confusion(expected, given, count) for (expected, given), count in pairs.most_common(n)]


def best_and_worst(results: Sequence[ExamResult], n: int = 10) -> tuple[list[ExamResult], list[ExamResult]]:
    """The `n` surest right answers, and the `n` worst results.

    Worst are wrong answers, the surest first; after them questions that were refused although the
    sheet answers them, the least sure first.
    """
    by_confidence = sorted(results, key=lambda result: -result.confidence)
    right = [result for result in by_confidence if result.verdict == "right"]
    wrong = [result for result in by_confidence if result.verdict == "wrong"]
    refused = [result for result in reversed(by_confidence) if result.verdict == "refused_wrong"]
    return right[:n], (wrong + refused)[:n]


def aggregate(summaries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Every figure of the summaries as `{"mean", "sd", "n"}`, nested as they are.

    `sd` is the sample standard deviation, None for a single value. A figure that some summaries
    lack is taken over those that have it; what is not a number is left out.
    """
    merged: dict[str, Any] = {}
    for key in dict.fromkeys(key for summary in summaries for key in summary):
        values = [summary[key] for summary in summaries if summary.get(key) is not None]
        if values and all(isinstance(value, Mapping) for value in values):
            merged[key] = aggregate(values)
        elif values and all(isinstance(value, int | float) for value in values):
            merged[key] = mean_sd(values)
    return merged


def mean_sd(values: Sequence[float]) -> dict[str, Any]:
    """Mean and sample standard deviation (None for a single value) of at least one value."""
    sd = statistics.stdev(values) if len(values) > 1 else None
    return {"mean": statistics.fmean(values), "sd": sd, "n": len(values)}


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The smallest value that at least `share` of the ordered values do not exceed (nearest rank)."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


def expected_text(result: ExamResult) -> str:
    """The expected ids as the exam file writes them."""
    return "|".join(result.question.expected) or NOBODY


def _clarified_right(result: ExamResult) -> bool:
    return result.action == "clarify" and bool(set(result.offered) & set(result.question.expected))


def _candidate(result: ExamResult) -> str | None:
    return next(iter(result.entries or result.offered), None)


def _grouped(results: Sequence[ExamResult], keys: Sequence[str]) -> dict[str, dict[str, int]]:
    groups: dict[str, list[ExamResult]] = {}
    for key, result in zip(keys, results, strict=True):
        groups.setdefault(key, []).append(result)
    return {key: counts(group) for key, group in groups.items()}


def _rates(results: Sequence[ExamResult]) -> dict[str, Any]:
    answerable = counts([result for result in results if result.question.expected])
    unanswerable = counts([result for result in results if not result.question.expected])
    right = answerable["answered_right"]
    wrong = answerable["answered_wrong"] + unanswerable["answered_wrong"]
    generated = sum(result.action == "answer" and result.mode == "generated" for result in results)
    return {
        "right_of_all": rate(right, len(results)),
        "wrong_of_all": rate(wrong, len(results)),
        "right_of_answers": rate(right, right + wrong),
        "generated_of_answers": rate(generated, right + wrong),
        "right_of_answerable": rate(right, answerable["n"]),
        "wrong_of_answerable": rate(answerable["answered_wrong"], answerable["n"]),
        "clarified_of_answerable": rate(answerable["clarified"], answerable["n"]),
        "abstained_of_answerable": rate(answerable["abstained_wrong"], answerable["n"]),
        "wrong_of_unanswerable": rate(unanswerable["answered_wrong"], unanswerable["n"]),
        "clarified_of_unanswerable": rate(unanswerable["clarified"], unanswerable["n"]),
        "abstained_of_unanswerable": rate(unanswerable["abstained_right"], unanswerable["n"]),
    }
