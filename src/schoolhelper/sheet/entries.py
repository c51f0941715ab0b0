"""Rows become entries: the rows with one id, or without ids the rows with one answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from schoolhelper.errors import SheetError
from schoolhelper.records import LANGS, Audience, Entry, Lang, Question
from schoolhelper.sheet.audience import parse_audience
from schoolhelper.sheet.issues import SheetIssue, issue
from schoolhelper.sheet.table import REQUIRED, Row, Table
from schoolhelper.sheet.values import clean_line, clean_text, parse_date, parse_lang, row_lang, wording_key

T = TypeVar("T")

DETAILS = ("topic", "owner", "contact", "source", "attachment")
DATES = ("valid_from", "valid_until", "confirmed_on")


@dataclass(frozen=True, slots=True)
class Line:
    """A row with its cells understood; what could not be is empty here and an issue elsewhere."""

    row: int
    question: str
    answer: str
    id: str
    lang: Lang
    audience: Audience
    valid_from: date | None
    valid_until: date | None
    confirmed_on: date | None
    topic: str
    owner: str
    contact: str
    source: str
    attachment: str


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of one entry; `entry` is None while it lacks a wording or an answer."""

    id: str
    lines: tuple[Line, ...]
    entry: Entry | None


def answer_key(answer: str) -> str:
    """What makes two answers the same: the text with normalised white space."""
    return clean_line(answer)


def generated_id(answer: str) -> str:
    """The id of an entry that the sheet gives none; it stays as long as the answer does."""
    return "e-" + hashlib.sha256(answer_key(answer).encode()).hexdigest()[:8]


def read_lines(table: Table) -> tuple[list[Line], list[SheetIssue]]:
    """Every row that is not empty, understood, and what could not be understood.

    Without the question or the answer column there are none: that issue says it all.
    """
    lines: list[Line] = []
    issues: list[SheetIssue] = []
    if set(REQUIRED) <= set(table.columns):
        for row in table.rows:
            if not row.is_empty:
                line, found = _read_line(table, row)
                lines.append(line)
                issues += found
    return lines, issues


def group_lines(lines: Sequence[Line]) -> tuple[list[Group], list[Line]]:
    """The entries in the order of their first rows, and the lines that belong to none."""
    ids_of_answer: dict[str, set[str]] = {}
    for line in lines:
        if line.id and line.answer:
            ids_of_answer.setdefault(answer_key(line.answer), set()).add(line.id)
    groups: dict[str, list[Line]] = {}
    orphans: list[Line] = []
    for line in lines:
        name = line.id
        if not name and line.answer:
            named = ids_of_answer.get(answer_key(line.answer), set())
            name = next(iter(named)) if len(named) == 1 else generated_id(line.answer)
        if name:
            groups.setdefault(name, []).append(line)
        else:
            orphans.append(line)
    return [Group(name, tuple(group), _entry(name, group)) for name, group in groups.items()], orphans


def _read_line(table: Table, row: Row) -> tuple[Line, list[SheetIssue]]:
    issues: list[SheetIssue] = []

    def cell(column: str) -> str:
        return clean_line(row.cells.get(column, ""))

    def understood(column: str, code: str, read: Callable[[str], T], fallback: T) -> T:
        try:
            return read(cell(column))
        except (ValueError, SheetError) as error:
            reason = error.message if isinstance(error, SheetError) else ""
            issues.append(issue(code, table.name, row.number, column, value=cell(column), reason=reason))
            return fallback

    question, answer = cell("question"), clean_text(row.cells.get("answer", ""))
    lang = parse_lang(cell("lang"))
    if lang is None and cell("lang"):
        issues.append(issue("unknown-lang", table.name, row.number, "lang", value=cell("lang")))
    if (
        "|" in cell("id") or cell("id").casefold() == "none"
    ):  # an exam joins ids by | and says none for no entry
        issues.append(issue("bad-id", table.name, row.number, "id", value=cell("id")))
    days = {column: understood(column, "bad-date", parse_date, None) for column in DATES}
    line = Line(
        row=row.number,
        question=question,
        answer=answer,
        id=cell("id"),
        lang=lang or row_lang(question, answer),
        audience=understood("audience", "bad-audience", parse_audience, ()),
        valid_from=days["valid_from"],
        valid_until=days["valid_until"],
        confirmed_on=days["confirmed_on"],
        topic=cell("topic"),
        owner=cell("owner"),
        contact=cell("contact"),
        source=cell("source"),
        attachment=cell("attachment"),
    )
    return line, issues


def _entry(name: str, lines: Sequence[Line]) -> Entry | None:
    wordings: dict[str, Question] = {}
    for line in lines:
        if line.question:
            wordings.setdefault(wording_key(line.question), Question(line.question, line.lang, line.row))
    questions = tuple(wordings.values())
    langs = sorted(LANGS, key=lambda lang: -sum(question.lang == lang for question in questions))
    found = {lang: _first(line.answer for line in lines if line.lang == lang) for lang in langs}
    answers = {lang: answer for lang, answer in found.items() if answer}
    if not questions or not answers:
        return None
    confirmed = [line.confirmed_on for line in lines if line.confirmed_on]
    return Entry(
        id=name,
        questions=questions,
        answers=answers,
        audience=_first(line.audience for line in lines) or (),
        valid_from=_first(line.valid_from for line in lines),
        valid_until=_first(line.valid_until for line in lines),
        confirmed_on=min(confirmed, default=None),  # an entry is as fresh as its oldest part
        rows=tuple(line.row for line in lines),
        **{detail: _first(getattr(line, detail) for line in lines) or "" for detail in DETAILS},
    )


def _first(values: Iterable[T | None]) -> T | None:
    return next((value for value in values if value), None)
