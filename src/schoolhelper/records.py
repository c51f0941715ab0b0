"""The records that travel between the stages. All are frozen; none knows a file or a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Protocol

Lang = Literal["ko", "en"]
LANGS: tuple[Lang, ...] = ("ko", "en")
Action = Literal["answer", "clarify", "abstain"]
Mode = Literal["verified", "generated"]

Audience = tuple[tuple[str, tuple[str, ...]], ...]
"""Whom an entry is for: `(("grade", ("1", "2")), ("department", ("소프트웨어과",)))`; empty: everyone."""

Profile = Mapping[str, str]
"""What an asker told about themself: `{"grade": "2"}`."""


@dataclass(frozen=True, slots=True)
class Question:
    """One wording of an entry, with the sheet row (1 is the header) it stands in."""

    text: str
    lang: Lang
    row: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact with its wordings and its verified answers.

    `answers` has at least one language. `rows` are the sheet's rows the entry came from.
    """

    id: str
    questions: tuple[Question, ...]
    answers: Mapping[Lang, str]
    topic: str = ""
    audience: Audience = ()
    valid_from: date | None = None
    valid_until: date | None = None
    owner: str = ""
    contact: str = ""
    source: str = ""
    confirmed_on: date | None = None
    attachment: str = ""
    rows: tuple[int, ...] = ()

    def answer(self, lang: Lang) -> str:
        """The verified answer in `lang`, else in the language the entry has."""
        return self.answers.get(lang) or next(iter(self.answers.values()))

    def is_valid_on(self, day: date) -> bool:
        """Whether `day` lies within `valid_from` and `valid_until`, both included."""
        return (self.valid_from is None or self.valid_from <= day) and self.still_holds_on(day)

    def still_holds_on(self, day: date) -> bool:
        """Whether it was still valid on `day`."""
        return self.valid_until is None or day <= self.valid_until

    def suits(self, profile: Profile) -> bool:
        """Whether nothing known of the asker rules the entry out; unknown fields never do."""
        return all(profile[key] in allowed for key, allowed in self.audience if key in profile)


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrieved entry: its wording that matched best, and each retriever's score."""

    entry: Entry
    wording: str
    scores: Mapping[str, float]
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier message of a conversation."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the chatbot says, and why.

    `entries` are the cited ids, best first; `confidence` is the calibrated probability that the
    first one answers the question. `suggestions` are wordings to offer on clarify and abstain.
    """

    text: str
    lang: Lang
    action: Action
    mode: Mode = "verified"
    entries: tuple[Entry, ...] = ()
    confidence: float = 0.0
    suggestions: tuple[str, ...] = ()


class Responder(Protocol):
    """Anything that answers a question."""

    def answer(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        profile: Profile = ...,
        lang: Lang | None = None,
        today: date | None = None,
    ) -> Answer:
        """The whole answer; `lang` None is the question's own language, `today` None the present day."""


@dataclass(frozen=True, slots=True)
class ExamQuestion:
    """A question of an exam; `expected` holds entry ids, empty when the sheet does not answer it."""

    question: str
    expected: tuple[str, ...]
    lang: Lang
    kind: str = ""
    history: tuple[Turn, ...] = ()
    profile: Mapping[str, str] = field(default_factory=dict)
    today: date | None = None


@dataclass(frozen=True, slots=True)
class ExamResult:
    """What the chatbot did with an exam question; `entries` are the cited ids, best first."""

    question: ExamQuestion
    action: Action
    entries: tuple[str, ...]
    answer: str
    mode: Mode
    confidence: float
    latency_ms: float
    offered: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """right, wrong, refused_right, refused_wrong or clarified.

        Right: answered, and the first cited entry is expected. Wrong: answered otherwise, also
        when the sheet has no answer. Refused wrongly: abstained although the sheet answers.
        """
        if self.action == "answer":
            return "right" if self.entries[:1] and self.entries[0] in self.question.expected else "wrong"
        if self.action == "clarify":
            return "clarified"
        return "refused_wrong" if self.question.expected else "refused_right"
