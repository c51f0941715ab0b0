"""The nearest wording's answer, always: what a plain FAQ search does, to compare with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from schoolhelper.records import Answer, Entry, Lang, Profile, Turn
from schoolhelper.retrieve import Embedder
from schoolhelper.sheet import detect_lang


class Nearest:
    """Cites the entry of the wording that the embedder finds nearest; it never refuses."""

    def __init__(self, entries: Sequence[Entry], embedder: Embedder) -> None:
        self.embedder = embedder
        self.owners = [entry for entry in entries for _ in entry.questions]
        self.vectors = embedder.query([question.text for entry in entries for question in entry.questions])

    def answer(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        profile: Profile = {},  # noqa: B006
        lang: Lang | None = None,
        today: date | None = None,
    ) -> Answer:
        """The verified answer of the nearest wording's entry; only the question counts."""
        nearness = self.vectors @ self.embedder.query([question])[0]
        entry = self.owners[int(nearness.argmax())]
        lang = lang or detect_lang(question)
        return Answer(entry.answer(lang), lang, "answer", "verified", (entry,), float(nearness.max()))
