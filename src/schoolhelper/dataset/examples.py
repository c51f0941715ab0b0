"""Training examples: what the model reads and what it should say.

Three tasks share one form. `closed` answers from memory (the reference recipe). `grounded` words an
answer from a cited entry. `judge` says whether an entry answers a question.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from schoolhelper.records import Entry, Lang, Question

Task = Literal["closed", "grounded", "judge"]
YES, NO = "예", "아니요"
Foreign = Callable[[Entry], Sequence[Question]]
"""Other entries' wordings that look most like an entry's but that it does not answer, best first."""

CROSSED = 0.3
"""How often the judge is asked in one language about an answer in the other."""

UNMARKED = 0.3
"""How often a question loses its mark."""

FOLLOWED = 0.15
"""How often a question follows another one, on the same topic or not: the last one counts."""

Known = tuple[Sequence[Question], Sequence[Question]]
"""Questions that an entry is known to answer, and that it is known not to answer."""

Worded = tuple[Entry, Question, str]
"""An entry, a question that it answers, and its answer in words that suit the question."""

SHOWN = 5
"""How many wordings of an entry the judge reads at most."""

DRAWN = 3
"""How many of them it is taught with at most, so that the others can be asked."""


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


def grounded_examples(worded: Iterable[Worded], *, seed: int) -> list[Example]:
    """Answers to write from an entry, which is read under a wording that is not the question."""
    rng = random.Random(seed)
    examples = []
    for entry, asked, said in worded:
        others = [each for each in entry.questions if each != asked] or [asked]
        context = ((rng.choice(others).text, entry.answer(asked.lang)),)
        examples.append(Example("grounded", asked.text, asked.lang, said, entry.id, context))
    return examples


def judge_examples(
    entries: Sequence[Entry],
    foreign: Foreign,
    *,
    rounds: int,
    seed: int,
    known: Mapping[str, Known] = MappingProxyType({}),
) -> list[Example]:
    """Every entry with each of its answers, asked its own other wordings and as many foreign ones.

    In each of `rounds` it shows one to `DRAWN` wordings, drawn anew, and is asked the rest, and all
    that is `known` of it by its id. Foreign ones are drawn from the nearest `3 * rounds` times as many,
    so that the hardest recur but are not all. Questions about the same text stand together, which is
    how they are packed.
    """
    rng = random.Random(seed)
    groups = []
    for entry in entries:
        near, (answered, missed) = list(foreign(entry)), known.get(entry.id, ((), ()))
        for _ in range(rounds):
            wordings = rng.sample(entry.questions, len(entry.questions))
            count = min(rng.randint(1, DRAWN), max(1, len(wordings) - 1))
            shown, own = wordings[:count], [*(wordings[count:] or wordings), *answered]
            for lang in entry.answers:

                def read(asked: Question, lang: Lang = lang, other: Entry = entry) -> bool:
                    """Whether to ask about this answer: in its own language, or where there is no other."""
                    return asked.lang == lang or asked.lang not in other.answers or rng.random() < CROSSED

                yes, no = list(filter(read, own)), list(filter(read, missed))
                pool = near[: 3 * rounds * max(2, len(yes))]
                no += rng.sample(pool, k=min(len(pool), max(2, len(yes) - len(no))))
                labelled = [(each, YES) for each in yes] + [(each, NO) for each in no]
                rng.shuffle(labelled)
                context = (judge_context(shown, lang, entry),)
                before = [*entry.questions, *near[: len(entry.questions)]]
                groups.append(
                    [
                        Example("judge", _typed(each.text, before, rng), each.lang, said, entry.id, context)
                        for each, said in labelled
                    ]
                )
    rng.shuffle(groups)
    return [example for group in groups for example in group]


def _typed(asked: str, before: Sequence[Question], rng: random.Random) -> str:
    """The question as somebody may type it, now and then behind an earlier one."""
    asked = asked.rstrip("?") if rng.random() < UNMARKED else asked
    return f"{rng.choice(before).text} {asked}" if rng.random() < FOLLOWED else asked


def judge_context(wordings: Sequence[Question], lang: Lang, entry: Entry) -> tuple[str, str]:
    """What the judge reads of an entry: some of its wordings, those in `lang` first, and its answer."""
    first = sorted(wordings, key=lambda each: each.lang != lang)[:SHOWN]
    return " / ".join(each.text for each in first), entry.answer(lang)
