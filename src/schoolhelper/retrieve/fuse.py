"""Words, characters and meaning in one ranking, with weights fitted on the sheet itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields

import numpy as np
from numpy.typing import NDArray

from schoolhelper.records import Entry, Passage
from schoolhelper.retrieve.dense import Embedder
from schoolhelper.retrieve.lexical import CharacterIndex, MorphemeIndex

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each retriever's score counts.

    `wording` is the cosine with the entry's best wording, `wordings` the mean over them, `answer` the
    cosine with its verified answer; `words` and `characters` match its wordings, `answer_words` and
    `answer_characters` its answers. The defaults were fitted on a sheet of 72 entries.
    """

    wording: float = 1.0
    wordings: float = 60.0
    answer: float = 80.0
    words: float = 0.4
    characters: float = 0.5
    answer_words: float = 3.0
    answer_characters: float = 8.0

    def vector(self) -> NDArray[np.float64]:
        """In the order of RETRIEVERS."""
        return np.array(astuple(self))


RETRIEVERS = tuple(field.name for field in fields(Weights))


@dataclass(frozen=True, slots=True)
class Scored:
    """Scores of some questions: `features` (questions, entries, retrievers) and `nearness`, the cosine
    with each wording (questions, wordings)."""

    features: Matrix
    nearness: Matrix

    def mean(self, rows: list[int]) -> Scored:
        """One row: the mean over some of the questions, for texts that say the same together."""
        features, nearness = self.features[rows], self.nearness[rows]
        return Scored(features.mean(axis=0, keepdims=True), nearness.mean(axis=0, keepdims=True))


class Retriever:
    """Every text of the entries, searchable: the wordings first, then the verified answers.

    Each entry has at least one wording and one answer. `known` embeds the entries' texts (default:
    `embedder`, which embeds the questions).
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        embedder: Embedder,
        weights: Weights | None = None,
        *,
        known: Embedder | None = None,
    ) -> None:
        known = known or embedder
        self.entries = tuple(entries)
        self.embedder = embedder
        self.weights = weights or Weights()
        self.wordings = [question for entry in entries for question in entry.questions]
        answers = [entry.answers[lang] for entry in entries for lang in entry.answers]
        self.owner = np.repeat(np.arange(len(entries)), [len(entry.questions) for entry in entries])
        self.counts: Matrix = np.array([len(entry.questions) for entry in entries], dtype=np.float32)
        self.answer_owner = np.repeat(np.arange(len(entries)), [len(entry.answers) for entry in entries])
        texts = [question.text for question in self.wordings]
        self.wording_vectors = known.query(texts)
        self.answer_vectors = known.passage(answers)
        self.lexical = (MorphemeIndex(texts), CharacterIndex(texts))
        self.answer_lexical = (MorphemeIndex(answers), CharacterIndex(answers))

    def score(self, questions: Sequence[str]) -> Scored:
        """Score every entry for every question."""
        vectors = self.embedder.query(questions)
        dense = vectors @ self.wording_vectors.T
        columns: list[Matrix] = [
            self._by_entry(dense, self.owner, np.maximum),
            self._by_entry(dense, self.owner, np.add) / self.counts,
            self._by_entry(vectors @ self.answer_vectors.T, self.answer_owner, np.maximum),
        ]
        columns += [self._by_entry(i.scores(questions), self.owner, np.maximum) for i in self.lexical]
        columns += [
            self._by_entry(i.scores(questions), self.answer_owner, np.maximum) for i in self.answer_lexical
        ]
        return Scored(np.stack(columns, axis=-1, dtype=np.float32), dense)

    def _by_entry(self, scores: Matrix, owner: NDArray[np.intp], join: np.ufunc) -> Matrix:
        out = np.zeros((len(self.entries), len(scores)), dtype=np.float32)
        join.at(out, owner, scores.T)
        return out.T

    def fused(self, features: Matrix) -> Matrix:
        """One score an entry: the weighted sum of its features."""
        return np.asarray(features @ self.weights.vector(), dtype=np.float32)

    def passages(
        self, scored: Scored, row: int, count: int, possible: NDArray[np.bool_] | None = None
    ) -> list[Passage]:
        """The `count` best entries for the question in `row`, best first.

        `possible` says for each entry whether it may be found at all.
        """
        features = scored.features[row]
        fused = self.fused(features)
        order = np.argsort(-fused, kind="stable")
        if possible is not None:
            order = order[possible[order]]
        found = []
        for index in order[:count]:
            mine = np.flatnonzero(self.owner == index)
            nearest = self.wordings[int(mine[scored.nearness[row, mine].argmax()])].text
            scores = dict(zip(RETRIEVERS, map(float, features[index]), strict=True))
            found.append(Passage(self.entries[int(index)], nearest, scores, float(fused[index])))
        return found

    def search(self, question: str, count: int) -> list[Passage]:
        """The `count` best entries for a question, best first."""
        return self.passages(self.score([question]), 0, count)


def fit_weights(cases: Sequence[tuple[Matrix, NDArray[np.bool_]]]) -> Weights:
    """Weights that rank the right entries first.

    Each case is one question: its features (entries, retrievers) and which entries are right (at
    least one). A conditional logit model (McFadden, 1974), non-negative and held near the defaults
    by a ridge; fewer than 20 cases keep the defaults.
    """
    from scipy.optimize import minimize

    if len(cases) < 20:
        return Weights()
    scale = np.concatenate([features for features, _ in cases]).std(axis=0) + 1e-6
    scaled = [(features / scale, right) for features, right in cases]
    start = Weights().vector() * scale

    def objective(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        loss, slope = 0.0, np.zeros_like(weights)
        for features, right in scaled:
            logits = features @ weights
            chances = np.exp(logits - logits.max())
            chances /= chances.sum()
            share = chances * right / (chances[right].sum() + 1e-12)
            loss -= float(np.log(chances[right].sum() + 1e-12))
            slope += (chances - share) @ features
        pull = weights - start
        return loss / len(scaled) + 1e-3 * float(pull @ pull), slope / len(scaled) + 2e-3 * pull

    found = minimize(objective, start, jac=True, bounds=[(0.0, None)] * len(start), method="L-BFGS-B")
    return Weights(*map(float, found.x / scale))
