"""Training examples: what the model reads and what it should say.

Three tasks share one form. `closed` answers from memory (the reference recipe). `grounded` words an
answer from a cited entry. `judge` says whether an entry's wording asks the same as a question.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from schoolhelper.records import Entry, Lang, Question

Task = Literal["closed", "grounded", "judge"]
YES, NO = "예", "아니요"
Neighbours = Callable[[Question, Entry], Sequence[Entry]]
"""For a wording and its entry: other entries that do not answer it but look most like it, best first."""


@dataclass(frozen=True, slots=True)
class Example:
    """One training example; `entry` is the entry it came from, the unit that folds keep together.

    `context` holds the (wording, verified answer) of the entry that is read; none for `closed`.
    """

    task: Task
    question: str
    lang: Lang
    completion: str
    entry: str
    context: tuple[tuple[str, str], ...] = ()


def closed_examples(entries: Sequence[Entry]) -> list[Example]:
    """Every wording with its verified answer, nothing else: the reference recipe's data."""
    return [
        Example("closed", question.text, question.lang, entry.answer(question.lang), entry.id)
        for entry in entries
        for question in entry.questions
    ]


def grounded_examples(entries: Sequence[Entry], *, per_entry: int, seed: int) -> list[Example]:
    """Up to `per_entry` wordings an entry, each answered from the entry under another wording."""
    rng = random.Random(seed)
    examples = []
    for entry in entries:
        for question in rng.sample(entry.questions, min(per_entry, len(entry.questions))):
            others = [other for other in entry.questions if other != question] or [question]
            answer = entry.answer(question.lang)
            context = ((rng.choice(others).text, answer),)
            examples.append(Example("grounded", question.text, question.lang, answer, entry.id, context))
    return examples


def judge_examples(
    entries: Sequence[Entry], neighbours: Neighbours, *, positives: int, negatives: int, seed: int
) -> list[Example]:
    """Every wording with its own entry under other wordings (`positives` times) and with near misses.

    The `negatives` near misses are drawn from the first `2 * negatives + 1` neighbours, so that the
    hardest recur but are not all.
    """
    rng = random.Random(seed)
    examples = []
    for entry in entries:
        for question in entry.questions:
            near = list(neighbours(question, entry))[: 2 * negatives + 1]
            chosen = [(entry, YES)] * positives
            chosen += [(other, NO) for other in rng.sample(near, min(negatives, len(near)))]
            for other, label in chosen:
                context = ((_wording(other, question, rng), other.answer(question.lang)),)
                examples.append(Example("judge", question.text, question.lang, label, entry.id, context))
    rng.shuffle(examples)
    return examples


def _wording(entry: Entry, asked: Question, rng: random.Random) -> str:
    """A wording of `entry` other than the one asked, mostly in the asked language."""
    others = [each for each in entry.questions if each != asked] or list(entry.questions)
    alike = [each for each in others if each.lang == asked.lang]
    return rng.choice(alike if alike and rng.random() < 0.7 else others).text
