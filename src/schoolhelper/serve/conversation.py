"""One visitor's conversation: what may be sent, and how the answer grows. Knows no page."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, Protocol

from schoolhelper.messages import text
from schoolhelper.records import Answer, Lang, Profile, Turn

MAX_QUESTION = 500
"""Characters a question may have."""

REMEMBERED = 6
"""Earlier exchanges the backend is told about."""

_PLACE = "raised_at"

logger = logging.getLogger(__name__)


class ChatBackend(Protocol):
    """What the page needs of the chatbot."""

    def stream(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        profile: Profile = ...,
        lang: Lang | None = None,
        today: date | None = None,
    ) -> Iterator[Answer]:
        """The answer as it grows: each holds the text so far, the last one is complete."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and what became of it; `answer` is there while it grows and when it is done."""

    question: str
    status: Literal["waiting", "done", "failed"] = "waiting"
    answer: Answer | None = None


Conversation = tuple[Exchange, ...]


def is_waiting(conversation: Conversation) -> bool:
    """Whether the last question has no complete answer yet."""
    return bool(conversation) and conversation[-1].status == "waiting"


def refusal(conversation: Conversation, question: str, lang: Lang) -> str:
    """Why `question` cannot be sent now, in `lang`; empty when it can."""
    if len(question) > MAX_QUESTION:
        return text("page.too_long", lang, limit=MAX_QUESTION, length=len(question))
    return text("page.busy", lang) if is_waiting(conversation) else ""


def turns(conversation: Conversation) -> tuple[Turn, ...]:
    """The answered exchanges the backend is told about, oldest first."""
    answered = [exchange for exchange in conversation if exchange.status == "done" and exchange.answer]
    return tuple(
        turn
        for exchange in answered[-REMEMBERED:]
        for turn in (
            Turn("user", exchange.question),
            Turn("assistant", exchange.answer.text if exchange.answer else ""),
        )
    )


def reply(
    backend: ChatBackend, conversation: Conversation, profile: Profile, lang: Lang
) -> Iterator[Conversation]:
    """The conversation again and again while its last, waiting question is answered.

    The answer is in the question's language; `lang` is used where it has no letters. Whatever the
    backend raises ends in a failed exchange and a log line without a word of the question.
    """
    *earlier, last = conversation
    language = None if any(character.isalpha() for character in last.question) else lang
    status: Literal["done", "failed"] = "failed"
    try:
        for answer in backend.stream(
            last.question, history=turns(tuple(earlier)), profile=profile, lang=language
        ):
            last = replace(last, answer=answer)
            yield (*earlier, last)
        status = "done" if last.answer else "failed"
    except Exception as error:
        # An exception's own text may quote the question, so only its kind and place are logged.
        logger.error("no answer: %s in %s", type(error).__name__, place(error))
    yield (*earlier, replace(last, status=status, answer=last.answer if status == "done" else None))


def place(error: Exception) -> str:
    """Where it was raised; in another process, if `keep_place` was called there."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    kept: str = vars(error).get(_PLACE, f"{last.filename} line {last.lineno}")
    return kept


def keep_place(error: Exception) -> None:
    """Have an error remember where it was raised, when it travels to another process."""
    vars(error)[_PLACE] = place(error)
