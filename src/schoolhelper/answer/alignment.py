"""A generated text may not turn a verified one round, nor give one thing what belongs to another.

Each clause is held against those of the verified texts that it shares most letters with: it must be negated
as often, and its numbers, times and days must stand there. Crude, and rather on the safe side: what is
doubted is answered with the verified text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from schoolhelper.answer.slots import Stated, facts_of
from schoolhelper.records import Lang

NEGATION = {
    "ko": re.compile(
        r"(?<![가-힣])(?:안|못)\s|않|없|못[하해한합]|아니|아닙|아닌|불가|금지|말고|말아|마세요|마십시오|제외"
    ),
    "en": re.compile(
        r"\b(?:no|not|never|cannot|without|neither|nor|none|nobody|nothing)\b|n['’]t\b", re.IGNORECASE
    ),
}
_VERDICT = re.compile(r"\s*(?:네|예|아니요|아니오|아뇨|yes|no)\b", re.IGNORECASE)
_CLAUSES = re.compile(
    r"(?<=[.!?])\s+|[,;]\s+|\s+(?:but|and)\s+"
    r"|(?<=[가-힣](?:고|며|니))[, ]+|(?<=[가-힣](?:지만|은데|는데))[, ]+"
)
_LETTERS = re.compile(r"[^0-9a-z가-힣]")


def misread(generated: str, verified: Iterable[str], lang: Lang) -> list[str]:
    """The clauses that say something else than the clauses of the verified texts that they are likest.

    A text that begins with a bare yes or no is one, too: what it affirms is the question, which nobody
    verified.
    """
    bare = _VERDICT.match(generated)
    found = [bare.group().strip()] if bare else []
    stated = [(clause, _pairs(clause)) for text in verified for clause in _clauses(text)]
    for clause in _clauses(generated):
        mine = _pairs(clause)
        shared = [len(mine & pairs) for _, pairs in stated]
        most = max(shared, default=0)
        near = [known for (known, _), count in zip(stated, shared, strict=True) if count == most]
        if most and not (_negated_alike(clause, near, lang) and _same_facts(clause, near)):
            found.append(clause)
    return found


def _negated_alike(clause: str, near: Sequence[str], lang: Lang) -> bool:
    count = len(NEGATION[lang].findall(clause))
    return any(len(NEGATION[lang].findall(each)) == count for each in near)


def _same_facts(clause: str, near: Sequence[str]) -> bool:
    stated = Stated(tuple(fact for each in near for fact in facts_of(each)))
    return all(stated.has(fact) for fact in facts_of(clause))


def _clauses(text: str) -> list[str]:
    return [clause.strip() for clause in _CLAUSES.split(text) if _pairs(clause)]


def _pairs(text: str) -> set[str]:
    """Neighbouring letters; a cheap likeness that endings and particles hardly touch."""
    letters = _LETTERS.sub("", text.lower())
    return {letters[place : place + 2] for place in range(len(letters) - 1)}
