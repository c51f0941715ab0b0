"""Everything that decides about answering, fitted on the sheet's own wordings, never on an exam.

Each fold asks wordings whose entry is there (right: that entry) and wordings whose whole entry is not
(right: nothing). Where a judge takes part, it is one that has seen neither.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from schoolhelper.answer.decide import Calibrator, candidate_features, fit_calibrator, rejudged
from schoolhelper.answer.judge import Judge, judge_example
from schoolhelper.answer.resolve import variants
from schoolhelper.dataset import Asked, Fold, make_folds
from schoolhelper.dataset.general import GeneralSheet
from schoolhelper.errors import RunError
from schoolhelper.messages import text
from schoolhelper.records import Entry, Passage, Question
from schoolhelper.retrieve import Embedder, Remembered, Retriever, Weights, fit_weights
from schoolhelper.runs import read_json, write_json

FOLDS = 5
"""Into how many folds a sheet is cut where nobody says otherwise."""

ANSWERABLE = 2 / 3
"""The share of what students ask that the sheet answers, for the probability to mean what it says:
folds and near misses ask far more that it does not."""

GENERAL_EACH = 2
"""Questions of each kind that are asked about each general entry."""

GENERAL_CANDIDATES = 3

FALLBACK = Calibrator(("wording",), (60.0,), -54.0)
"""For a sheet too small to calibrate: about even odds at a cosine of 0.9 with a known wording."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a release remembers of its calibration.

    `auc` is of answerable against unanswerable questions, out of fold; `curve` lists (caution, share
    of answerable questions answered right, share of all questions answered wrong) on the same.
    """

    weights: Weights
    judge_weight: float
    calibrator: Calibrator
    auc: float
    curve: tuple[tuple[float, float, float], ...]

    def save(self, path: Path) -> None:
        """Write as JSON."""
        write_json(path, {"version": 1, **asdict(self)})

    @classmethod
    def load(cls, path: Path) -> Thresholds:
        """Read what `save` wrote.

        Raises:
            RunError: the file is missing or damaged.
        """
        saved: dict[str, Any] = read_json(path)
        try:
            fitted = saved["calibrator"]
            return cls(
                Weights(**saved["weights"]),
                float(saved["judge_weight"]),
                Calibrator(tuple(fitted["names"]), tuple(fitted["weights"]), float(fitted["intercept"])),
                float(saved["auc"]),
                tuple((float(c), float(r), float(w)) for c, r, w in saved["curve"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise RunError(
                text("errors.file_damaged", path=path, error=repr(error)), text("errors.file_damaged_hint")
            ) from None


@dataclass(frozen=True, slots=True)
class Case:
    """A question as a fold asked it (-1: a general one): its candidates, and the ids that would be
    right."""

    question: Question
    entry: str
    fold: int
    passages: tuple[Passage, ...]
    right: frozenset[str]

    def is_right(self) -> bool:
        """Whether the first candidate answers the question."""
        return bool(self.passages) and self.passages[0].entry.id in self.right


@dataclass(frozen=True, slots=True)
class AskedFolds:
    """Folds over a sheet, a retriever of each one's training part, and how it did on the rest."""

    entries: tuple[Entry, ...]
    folds: list[Fold]
    retrievers: list[Retriever]
    weights: Weights
    cases: list[list[Case]]


def ask_folds(
    entries: Sequence[Entry], count: int, embedder: Embedder, *, seed: int, candidates: int
) -> AskedFolds:
    """Ask every wording of the sheet of an index that does not hold it (or its whole entry).

    A sheet of one entry cannot be cut and gives no folds.
    """
    folds = make_folds(entries, min(count, len(entries)), seed=seed) if len(entries) > 1 else []
    remembered = embedder if isinstance(embedder, Remembered) else Remembered(embedder)
    retrievers = [Retriever(fold.train, remembered) for fold in folds]
    weights = fit_retrieval(folds, retrievers, entries)
    for retriever in retrievers:
        retriever.weights = weights
    pairs = zip(folds, retrievers, strict=True)
    cases = [ask_fold(fold, retriever, entries, candidates) for fold, retriever in pairs]
    return AskedFolds(tuple(entries), folds, retrievers, weights, cases)


def families(entries: Sequence[Entry]) -> dict[str, frozenset[str]]:
    """For each entry the ids that answer its questions: itself and its variants for other people."""
    return {e.id: frozenset({e.id, *(v.id for v in variants(e, entries, {}))}) for e in entries}


def ask_fold(fold: Fold, retriever: Retriever, entries: Sequence[Entry], candidates: int) -> list[Case]:
    """Ask a fold's questions of a retriever that holds only `fold.train`.

    `entries` is the whole sheet. A left-out entry's variants for other people are kept from
    answering for it.
    """
    family = families(entries)
    present = {entry.id for entry in fold.train}
    asked: list[Asked] = [*fold.wordings, *fold.entries]
    scored = retriever.score([question.text for question, _ in asked])
    cases = []
    for row, (question, entry) in enumerate(asked):
        answerable = entry in present
        possible = np.array([answerable or each.id not in family[entry] for each in retriever.entries])
        passages = tuple(retriever.passages(scored, row, candidates, possible))
        cases.append(
            Case(question, entry, fold.number, passages, family[entry] if answerable else frozenset())
        )
    return cases


