"""Several questions in one message become several questions."""

from __future__ import annotations

import re

from schoolhelper.retrieve.lexical import sentences, tagged

MOST = 3
"""Questions of one message that are answered; what follows is asked together with the last."""

_ASKS = re.compile(
    r"어디|언제|누구|누가|뭐|무엇|무슨|어떤|어느|얼마|어떻|어떡|어케|어딨|몇|왜|되나|될까|가능|있나|있을까"
    r"|인가요|나요|까요"
    r"|\b(?:where|when|who|what|which|how|why|is|are|can|could|do|does|may)\b",
    re.IGNORECASE,
)
_JOINED_EN = re.compile(
    r"\s*(?:,\s*)?\b(?:and|also)\s+(?=(?:where|when|who|what|which|how|why|is|are|can|do|does)\b)",
    re.IGNORECASE,
)
_WORDS = re.compile(
    r"어디|언제|누구|누가|뭐|무엇|얼마|어떻|어떡|몇|왜|\b(?:where|when|who|what|how|why)\b", re.IGNORECASE
)
_JOINED_KO = ("고", "구", "고요", "구요", "으며", "며")


def questions(message: str) -> list[str]:
    """The questions of a message, in order; what asks nothing itself stays with the next that does."""
    found: list[str] = []
    waiting = ""
    for piece in (part for sentence in sentences(message) for part in _clauses(sentence)):
        waiting = f"{waiting} {piece}".strip()
        if _ASKS.search(piece) or piece.endswith("?"):
            found.append(waiting)
            waiting = ""
    if waiting:
        found = [*found[:-1], f"{found[-1]} {waiting}"] if found else [waiting]
    return [*found[: MOST - 1], " ".join(found[MOST - 1 :])] if len(found) > MOST else found


def _clauses(sentence: str) -> list[str]:
    """A sentence cut at `-고` or `and` where both sides ask something (어디고 몇 시까지야?)."""
    cuts = [match.start() for match in _JOINED_EN.finditer(sentence)]
    cuts += [token.end for token in tagged(sentence) if token.tag == "EC" and token.form in _JOINED_KO]
    for cut in sorted(cuts):
        left, right = sentence[:cut].strip(), _JOINED_EN.sub("", sentence[cut:], count=1).strip(" ,")
        if _WORDS.search(left) and _WORDS.search(right):
            return [left, *_clauses(right)]
    return [sentence]
