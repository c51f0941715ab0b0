"""A question goes in, an Answer comes out: resolve, retrieve, judge, decide, word."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from schoolhelper.answer.alignment import misread
from schoolhelper.answer.cards import crisis_card, social_card
from schoolhelper.answer.dates import days_meant
from schoolhelper.answer.decide import Calibrator, candidate_features, decide, rejudged
from schoolhelper.answer.distress import crisis
from schoolhelper.answer.generate import Writer
from schoolhelper.answer.judge import Judge, judge_example
from schoolhelper.answer.normalise import as_meant, vocabulary
from schoolhelper.answer.resolve import Resolved, mentioned, resolve, told, usable, variants
from schoolhelper.answer.slots import SlotCheck
from schoolhelper.answer.smalltalk import Social, names_nothing, social, without_greeting
from schoolhelper.answer.split import questions
from schoolhelper.config import SchoolConfig
from schoolhelper.messages import text
from schoolhelper.records import LANGS, Action, Answer, Entry, Lang, Mode, Passage, Profile, Turn
from schoolhelper.retrieve import Retriever
from schoolhelper.sheet import detect_lang, wording_key

_SENTENCES = re.compile(r".*?[.!?。](?=\s)\s+", re.DOTALL)

OFFERED = 3
"""How many nearest wordings are offered when the chatbot asks back or abstains."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, when, and in which language the answer is wanted (None: the question's own)."""

    history: tuple[Turn, ...]
    profile: Profile
    lang: Lang | None
    today: date


