"""Several questions in one message become several questions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from schoolhelper.retrieve.lexical import sentences, tagged

MOST = 3
"""Questions of one message that are answered; what follows is asked together with the last."""

_WHAT = re.compile(  # a word that asks for something
    r"어디|어딨|언제|누구|누가|뭐|뭘|무엇|무슨|어떤|어느|얼마|어떻|어떡|어케|며칠|(?<![가-힣])몇|(?<![가-힣])왜"
    r"|\b(?:where|when|who|what|which|how|why)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    rf"\?|{_WHAT.pattern}|가능|[나까가]요|되나|될까|도\s?(?:돼|되|됨|괜찮)|알려\s?(?:줘|주|달)|가르쳐|궁금(?!한)"
    r"|^(?:is|are|can|could|may|do|does|did|will|should|tell|please)\b",
    re.IGNORECASE,
)
_ALSO = re.compile(
    r"\s+(?=(?:그리고|그리구|그럼|그러면|글구|글고)\s)"
    r"|\s*(?:,\s*)?\b(?:and|also|then)\s+(?=(?:where|when|who|what|which|how|why)\b)"
    r"|\s*(?:,\s*)?\b(?:and|also)\s+(?=(?:is|are|can|could|may|do|does|will|should)\s+(?:i|we|it|there|the|they)\b)"
    r"|(?<!\bknow)(?<!\bsay)(?<!\bsee)(?<!\bask)(?<!\bme)\s+(?=(?:where|when|what|how|who)\s+(?:is|are|do|does|can)\b)",
    re.IGNORECASE,
)
_AS_WELL = re.compile(r"[가-힣]+[은는]요?\s*\?")  # of this, too (급식은 언제고 매점은?)
_AND_KO = ("고", "구", "고요", "구요", "으며", "며")


def questions(message: str) -> list[str]:
    """The questions of a message, in order; what asks nothing itself stays with the next that does,
    and at the end with the last."""
    found: list[str] = []
    waiting = ""
    for piece in (part for sentence in _sentences(message) for part in _clauses(sentence)):
        waiting = f"{waiting} {piece}".strip()
        if _ASKS.search(piece):
            found.append(waiting)
            waiting = ""
    if waiting:
        found = [*found[:-1], f"{found[-1]} {waiting}"] if found else [waiting]
    return [*found[: MOST - 1], " ".join(found[MOST - 1 :])] if len(found) > MOST else found


def _sentences(message: str) -> list[str]:
    """Kiwi's sentences; one that would begin within a misspelt word (돼나요) goes on with the one before."""
    found: list[str] = []
    end = 0
    for sentence in sentences(message):
        start = message.index(sentence, end)
        if found and not re.search(r"[\s?!.]", message[end - 1 : start]):
            found[-1] += sentence
        else:
            found.append(sentence)
        end = start + len(sentence)
    return found


def _clauses(sentence: str) -> list[str]:
    """A sentence cut where both sides ask for something (어디고 몇 시까지야?)."""
    for end, start in sorted(_joints(sentence)):
        left, right = sentence[:end].strip(" ,"), sentence[start:].strip(" ,")
        if _asks_alone(left) and _asks_alone(right):
            return [left, *_clauses(right)]
    return [sentence]


def _joints(sentence: str) -> Iterator[tuple[int, int]]:
    """Where one question may end and the next begin: `and`, `-고`, a comma between two subjects."""
    yield from (match.span() for match in _ALSO.finditer(sentence))
    tokens = tagged(sentence)
    yield from ((token.end, token.end) for token in tokens if token.tag == "EC" and token.form in _AND_KO)
    nouns = [token.start for token in tokens if token.tag in ("NNG", "NNP")]
    for comma in re.finditer(",", sentence):
        if any(start < comma.start() for start in nouns) and any(start > comma.start() for start in nouns):
            yield comma.span()


def _asks_alone(clause: str) -> bool:
    """Whether a clause asks for something and says of what, unlike `tell me when` and `where`."""
    if _AS_WELL.fullmatch(clause):
        return True
    asks = bool(_WHAT.search(clause) or _ASKS.match(clause))
    return asks and len(clause.split()) > 1 and not re.search(r"\b(?:where|when|what|how|who)$", clause)
