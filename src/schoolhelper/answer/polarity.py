"""A generated text may not deny what the cited entries affirm, nor affirm what they deny.

Each clause is held against the one of the verified answers that it shares most letters with: both must be
negated as often. Crude, and on the safe side: what is doubted is answered with the verified text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

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


def turned_round(generated: str, verified: Iterable[str], lang: Lang) -> list[str]:
    """The clauses that say yes where the verified texts say no, or the other way round.

    A text that begins with a bare yes or no is one, too: what it affirms is the question, which nobody
    verified.
    """
    bare = _VERDICT.match(generated)
    found = [bare.group().strip()] if bare else []
    stated = [(_pairs(clause), _negations(clause, lang)) for text in verified for clause in _clauses(text)]
    for clause in _clauses(generated):
        shared = [(len(_pairs(clause) & pairs), negated) for pairs, negated in stated]
        most = max((count for count, _ in shared), default=0)
        if most and all(negated != _negations(clause, lang) for count, negated in shared if count == most):
            found.append(clause)
    return found


def _clauses(text: str) -> list[str]:
    return [clause.strip() for clause in _CLAUSES.split(text) if _pairs(clause)]


def _negations(clause: str, lang: Lang) -> int:
    return len(NEGATION[lang].findall(clause))


def _pairs(text: str) -> set[str]:
    """Neighbouring letters; a cheap likeness that endings and particles hardly touch."""
    letters = _LETTERS.sub("", text.lower())
    return {letters[place : place + 2] for place in range(len(letters) - 1)}
