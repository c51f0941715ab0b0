"""A question goes in, an Answer comes out: resolve, retrieve, judge, decide, word."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import numpy as np

from schoolhelper.answer.decide import Calibrator, candidate_features, decide, rejudged
from schoolhelper.answer.generate import Writer
from schoolhelper.answer.judge import Judge
from schoolhelper.answer.resolve import Resolved, mentioned, resolve, usable, variants
from schoolhelper.answer.slots import unsupported
from schoolhelper.config import Both
from schoolhelper.messages import text
from schoolhelper.records import Action, Answer, Entry, Lang, Mode, Passage, Profile, Turn
from schoolhelper.retrieve import Retriever
from schoolhelper.sheet import wording_key

_SENTENCES = re.compile(r".*?[.!?。](?=\s)\s+", re.DOTALL)

OFFERED = 3
"""How many nearest wordings are offered when the chatbot asks back or abstains."""


class Answerer:
    """Answers questions from a sheet.

    Without `judge` the retrieval scores alone decide; without `writer` every answer is the verified
    text. `caution` is the confidence from which it answers.
    """

    def __init__(
        self,
        retriever: Retriever,
        calibrator: Calibrator,
        *,
        caution: float,
        candidates: int,
        contact: Both,
        judge: Judge | None = None,
        judge_weight: float = 0.0,
        writer: Writer | None = None,
    ) -> None:
        self.retriever = retriever
        self.listed: dict[str, frozenset[str]] = {}
        for entry in retriever.entries:
            for wording in entry.questions:
                key = wording_key(wording.text)
                self.listed[key] = self.listed.get(key, frozenset()) | {entry.id}
        self.calibrator = calibrator
        self.caution = caution
        self.candidates = candidates
        self.contact = contact
        self.judge = judge
        self.judge_weight = judge_weight
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
        """The complete answer to a question."""
        *_, last = self.stream(question, history=history, profile=profile, lang=lang, today=today)
        return last

    def stream(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        profile: Profile = {},  # noqa: B006
        lang: Lang | None = None,
        today: date | None = None,
    ) -> Iterator[Answer]:
        """The answer as it grows; the last one is complete and has passed the slot check."""
        asked = resolve(question, history, lang)
        profile = {**profile, **mentioned(question, self.retriever.entries)}
        passages = self.retrieve(asked, profile, today or date.today())
        if not passages:
            yield self._decline(asked.lang, "abstain", (), 0.0)
            return
        confidence = self.calibrator.probability(candidate_features(passages))
        listed = self.listed.get(wording_key(question), frozenset())
        if any(passage.entry.id in listed for passage in passages):  # the sheet's own wording is certain
            passages.sort(key=lambda passage: passage.entry.id not in listed)
            confidence = 1.0
        action = decide(confidence, self.caution)
        if action != "answer":
            yield self._decline(asked.lang, action, passages, confidence)
            return
        first = passages[0].entry
        others = variants(first, [passage.entry for passage in passages], profile)
        if others:
            yield self._by_audience([first, *others], asked.lang, confidence)
            return
        verified = Answer(first.answer(asked.lang), asked.lang, "answer", "verified", (first,), confidence)
        if self.writer is None:
            yield verified
        else:
            yield from self._written(self.writer, question, passages[0], verified)

    def retrieve(self, asked: Resolved, profile: Profile, today: date) -> list[Passage]:
        """The candidates, best first, with the judge's scores when there is one."""
        scored = self.retriever.score(asked.texts).mean()
        possible = np.array(usable(self.retriever.entries, profile, today))
        passages = self.retriever.passages(scored, 0, self.candidates, possible)
        if self.judge is None or not passages:
            return passages
        judged = self.judge.scores(asked.texts[-1], asked.lang, passages)
        return rejudged(passages, judged, self.judge_weight)

    def _written(self, writer: Writer, question: str, passage: Passage, verified: Answer) -> Iterator[Answer]:
        """The generated text, sentence by sentence as each passes the slot check; the verified text
        instead as soon as a fact in it is not the sheet's."""
        draft = shown = ""
        for draft in writer.write(question, verified.lang, passage):
            whole = "".join(_SENTENCES.findall(draft))
            if unsupported(whole, verified.entries):
                break
            if whole != shown:
                shown = whole
                yield dataclasses.replace(verified, text=shown, mode="generated")
        mode: Mode = "generated"
        if not draft or unsupported(draft, verified.entries):
            draft, mode = verified.text, "verified"
        yield dataclasses.replace(verified, text=draft, mode=mode)

    def _by_audience(self, entries: Sequence[Entry], lang: Lang, confidence: float) -> Answer:
        """One answer for everyone: each variant's verified text under whom it is for."""
        parts = [f"- {audience_label(entry, lang)}: {entry.answer(lang)}" for entry in entries]
        said = "\n".join([text("answer.by_audience", lang), *sorted(parts)])
        return Answer(said, lang, "answer", "verified", tuple(entries), confidence)

    def _decline(self, lang: Lang, action: Action, passages: Sequence[Passage], confidence: float) -> Answer:
        """Ask back or abstain, with the nearest questions of the sheet in the asker's language."""
        offered = [offer(passage, lang) for passage in passages[:OFFERED]]
        said = text(f"answer.{action}", lang, contact=self.contact.get(lang))
        cited = tuple(p.entry for p in passages[:OFFERED]) if action == "clarify" else ()
        return Answer(said, lang, action, "verified", cited, confidence, tuple(offered))


def offer(passage: Passage, lang: Lang) -> str:
    """A wording of the entry to offer: the matching one if it is in `lang`, else the first that is."""
    mine = [question.text for question in passage.entry.questions if question.lang == lang]
    return passage.wording if passage.wording in mine or not mine else mine[0]


def audience_label(entry: Entry, lang: Lang) -> str:
    """Whom an entry is for, in words."""
    named: Mapping[str, str] = {"grade": "answer.grade", "department": "answer.department"}
    parts = []
    for kind, values in entry.audience:
        joined = ("·" if lang == "ko" else " and ").join(values)
        parts.append(text(named[kind], lang, value=joined) if kind in named else joined)
    return ", ".join(parts)
