"""Ask the exam's questions and keep what came back. The exam must not repeat the sheet's wordings."""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process

from schoolhelper.errors import ExamError, RunError
from schoolhelper.evaluate.metrics import NOBODY, summarise
from schoolhelper.messages import text
from schoolhelper.records import Answer, Entry, ExamQuestion, ExamResult, Lang, Responder, Turn
from schoolhelper.runs import read_json
from schoolhelper.sheet import wording_key
from schoolhelper.sheet.facts import differences

VERSION = 1
"""Of results.json."""

SAME_TEXT = 90.0
"""Likeness in percent (rapidfuzz ratio) from which a text counts as an entry's answer."""

SHOWN = 10
"""How many leaked questions an error lists."""


def leaked_questions(questions: Iterable[ExamQuestion], entries: Iterable[Entry]) -> list[ExamQuestion]:
    """The exam questions that stand in the sheet word for word.

    Case, spaces and punctuation make no difference.
    """
    wordings = {wording_key(wording.text) for entry in entries for wording in entry.questions} - {""}
    return [question for question in questions if wording_key(question.question) in wordings]


def refuse_leaked(questions: Iterable[ExamQuestion], entries: Iterable[Entry]) -> None:
    """Stop when the exam is not held out.

    Raises:
        ExamError: questions stand in the sheet; the message lists them.
    """
    leaked = leaked_questions(questions, entries)
    if leaked:
        listed = "\n".join(f"  - {question.question}" for question in leaked[:SHOWN])
        more = text("report.exam_more", n=len(leaked) - SHOWN) if len(leaked) > SHOWN else ""
        message = text("report.exam_leaked", n=len(leaked))
        raise ExamError("\n".join(filter(None, (message, listed, more))), text("report.exam_leaked_hint"))


def run_exam(
    responder: Responder,
    questions: Sequence[ExamQuestion],
    entries: Sequence[Entry],
    *,
    progress: Callable[[int, int], None] | None = None,
) -> list[ExamResult]:
    """Ask every question once, in order, and time it on the wall clock.

    `entries` are the sheet: they prove that the exam is held out, tell which entries a
    clarification or refusal offered, and judge an answer that cites none by its text.
    `progress` is told how many of how many questions are done.

    Raises:
        ExamError: a question stands in the sheet.
    """
    refuse_leaked(questions, entries)
    entry_of = {wording_key(wording.text): entry.id for entry in entries for wording in entry.questions}
    results = []
    for done, question in enumerate(questions, start=1):
        start = time.perf_counter()
        answer = responder.answer(
            question.question,
            history=question.history,
            profile=question.profile,
            lang=question.lang,
            today=question.today,
        )
        latency_ms = (time.perf_counter() - start) * 1000
        results.append(_result(question, answer, latency_ms, entries, entry_of))
        if progress:
            progress(done, len(questions))
    return results


def _result(
    question: ExamQuestion,
    answer: Answer,
    latency_ms: float,
    entries: Sequence[Entry],
    entry_of: Mapping[str, str],
) -> ExamResult:
    cited = tuple(entry.id for entry in answer.entries)
    offered: tuple[str, ...] = ()
    if answer.action == "answer" and not cited:
        cited = tuple(filter(None, [cite_by_text(answer.text, entries, question.lang)]))
    elif answer.action != "answer":
        suggested = (entry_of.get(wording_key(suggestion)) for suggestion in answer.suggestions)
        offered = tuple(dict.fromkeys(filter(None, (*cited, *suggested))))
    return ExamResult(
        question=question,
        action=answer.action,
        entries=cited,
        answer=answer.text,
        mode=answer.mode,
        confidence=answer.confidence,
        latency_ms=latency_ms,
        offered=offered,
    )


def cite_by_text(answer: str, entries: Sequence[Entry], lang: Lang) -> str | None:
    """The id of the entry whose verified answer `answer` says, for answers that cite none.

    It must be at least `SAME_TEXT` like the verified answer, have the same numbers in the same
    order, and state no other fact: not the afternoon for the morning, nor Tuesday for Monday.
    """
    said = _numbers(answer)
    candidates = {
        entry.id: wording_key(verified)
        for entry in entries
        if _numbers(verified := entry.answer(lang)) == said and not any(differences(answer, verified))
    }
    nearest = process.extractOne(wording_key(answer), candidates, scorer=fuzz.ratio, score_cutoff=SAME_TEXT)
    return nearest[2] if nearest else None


def is_verified_text(answer: str, entry: Entry, lang: Lang) -> bool:
    """Whether `answer` is the entry's verified answer but for spaces, case and punctuation."""
    verified = entry.answer(lang)
    return wording_key(answer) == wording_key(verified) and _numbers(answer) == _numbers(verified)


def _numbers(words: str) -> list[str]:
    return re.findall(r"\d+", unicodedata.normalize("NFKC", words))


def results_document(results: Sequence[ExamResult], *, facts: Mapping[str, Any]) -> dict[str, Any]:
    """results.json: the format's version, the summary, one row a question, and `facts` of the run."""
    return {
        "version": VERSION,
        "facts": dict(facts),
        "summary": summarise(results),
        "rows": [_row(result) for result in results],
    }


def read_results(path: Path) -> list[ExamResult]:
    """The rows of a results.json.

    Raises:
        RunError: the file is missing or damaged, or of another version.
    """
    document = read_json(path)
    try:
        if document["version"] != VERSION:
            raise RunError(
                text("report.results_version", path=path, version=document["version"]),
                text("report.results_version_hint"),
            )
        return [_read_row(row) for row in document["rows"]]
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(
            text("errors.file_damaged", path=path, error=repr(error)), text("errors.file_damaged_hint")
        ) from None


def _row(result: ExamResult) -> dict[str, Any]:
    question = result.question
    return {
        "question": question.question,
        "expected": list(question.expected) or NOBODY,
        "lang": question.lang,
        "kind": question.kind,
        "history": [{"role": turn.role, "text": turn.text} for turn in question.history],
        "profile": dict(question.profile),
        "today": question.today.isoformat() if question.today else None,
        "action": result.action,
        "verdict": result.verdict,
        "entries": list(result.entries),
        "offered": list(result.offered),
        "answer": result.answer,
        "mode": result.mode,
        "confidence": result.confidence,
        "latency_ms": result.latency_ms,
    }


def _read_row(row: Mapping[str, Any]) -> ExamResult:
    question = ExamQuestion(
        question=row["question"],
        expected=() if row["expected"] == NOBODY else tuple(row["expected"]),
        lang=row["lang"],
        kind=row["kind"],
        history=tuple(Turn(turn["role"], turn["text"]) for turn in row["history"]),
        profile=row["profile"],
        today=date.fromisoformat(row["today"]) if row["today"] else None,
    )
    return ExamResult(
        question=question,
        action=row["action"],
        entries=tuple(row["entries"]),
        answer=row["answer"],
        mode=row["mode"],
        confidence=row["confidence"],
        latency_ms=row["latency_ms"],
        offered=tuple(row["offered"]),
    )
