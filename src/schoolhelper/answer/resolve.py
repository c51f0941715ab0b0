"""What a message asks, given the conversation and the asker: its language, its search texts, and the
entries that may answer it at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from schoolhelper.records import Entry, Lang, Profile, Turn
from schoolhelper.retrieve.lexical import morphemes
from schoolhelper.sheet import detect_lang

_REFERS = re.compile(
    r"^(그럼|그러면|그건|그거|그게|그곳|거기|그리고|그때|이건|여기(?!저기)|저기|근데|또\b|아니면|혹시 그)"
    r"|(은요|는요|도요|는|은|도)\s*\?*$"
    r"|^(and|then|so|what about|how about|or)\b|\b(it|that|they|them|those|this|(?<!is )(?<!are )there)\b",
    re.IGNORECASE,
)
_GRADE = re.compile(r"(?<!\d)([1-6])\s*학년(?!도)|고\s*([1-3])(?!\d)|\bgrade\s*([1-6])\b", re.IGNORECASE)
_SHORT = 2
"""Content words up to which a message with a history is taken as a follow-up."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """`texts` are searched together: the message, and for a follow-up also what it follows."""

    message: str
    lang: Lang
    texts: tuple[str, ...]


def resolve(message: str, history: Sequence[Turn], lang: Lang | None) -> Resolved:
    """Find the language and, for a follow-up, the earlier question that it leans on."""
    message = " ".join(message.split())
    found = lang or detect_lang(message)
    earlier = [turn.text for turn in history if turn.role == "user"]
    if earlier and is_follow_up(message):
        return Resolved(message, found, (message, f"{earlier[-1]} {message}"))
    return Resolved(message, found, (message,))


def is_follow_up(message: str) -> bool:
    """Whether a message, said within a conversation, seems to lean on what was said before."""
    return bool(_REFERS.search(message)) or len(morphemes(message)) <= _SHORT


def mentioned(message: str, entries: Sequence[Entry]) -> dict[str, str]:
    """Whom a message names itself: the one grade in it, and the one value of any other audience.

    Two grades in one message name nobody.
    """
    grades = {next(filter(None, found)) for found in _GRADE.findall(message)}
    named = {"grade": grades}
    for entry in entries:
        for kind, values in entry.audience:
            if kind != "grade":
                named.setdefault(kind, set()).update(value for value in values if value in message)
    return {kind: values.pop() for kind, values in named.items() if len(values) == 1}


def usable(entries: Sequence[Entry], profile: Profile, today: date) -> list[bool]:
    """For each entry whether it is valid today and not for other people than the asker."""
    return [entry.is_valid_on(today) and entry.suits(profile) for entry in entries]


def variants(first: Entry, others: Sequence[Entry], profile: Profile) -> list[Entry]:
    """The entries among `others` that give `first`'s answer for other people (another grade, say).

    They share its topic and the kind of audience, their audiences do not overlap, and the asker has
    not said which applies.
    """
    kinds = {kind for kind, _ in first.audience}
    if not kinds or kinds <= set(profile):
        return []
    return [
        other
        for other in others
        if other.id != first.id
        and other.topic == first.topic
        and {kind for kind, _ in other.audience} == kinds
        and _disjoint(first, other)
    ]


def _disjoint(one: Entry, other: Entry) -> bool:
    theirs = dict(other.audience)
    return any(not set(values) & set(theirs.get(kind, ())) for kind, values in one.audience)
