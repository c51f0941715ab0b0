"""Read an exam, from any table the sheet's reader takes, and say of each mistake where it stands."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from schoolhelper.errors import ExamError, SheetError, UsageError
from schoolhelper.evaluate.metrics import NOBODY
from schoolhelper.messages import text
from schoolhelper.records import ExamQuestion, Lang, Turn
from schoolhelper.sheet import Table, detect_lang, parse_date, parse_profile, read_table
from schoolhelper.sheet.values import clean_line, parse_lang

REQUIRED = ("question", "expected")
SHOWN = 20
"""How many mistakes an error lists."""


class _CellError(ValueError):
    """A mistake in one cell: the column and, from the catalogue, what is wrong and how to mend it."""

    def __init__(self, column: str, key: str, **values: object) -> None:
        super().__init__(text(f"report.{key}", None, **values))
        self.column = column


def load_exam(path: Path, known_ids: Collection[str]) -> list[ExamQuestion]:
    """Read the exam; columns it does not know are left alone.

    Raises:
        ExamError: the file cannot be read, or has mistakes: a missing column, an empty question, an
            expected id that `known_ids` lacks, bad JSON, a bad date, profile or language, or a
            question asked twice of the same asker on the same day. The message lists row and column.
    """
    table = _read(path)
    questions: list[ExamQuestion] = []
    mistakes = [
        text("report.exam_row", row=issue.row or 1, what=f"{issue.text} {issue.hint}")
        for issue in table.issues
        if issue.severity == "error"
    ]
    first_row: dict[tuple[Any, ...], int] = {}
    for row in table.rows:
        if row.is_empty:
            continue
        try:
            question = _question(row.cells, known_ids)
            profile = tuple(sorted(question.profile.items()))
            asked = (question.question, question.history, profile, question.today)
            if asked in first_row:
                raise _CellError("question", "exam_duplicate", row=first_row[asked])
            first_row[asked] = row.number
            questions.append(question)
        except _CellError as error:
            mistakes.append(text("report.exam_cell", row=row.number, column=error.column, what=error))
    if mistakes:
        more = [text("report.exam_more", n=len(mistakes) - SHOWN)] if len(mistakes) > SHOWN else []
        message = text("report.exam_mistakes", path=path, n=len(mistakes))
        raise ExamError("\n".join([message, *mistakes[:SHOWN], *more]), text("report.exam_mistakes_hint"))
    return questions


def _read(path: Path) -> Table:
    if not path.is_file():
        raise ExamError(text("report.exam_missing", path=path), text("report.exam_missing_hint"))
    try:
        table = read_table(path)
    except SheetError as error:
        raise ExamError(error.message, error.hint) from None
    if not table.rows:
        raise ExamError(text("report.exam_empty", path=path), text("report.exam_empty_hint"))
    for column in REQUIRED:
        if column not in table.columns:
            found = ", ".join(table.columns)
            raise ExamError(
                text("report.exam_missing_column", path=path, column=column),
                text("report.exam_missing_column_hint", columns=found),
            )
    return table


def _question(cells: Mapping[str, str], known_ids: Collection[str]) -> ExamQuestion:
    question = clean_line(cells["question"])
    if not question:
        raise _CellError("question", "exam_empty_question")
    return ExamQuestion(
        question=question,
        expected=_expected(cells["expected"], known_ids),
        lang=_lang(cells.get("lang", "")) or detect_lang(question),
        kind=clean_line(cells.get("kind", "")),
        history=_history(cells.get("history", "")),
        profile=_profile(cells.get("profile", "")),
        today=_today(cells.get("today", "")),
    )


def _expected(cell: str, known_ids: Collection[str]) -> tuple[str, ...]:
    ids = tuple(dict.fromkeys(part.strip() for part in cell.split("|") if part.strip()))
    if not ids:
        raise _CellError("expected", "exam_no_expected")
    if len(ids) == 1 and ids[0].lower() == NOBODY:
        return ()
    for name in ids:
        if name not in known_ids:
            raise _CellError("expected", "exam_unknown_id", id=name)
    return ids


def _lang(cell: str) -> Lang | None:
    lang = parse_lang(cell)
    if cell.strip() and lang is None:
        raise _CellError("lang", "exam_bad_lang", value=cell)
    return lang


def _history(cell: str) -> tuple[Turn, ...]:
    try:
        messages = json.loads(cell) if cell.strip() else []
    except ValueError as error:
        raise _CellError("history", "exam_bad_json", error=error) from None
    if not isinstance(messages, list):
        raise _CellError("history", "exam_bad_history")
    return tuple(_turn(message, index) for index, message in enumerate(messages))


def _turn(message: Any, index: int) -> Turn:
    match message:
        case str():
            return Turn("user" if index % 2 == 0 else "assistant", message)
        case {"role": "user", "text": str(words)}:
            return Turn("user", words)
        case {"role": "assistant", "text": str(words)}:
            return Turn("assistant", words)
    raise _CellError("history", "exam_bad_history")


def _profile(cell: str) -> dict[str, str]:
    try:
        return parse_profile(cell)
    except UsageError:
        raise _CellError("profile", "exam_bad_profile", value=cell) from None


def _today(cell: str) -> date | None:
    try:
        return parse_date(cell)
    except ValueError:
        raise _CellError("today", "exam_bad_date", value=cell) from None