@dataclass(frozen=True, slots=True)
class Found:
    """A message as it is best understood, the day that it is about, and its candidates, best first."""

    question: str
    history: Sequence[Turn]
    profile: Profile
    asked: Resolved
    since: date
    passages: list[Passage]


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
        school: SchoolConfig,
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
        self.words = vocabulary(retriever.entries)
        self.calibrator = calibrator
        self.caution = caution
        self.candidates = candidates
        self.school = school
        self.counsel = next((e for e in retriever.entries if e.id == school.counsel_entry), None)
        self.judge = judge
        self.judge_weight = judge_weight
        self.writer = writer
        self.slots = SlotCheck(retriever.entries, always=(school.name.ko, school.name.en))

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
        message = question if self._listed(question) else as_meant(question, self.words)
        asker = Asker(
            tuple(history),
            {**told(history, self.retriever.entries), **profile},
            lang,
            today or date.today(),
        )
        if distress := crisis(question) or crisis(message):
            listed = (e for e in self.retriever.entries if e.id in self._listed(question))
            counsel = next(listed, self.counsel)
            yield crisis_card(distress, lang or detect_lang(message), self.school, counsel)
        elif not self._listed(question) and (word := _social(message, history)):
            yield social_card(word, lang or detect_lang(message), self.school)
        else:
            message = without_greeting(message)
            parts = [] if self._listed(message) else questions(message)
            *apart, whole = self._find([*self._parts(parts, asker), (message, asker)])
            yield from self._whole_or_parts(whole, apart)

    def warm(self) -> None:
        """Read the sheet before anybody asks; it takes a while and is for the background."""
        for lang in sorted(LANGS, key=lambda lang: lang != self.school.language):
            for reader in (self.judge, self.writer):
                if reader:
                    reader.warm(self.retriever.entries, lang)

    def _listed(self, message: str) -> frozenset[str]:
        """The ids of the entries that have just this wording."""
        return self.listed.get(wording_key(message), frozenset())

    def _parts(self, parts: Sequence[str], asker: Asker) -> Iterator[tuple[str, Asker]]:
        """Several questions of one message, each asked behind those before it."""
        if len(parts) < 2:
            return
        lang, history = asker.lang or detect_lang(" ".join(parts)), asker.history
        for part in parts:
            yield part, dataclasses.replace(asker, history=history, lang=lang)
            history = (*history, Turn("user", part))

    def _whole_or_parts(self, whole: Found, parts: Sequence[Found]) -> Iterator[Answer]:
        """The message as one question, since many a question is asked in two sentences; its parts one
        after the other where they have different answers, or only a part has one."""
        said = [(part.question, list(self._one(part))[-1]) for part in parts]
        known = {answer.entries[0].id for _, answer in said if answer.action == "answer"}
        if len(known) > 1:
            yield self._together(said)
            return
        answers = self._one(whole)
        first = next(answers)
        if known and first.action != "answer":
            yield self._together(said)
        else:
            yield first
            yield from answers

    def _together(self, said: Sequence[tuple[str, Answer]]) -> Answer:
        """The answers to the questions of one message; of those that have none, that they have none."""
        found = [answer for _, answer in said if answer.action == "answer"]
        texts: dict[str, str] = {}
        for question, answer in said:
            if answer.action == "answer":
                texts.setdefault(answer.entries[0].id, answer.text)
            else:
                contact = self.school.contact.get(answer.lang)
                texts[question] = text(
                    "answer.part_unanswered", answer.lang, question=question, contact=contact
                )
        cited = {entry.id: entry for answer in found for entry in answer.entries}
        return Answer(
            "\n\n".join(texts.values()),
            found[0].lang,
            "answer",
            "generated" if any(answer.mode == "generated" for answer in found) else "verified",
            tuple(cited.values()),
            min(answer.confidence for answer in found),
        )

    def _find(self, asked: Sequence[tuple[str, Asker]]) -> list[Found]:
        """What each message most likely means, and its candidates: all judged at once."""
        entries = self.retriever.entries
        plans = []
        for question, asker in asked:
            profile = {**asker.profile, **mentioned(question, entries)}
            since, until = days_meant(question, asker.today)
            possible = usable(entries, profile, (since, until), expired=True)
            plans.append((profile, since, possible, resolve(question, asker.history, asker.lang)))
        readings = [(reading, possible) for _, _, possible, found in plans for reading in found]
        passages = iter(self.retrieve(readings))
        best = []
        for (question, asker), (profile, since, _, found) in zip(asked, plans, strict=True):
            pairs = [(reading, next(passages)) for reading in found]
            reading, mine = max(pairs, key=lambda each: self.confidence(each[1]))
            best.append(Found(question, asker.history, profile, reading, since, mine))
        return best

    def _one(self, found: Found) -> Iterator[Answer]:
        asked, passages, since = found.asked, found.passages, found.since
        outdated = [passage.entry for passage in passages[:1] if not passage.entry.still_holds_on(since)]
        if outdated and decide(self.confidence(passages), self.caution) == "answer":
            yield self._expired(outdated[0], asked.lang)
            return
        passages = [passage for passage in passages if passage.entry.still_holds_on(since)]
        confidence = self.confidence(passages)
        listed = self._listed(found.question)
        if any(passage.entry.id in listed for passage in passages):  # the sheet's own wording is certain
            passages.sort(key=lambda passage: passage.entry.id not in listed)
            confidence = 1.0
        action = decide(confidence, self.caution) if passages else "abstain"
        if action != "answer":
            yield self._decline(asked.lang, action, passages, confidence)
            return
        first = passages[0].entry
        others = variants(first, [passage.entry for passage in passages], found.profile)
        if others:
            yield self._by_audience([first, *others], asked.lang, confidence, found.history)
            return
        verified = Answer(first.answer(asked.lang), asked.lang, "answer", "verified", (first,), confidence)
        if self.writer is None:
            yield verified
        else:
            yield from self._written(self.writer, found.question, verified)

    def retrieve(self, readings: Sequence[tuple[Resolved, Sequence[bool]]]) -> list[list[Passage]]:
        """The candidates of each reading among the entries that are possible for it, best first, with
        the judge's scores when there is one."""
        texts = list(dict.fromkeys(each for asked, _ in readings for each in asked.texts))
        scored = self.retriever.score(texts)
        found = []
        for asked, possible in readings:
            together = scored.mean([texts.index(each) for each in asked.texts])
            found.append(self.retriever.passages(together, 0, self.candidates, np.array(possible)))
        if self.judge is None:
            return found
        pairs = zip(readings, found, strict=True)
        asked_of = [
            judge_example(asked.texts[-1], asked.lang, p.entry)
            for (asked, _), passages in pairs
            for p in passages
        ]
        judged = iter(self.judge.scores(asked_of))
        return [rejudged(each, [next(judged) for _ in each], self.judge_weight) for each in found]

    def confidence(self, passages: Sequence[Passage]) -> float:
        """The calibrated probability that the first candidate answers the question."""
        return self.calibrator.probability(candidate_features(passages)) if passages else 0.0

    def _expired(self, entry: Entry, lang: Lang) -> Answer:
        """That the answer is out of date, without a word of it."""
        contact = self.school.contact.get(lang)
        said = text("answer.expired", lang, until=entry.valid_until, contact=contact)
        return Answer(said, lang, "abstain")

    def _written(self, writer: Writer, question: str, verified: Answer) -> Iterator[Answer]:
        """The generated text, sentence by sentence as each passes the checks; the verified text instead
        as soon as a fact in it is not the sheet's, or is misread."""
        draft = shown = ""
        for draft in writer.write(question, verified.lang, verified.entries[0]):
            whole = "".join(_SENTENCES.findall(draft))
            if whole != shown:
                if not self._stands(whole, verified):
                    break
                shown = whole
                yield dataclasses.replace(verified, text=shown, mode="generated")
        mode: Mode = "generated"
        if not draft or not self._stands(draft, verified):
            draft, mode = verified.text, "verified"
        yield dataclasses.replace(verified, text=draft, mode=mode)

    def _stands(self, generated: str, verified: Answer) -> bool:
        """Whether a text states nothing but what the verified answer's entries do."""
        if self.slots.unsupported(generated, verified.entries):
            return False
        answers = [entry.answer(verified.lang) for entry in verified.entries]
        return not misread(generated, answers, verified.lang)

    def _by_audience(
        self, entries: Sequence[Entry], lang: Lang, confidence: float, history: Sequence[Turn]
    ) -> Answer:
        """One answer for everyone: each variant's verified text under whom it is for. The first time
        it also asks who the asker is."""
        parts = [f"- {audience_label(entry, lang)}: {entry.answer(lang)}" for entry in entries]
        lines = [text("answer.by_audience", lang), *sorted(parts)]
        request = text("answer.told_grade_hint", lang)
        if not any(turn.role == "assistant" and request in turn.text for turn in history):
            lines.append(request)
        return Answer("\n".join(lines), lang, "answer", "verified", tuple(entries), confidence)

    def _decline(self, lang: Lang, action: Action, passages: Sequence[Passage], confidence: float) -> Answer:
        """Ask back or abstain, with the nearest questions of the sheet in the asker's language."""
        offered = [offer(passage, lang) for passage in passages[:OFFERED]]
        said = text(f"answer.{action}", lang, contact=self.school.contact.get(lang))
        cited = tuple(p.entry for p in passages[:OFFERED]) if action == "clarify" else ()
        return Answer(said, lang, action, "verified", cited, confidence, tuple(offered))


def _social(message: str, history: Sequence[Turn]) -> Social | None:
    """What a message is that asks nothing; one that names nothing may still lean on an earlier one."""
    return social(message) or ("wordless" if message and not history and names_nothing(message) else None)


def offer(passage: Passage, lang: Lang) -> str:
    """A wording of the entry to offer: one in `lang` if there is any, best the one that matched."""
    return min(
        passage.entry.questions, key=lambda each: (each.lang != lang, each.text != passage.wording)
    ).text


def audience_label(entry: Entry, lang: Lang) -> str:
    """Whom an entry is for, in words."""
    named: Mapping[str, str] = {"grade": "answer.grade", "department": "answer.department"}
    parts = []
    for kind, values in entry.audience:
        joined = ("·" if lang == "ko" else " and ").join(values)
        parts.append(text(named[kind], lang, value=joined) if kind in named else joined)
    return ", ".join(parts)
