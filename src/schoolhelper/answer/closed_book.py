"""Answering from memory alone, as the reference design does: for comparison only, never served."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from schoolhelper.answer.generate import Writer
from schoolhelper.dataset import Example
from schoolhelper.records import Answer, Lang, Profile, Turn
from schoolhelper.sheet import detect_lang


class ClosedBook:
    """A model that is asked the bare question; it cites nothing and never abstains."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer

    def answer(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        profile: Profile = {},  # noqa: B006  (a Mapping, never written to)
        lang: Lang | None = None,
        today: date | None = None,
    ) -> Answer:
        """Whatever the model says; history, profile and date mean nothing to it."""
        found = lang or detect_lang(question)
        *_, said = self.writer.complete(Example("closed", question, found, "", ""))
        return Answer(said, found, "answer", "generated")
