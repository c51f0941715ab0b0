"""From scores to a probability, and from the probability to answer, clarify or abstain.

The probability that the first candidate answers the question is a logistic model over its scores. It
is fitted on questions that the retriever and the judge have not seen (a wording hidden: the answer is
there; an entry hidden: it is not), never on an exam.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from schoolhelper.answer.resolve import variants
from schoolhelper.records import Action, Passage

INPUTS = ("fused", "margin", "judge")
"""What the calibrator reads; with all single scores besides it fits a small sheet's chance patterns."""


@dataclass(frozen=True, slots=True)
class Calibrator:
    """A logistic model: names and weights of its inputs, already scaled, and the intercept."""

    names: tuple[str, ...]
    weights: tuple[float, ...]
    intercept: float

    def probability(self, features: dict[str, float]) -> float:
        """The probability that the candidate with these features answers the question."""
        total = self.intercept
        for name, weight in zip(self.names, self.weights, strict=True):
            total += weight * features[name]
        return float(0.5 + 0.5 * np.tanh(total / 2))  # the logistic function, without overflow


def candidate_features(passages: Sequence[Passage]) -> dict[str, float]:
    """The inputs of the calibrator for the first of `passages`.

    `margin` is its lead over the next that is not the same answer for other people.
    """
    first = passages[0]
    alike = {entry.id for entry in variants(first.entry, [p.entry for p in passages], {})}
    rest = [p.score for p in passages[1:] if p.entry.id not in alike] or [first.score - 10.0]
    return {**first.scores, "fused": first.score, "margin": min(first.score - max(rest), 10.0)}


def rejudged(passages: Sequence[Passage], judged: Sequence[float], weight: float) -> list[Passage]:
    """The passages with the judge's log-odds among their scores, in the order that they now have."""
    scored = [
        dataclasses.replace(p, scores={**p.scores, "judge": j}, score=p.score + weight * j)
        for p, j in zip(passages, judged, strict=True)
    ]
    return sorted(scored, key=lambda passage: -passage.score)


def fit_calibrator(
    rows: Sequence[dict[str, float]], right: Sequence[bool], weights: Sequence[float] | None = None
) -> Calibrator:
    """Fit on one row of features a question (`INPUTS`, as far as there); needs right and wrong ones.

    `weights`: how often each question counts (default: once).

    Raises:
        ValueError: all are right, or all wrong.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    if len(set(right)) < 2:
        raise ValueError("calibration needs right and wrong cases")
    names = tuple(name for name in INPUTS if name in rows[0])
    table = np.array([[row[name] for name in names] for row in rows])
    scaler = StandardScaler().fit(table)
    model = LogisticRegression(C=0.3, max_iter=1000)
    model.fit(scaler.transform(table), np.array(right), sample_weight=weights)
    slopes = model.coef_[0] / scaler.scale_
    intercept = float(model.intercept_[0] - (slopes * scaler.mean_).sum())
    return Calibrator(names, tuple(map(float, slopes)), intercept)


def decide(confidence: float, caution: float) -> Action:
    """Answer from `caution` on; from half of it on, ask back; below that, abstain."""
    if confidence >= caution:
        return "answer"
    return "clarify" if confidence >= caution / 2 else "abstain"