def ask_general(
    sheets: Sequence[GeneralSheet], embedder: Embedder, weights: Weights, *, seed: int
) -> list[Case]:
    """Questions about made-up organisations, those that an entry answers and near misses.

    A school's own sheet has no near misses, and without them a judge would be trusted too much.
    Off-topic messages are left out: they are easy, so they would make up for near misses.
    """
    rng = random.Random(seed)
    cases = []
    for sheet in sheets:
        asked = [
            (rng.choice(questions), entry, right)
            for entry, known in sheet.known.items()
            for questions, right in zip(known, (frozenset({entry}), frozenset[str]()), strict=True)
            for _ in range(GENERAL_EACH)
        ]
        retriever = Retriever(sheet.entries, embedder, weights)
        scored = retriever.score([question.text for question, _, _ in asked])
        for row, (question, entry, right) in enumerate(asked):
            passages = tuple(retriever.passages(scored, row, GENERAL_CANDIDATES))
            cases.append(Case(question, entry, -1, passages, right))
    return cases


def fit_retrieval(
    folds: Sequence[Fold], retrievers: Sequence[Retriever], entries: Sequence[Entry]
) -> Weights:
    """Weights of the retrievers' scores, from every wording that a fold asks."""
    family = families(entries)
    cases = []
    for fold, retriever in zip(folds, retrievers, strict=True):
        if fold.wordings:
            features = retriever.score([question.text for question, _ in fold.wordings]).features
            for row, (_, entry) in enumerate(fold.wordings):
                right = np.array([each.id in family[entry] for each in retriever.entries])
                cases.append((features[row].astype(np.float64), right))
    return fit_weights(cases)


def judge_cases(cases: Sequence[Case], judge: Judge) -> list[Case]:
    """The cases with the judge's log-odds among each candidate's scores, their order unchanged."""
    scores = iter(
        judge.scores(
            [judge_example(c.question.text, c.question.lang, p.entry) for c in cases for p in c.passages]
        )
    )
    return [
        dataclasses.replace(
            case, passages=tuple(rejudged(case.passages, [next(scores) for _ in case.passages], 0.0))
        )
        for case in cases
    ]


def fit_judge_weight(cases: Sequence[Case]) -> float:
    """How much the judge's log-odds count beside the fused score: the likeliest for the right entry."""
    from scipy.optimize import minimize_scalar

    useful = [
        (
            np.array([p.score for p in case.passages]),
            np.array([p.scores["judge"] for p in case.passages]),
            np.array([p.entry.id in case.right for p in case.passages]),
        )
        for case in cases
        if any(p.entry.id in case.right for p in case.passages)
    ]

    def loss(weight: float) -> float:
        total = 0.0
        for fused, judge, right in useful:
            chances = np.exp(fused + weight * judge - (fused + weight * judge).max())
            total -= float(np.log(chances[right].sum() / chances.sum() + 1e-12))
        return total

    return float(minimize_scalar(loss, bounds=(0.0, 10.0), method="bounded").x) if useful else 0.0


def reweighted(cases: Sequence[Case], weight: float) -> list[Case]:
    """The judged cases with their candidates in the order that the judge's weight gives."""
    if not weight:
        return list(cases)
    return [
        dataclasses.replace(
            case, passages=tuple(rejudged(case.passages, [p.scores["judge"] for p in case.passages], weight))
        )
        for case in cases
    ]


def fit_thresholds(cases: Sequence[Case], weights: Weights) -> Thresholds:
    """Calibrate on out-of-fold cases; they all carry the judge's scores, or none does."""
    from sklearn.metrics import roc_auc_score

    cases = [case for case in cases if case.passages]
    weight = fit_judge_weight(cases) if cases and "judge" in cases[0].passages[0].scores else 0.0
    cases = reweighted(cases, weight)
    right = [case.is_right() for case in cases]
    answerable = [bool(case.right) for case in cases]
    if min(right.count(True), right.count(False)) < 10 or len(set(answerable)) < 2:
        return Thresholds(weights, weight, FALLBACK, 0.5, ())
    rows = [candidate_features(case.passages) for case in cases]
    counts = [
        len(cases) * (ANSWERABLE / sum(answerable) if each else (1 - ANSWERABLE) / answerable.count(False))
        for each in answerable
    ]
    sure = out_of_fold(rows, right, counts, [case.entry for case in cases])
    auc = float(roc_auc_score(answerable, sure))
    curve = coverage(cases, sure, counts)
    return Thresholds(weights, weight, fit_calibrator(rows, right, counts), auc, curve)


def out_of_fold(
    rows: Sequence[dict[str, float]], right: Sequence[bool], counts: Sequence[float], groups: Sequence[str]
) -> list[float]:
    """Each row's probability from a calibrator that has not seen its group (five parts)."""
    parts = {group: number % 5 for number, group in enumerate(dict.fromkeys(groups))}
    found = [0.0] * len(rows)
    for part in range(5):
        train = [i for i, group in enumerate(groups) if parts[group] != part]
        if len({right[i] for i in train}) < 2:
            train = list(range(len(rows)))
        model = fit_calibrator(
            [rows[i] for i in train], [right[i] for i in train], [counts[i] for i in train]
        )
        for i, group in enumerate(groups):
            if parts[group] == part:
                found[i] = model.probability(rows[i])
    return found


def coverage(
    cases: Sequence[Case], confidence: Sequence[float], counts: Sequence[float]
) -> tuple[tuple[float, float, float], ...]:
    """For each caution from 0 to 1: the share of answerable questions that is answered right, and the
    share of all questions that is answered wrong. `counts`: how often each question counts."""
    count, sure = np.array(counts), np.array(confidence)
    right = np.array([case.is_right() for case in cases])
    answerable = np.array([bool(case.right) for case in cases])
    points = []
    for caution in np.linspace(0.0, 1.0, 41):
        given = sure >= caution
        good = float((count * given * right).sum() / max((count * answerable).sum(), 1e-9))
        points.append((float(caution), good, float((count * given * ~right).sum() / count.sum())))
    return tuple(points)
