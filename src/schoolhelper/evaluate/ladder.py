"""Compare ways to answer on the same exam and name the one that is best for this school.

The rule: a rung's **utility** is its share of right answers minus twice its share of wrong ones, both
out of all questions, so that a wrong answer to a question which the sheet does not answer counts too.
A pupil who is told something wrong is worse off than one who is sent to the office; refusals and
clarifications are worth nothing either way. Slow rungs may be asked only a sample; what so few
questions say is shown beside the others, but only rungs that were asked the most can be the best.
Rungs within one question's worth of the highest utility count as equal; among them the one with the
fewest wrong answers wins, then the fastest.
"""

from __future__ import annotations

import hashlib
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from schoolhelper.evaluate.exam import is_verified_text, run_exam
from schoolhelper.evaluate.metrics import aggregate, mean_sd, percentile, summarise
from schoolhelper.records import Entry, ExamQuestion, ExamResult, Responder

VERSION = 1
"""Of the ladder's JSON."""

WRONG_COSTS = 2.0
"""How many right answers one wrong answer outweighs."""

Figure = dict[str, Any]
"""`{"mean", "sd", "n"}` over seeds, as `metrics.mean_sd` gives it."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One way to answer; `build(seed)` makes it, and training it may be part of that.

    A slow rung may be asked `max_questions` of the exam: a stratified sample, the same for all.
    """

    name: str
    build: Callable[[int], Responder]
    seeds: tuple[int, ...] = (0,)
    max_questions: int | None = None


@dataclass(frozen=True, slots=True)
class RungResult:
    """What a rung reached; every figure is over its seeds.

    `summary` is the aggregate of the seeds' exam summaries. `exact` is the share of answerable
    questions answered with exactly the verified text. `seconds` is wall clock for building and
    asking. The `shared_` figures and `utility` are over the questions that the rungs have in
    common with those that were asked the most, which is all that the rung itself was asked.
    """

    name: str
    seeds: tuple[int, ...]
    questions: int
    summary: dict[str, Any]
    exact: Figure | None
    seconds: Figure
    shared_right: Figure
    shared_wrong: Figure
    shared_p50_ms: Figure
    utility: Figure


@dataclass(frozen=True, slots=True)
class Ladder:
    """All rungs on one exam; `best` is the name that the rule above gives."""

    rungs: tuple[RungResult, ...]
    best: str
    shared_questions: int

    def to_json(self) -> dict[str, Any]:
        """A versioned document for `runs.write_json`."""
        return {"version": VERSION, **asdict(self)}


def run_ladder(
    rungs: Sequence[Rung],
    exam: Sequence[ExamQuestion],
    entries: Sequence[Entry],
    *,
    progress: Callable[[str, int, int], None] | None = None,
) -> Ladder:
    """Build each rung once a seed and ask it the exam, which holds at least one question.

    `progress` is told the rung's name and how many of how many questions this seed has answered.

    Raises:
        ExamError: a question of the exam stands in the sheet.
    """
    ordered = sampling_order(exam)
    shared = max(min(rung.max_questions or len(ordered), len(ordered)) for rung in rungs)
    results = tuple(_climb(rung, ordered, entries, shared, progress) for rung in rungs)
    return Ladder(results, best_rung(results, shared), shared)


def sampling_order(exam: Sequence[ExamQuestion]) -> list[ExamQuestion]:
    """The exam in an order whose every beginning is a fair sample of it.

    Fair in kind and in whether the sheet answers; within a stratum the order is by hash, so it is
    the same on every machine and owes nothing to the order in the file.
    """
    strata: dict[tuple[str, bool], list[ExamQuestion]] = defaultdict(list)
    for question in sorted(exam, key=lambda q: hashlib.sha256(repr(q).encode()).digest()):
        strata[question.kind, bool(question.expected)].append(question)
    placed = [
        ((index + 0.5) / len(stratum), question)
        for stratum in strata.values()
        for index, question in enumerate(stratum)
    ]
    return [question for _, question in sorted(placed, key=lambda place: place[0])]


def best_rung(rungs: Sequence[RungResult], shared_questions: int) -> str:
    """The name of the best rung by the rule at the top of this module."""
    most = max(rung.questions for rung in rungs)
    rungs = [rung for rung in rungs if rung.questions == most]
    top = max(rung.utility["mean"] for rung in rungs)
    least = top - 1 / shared_questions - 1e-9
    equal = [rung for rung in rungs if rung.utility["mean"] >= least]
    return min(equal, key=lambda rung: (rung.shared_wrong["mean"], rung.shared_p50_ms["mean"])).name


def _climb(
    rung: Rung,
    ordered: Sequence[ExamQuestion],
    entries: Sequence[Entry],
    shared: int,
    progress: Callable[[str, int, int], None] | None,
) -> RungResult:
    questions = ordered[: rung.max_questions]
    report = partial(progress, rung.name) if progress else None
    runs: list[list[ExamResult]] = []
    seconds: list[float] = []
    for seed in rung.seeds:
        start = time.perf_counter()
        runs.append(run_exam(rung.build(seed), questions, entries, progress=report))
        seconds.append(time.perf_counter() - start)
    exact = [share for share in (_exact(results, entries) for results in runs) if share is not None]
    right = [_share(results[:shared], "right") for results in runs]
    wrong = [_share(results[:shared], "wrong") for results in runs]
    return RungResult(
        name=rung.name,
        seeds=rung.seeds,
        questions=len(questions),
        summary=aggregate([summarise(results) for results in runs]),
        exact=mean_sd(exact) if exact else None,
        seconds=mean_sd(seconds),
        shared_right=mean_sd(right),
        shared_wrong=mean_sd(wrong),
        shared_p50_ms=mean_sd([_p50(results[:shared]) for results in runs]),
        utility=mean_sd([good - WRONG_COSTS * bad for good, bad in zip(right, wrong, strict=True)]),
    )


def _share(results: Sequence[ExamResult], verdict: str) -> float:
    return sum(result.verdict == verdict for result in results) / len(results)


def _p50(results: Sequence[ExamResult]) -> float:
    return percentile(sorted(result.latency_ms for result in results), 0.5) or 0.0


def _exact(results: Sequence[ExamResult], entries: Sequence[Entry]) -> float | None:
    by_id = {entry.id: entry for entry in entries}
    answerable = [result for result in results if result.question.expected]
    exact = sum(
        result.verdict == "right"
        and is_verified_text(result.answer, by_id[result.entries[0]], result.question.lang)
        for result in answerable
    )
    return exact / len(answerable) if answerable else None
