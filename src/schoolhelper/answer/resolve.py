"""What a message asks, given the conversation and the asker: its language, its search texts, and the
entries that may answer it at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from schoolhelper.answer.normalise import respaced
from schoolhelper.records import Entry, Lang, Profile, Turn
from schoolhelper.retrieve.lexical import morphemes
from schoolhelper.sheet import detect_lang

_REFERS = re.compile(
    r"^(그럼|그러면|그건|그거|그게|그곳|거기|그리고|그때|이건|여기(?!저기)|저기|근데|또\b|아니면|혹시 그)"
    r"|(은요|는요|도요|는|은|도)\s*\?*$"
    r"|^(and|then|so|what about|how about|or)\b|\b(it|that|they|them|those|this|(?<!is )(?<!are )there)\b",
    re.IGNORECASE,
)
_GRADE = re.compile(
    r"(?<!\d)(1[0-2]|[1-9])\s*학년(?!도)|고\s*([1-3])(?!\d)|\bgrade\s*(1[0-2]|[1-9])\b"
    r"|\b(1[0-2]|[1-9])(?:st|nd|rd|th)[\s-]*grade",
    re.IGNORECASE,
)
_OF_ONESELF = re.compile(
    r"(?<![가-힣])(?:저|전|저는|나|난|나는|제가|내가|우리)(?=\s).{0,12}(?:학년|과)|\bI(?:'m| am)\b",
    re.IGNORECASE,
)
_ONLY_TOLD = re.compile(
    r"^(?:저는?|전|나는?|난|제가|내가|음|아|네)?\s*(?:고[1-3]|1?\d\s*학년|[가-힣A-Za-z]+과)"
    r"\s*(?:학생)?(?:이?요|이에요|예요|입니다|인데요?|임|이야|야)?[.!~]*$"
    r"|^(?:i'?m (?:in )?|i am (?:in )?)?(?:grade \d+|\d+(?:th|st|nd|rd) grader?)[.!]*$",
    re.IGNORECASE,
)
_SHORT = 2
"""Content words up to which a message with a history is taken as a follow-up."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """`texts` are searched together, spaced: the message, and for a follow-up also what it follows. The
    last one is the whole question."""

    message: str
    lang: Lang
    texts: tuple[str, ...]


def resolve(message: str, history: Sequence[Turn], lang: Lang | None) -> tuple[Resolved, ...]:
    """How a message may be meant: by itself, as a follow-up of the earlier question, or as either.

    Whoever only says who they are (`2학년이요`) asks the earlier question again.
    """
    message = " ".join(message.split())
    found = lang or detect_lang(message)
    earlier = [turn.text for turn in history if turn.role == "user"]
    said = respaced(message)
    alone = Resolved(message, found, (said,))
    if not earlier:
        return (alone,)
    topic = respaced(earlier[-1])
    if len(earlier) > 1 and is_follow_up(topic):
        topic = f"{respaced(earlier[-2])} {topic}"
    if _ONLY_TOLD.match(message):
        return (Resolved(message, found, (topic,)),)
    following = Resolved(message, found, (said, f"{topic} {said}"))
    return (following,) if is_follow_up(message) else (alone, following)


def is_follow_up(message: str) -> bool:
    """Whether a message, said within a conversation, surely leans on what was said before."""
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


def told(history: Sequence[Turn], entries: Sequence[Entry]) -> dict[str, str]:
    """What the asker said of themself earlier (`저 2학년이에요`); later words win."""
    known: dict[str, str] = {}
    for turn in history:
        if turn.role == "user" and (_OF_ONESELF.search(turn.text) or _ONLY_TOLD.match(turn.text)):
            known |= mentioned(turn.text, entries)
    return known


def usable(
    entries: Sequence[Entry], profile: Profile, days: tuple[date, date], *, expired: bool = False
) -> list[bool]:
    """For each entry whether it is valid on one of `days` and not for other people than the asker.

    `expired` lets through what was valid before them.
    """
    first, last = days
    return [
        entry.suits(profile)
        and (entry.valid_from is None or entry.valid_from <= last)
        and (expired or entry.still_holds_on(first))
        for entry in entries
    ]


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
