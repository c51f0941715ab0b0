"""Read an exam file, CSV or JSONL, into exam questions, and say of each mistake where it stands."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from schoolhelper.errors import ExamError
from schoolhelper.evaluate.metrics import NOBODY
from schoolhelper.messages import text
from schoolhelper.records import LANGS, ExamQuestion, Lang, Turn

REQUIRED = ("question", "expected")
ENCODINGS = ("utf-8-sig", "cp949")
"""Tried in this order; Excel in Korea saves CSV as CP949, which holds EUC-KR."""

SHOWN = 20
"""How many mistakes an error lists."""

Cells = Mapping[str, Any]


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
    questions: list[ExamQuestion] = []
    mistakes: list[str] = []
    first_row: dict[tuple[Any, ...], int] = {}
    for number, cells in _rows(path):
        try:
            question = _question(cells, known_ids)
            profile = tuple(sorted(question.profile.items()))
            asked = (question.question, question.history, profile, question.today)
            if asked in first_row:
                raise _CellError("question", "exam_duplicate", row=first_row[asked])
            first_row[asked] = number
            questions.append(question)
        except _CellError as error:
            mistakes.append(text("report.exam_place", row=number, column=error.column, what=error))
    if mistakes:
        more = [text("report.exam_more", n=len(mistakes) - SHOWN)] if len(mistakes) > SHOWN else []
        message = text("report.exam_mistakes", path=path, n=len(mistakes))
        raise ExamError("\n".join([message, *mistakes[:SHOWN], *more]), text("report.exam_mistakes_hint"))
    if not questions:
        raise ExamError(text("report.exam_empty", path=path), text("report.exam_empty_hint"))
    return questions


def _rows(path: Path) -> Iterator[tuple[int, Cells]]:
    """The file's rows with their number; 1 is a CSV's header or a JSONL's first line."""
    content = _decode(path)
    if path.suffix.lower() == ".jsonl":
        for number, line in enumerate(content.split("\n"), start=1):
            if line.strip():
                yield number, _json_object(line, path, number)
    elif path.suffix.lower() == ".csv":
        try:
            header, *rows = list(csv.reader(io.StringIO(content, newline=""))) or [[]]
        except csv.Error as error:
            raise _unreadable(path, error) from None
        header = [name.strip().lower() for name in header]
        for column in REQUIRED:
            if column not in header:
                raise ExamError(
                    text("report.exam_missing_column", path=path, column=column),
                    text("report.exam_missing_column_hint", columns=", ".join(filter(None, header)) or "-"),
                )
        for number, row in enumerate(rows, start=2):
            if any(cell.strip() for cell in row):
                yield number, dict(zip(header, row, strict=False))
    else:
        raise ExamError(text("report.exam_kind_of_file", path=path), text("report.exam_kind_of_file_hint"))


def _decode(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from None
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ExamError(text("report.exam_encoding", path=path), text("report.exam_encoding_hint"))


def _unreadable(path: Path, error: Exception) -> ExamError:
    return ExamError(
        text("report.exam_unreadable", path=path, error=error), text("report.exam_unreadable_hint")
    )


def _json_object(line: str, path: Path, number: int) -> Cells:
    try:
        value = json.loads(line)
    except ValueError as error:
        raise ExamError(
            text("report.exam_line_not_json", path=path, row=number, error=error),
            text("report.exam_line_not_json_hint"),
        ) from None
    missing = [column for column in REQUIRED if not isinstance(value, dict) or column not in value]
    if missing:
        raise ExamError(
            text("report.exam_line_without", path=path, row=number, column=missing[0]),
            text("report.exam_line_not_json_hint"),
        )
    return dict(value)


def _question(cells: Cells, known_ids: Collection[str]) -> ExamQuestion:
    question = _string(cells, "question")
    if not question:
        raise _CellError("question", "exam_empty_question")
    return ExamQuestion(
        question=question,
        expected=_expected(cells, known_ids),
        lang=_lang(_string(cells, "lang"), question),
        kind=_string(cells, "kind"),
        history=_history(cells.get("history")),
        profile=_profile(cells.get("profile")),
        today=_today(_string(cells, "today")),
    )


def _string(cells: Cells, column: str) -> str:
    value = cells.get(column)
    return "" if value is None else str(value).strip()


def _expected(cells: Cells, known_ids: Collection[str]) -> tuple[str, ...]:
    value = cells.get("expected")
    listed = value if isinstance(value, list) else _string(cells, "expected").split("|")
    ids = tuple(dict.fromkeys(str(part).strip() for part in listed if str(part).strip()))
    if not ids:
        raise _CellError("expected", "exam_no_expected")
    if [name.lower() for name in ids] == [NOBODY]:
        return ()
    for name in ids:
        if name not in known_ids:
            raise _CellError("expected", "exam_unknown_id", id=name)
    return ids


def _lang(value: str, question: str) -> Lang:
    """What the cell says, else Korean when the question holds Hangul."""
    for lang in LANGS:
        if value.lower() == lang:
            return lang
    if value:
        raise _CellError("lang", "exam_bad_lang", value=value)
    return "ko" if re.search(r"[가-힣ㄱ-ㅎㅏ-ㅣ]", question) else "en"


def _history(value: Any) -> tuple[Turn, ...]:
    if isinstance(value, str):
        try:
            value = json.loads(value) if value.strip() else []
        except ValueError as error:
            raise _CellError("history", "exam_bad_json", error=error) from None
    if not isinstance(value or [], list):
        raise _CellError("history", "exam_bad_history")
    return tuple(_turn(message, index) for index, message in enumerate(value or []))


def _turn(message: Any, index: int) -> Turn:
    match message:
        case str():
            return Turn("user" if index % 2 == 0 else "assistant", message)
        case {"role": "user", "text": str(words)}:
            return Turn("user", words)
        case {"role": "assistant", "text": str(words)}:
            return Turn("assistant", words)
    raise _CellError("history", "exam_bad_history")


def _profile(value: Any) -> dict[str, str]:
    if isinstance(value, Mapping):
        return {str(key): str(item) for key, item in value.items()}
    profile = {}
    for part in filter(None, (part.strip() for part in str(value or "").split(";"))):
        key, equals, item = (piece.strip() for piece in part.partition("="))
        if not (key and equals and item):
            raise _CellError("profile", "exam_bad_profile", value=part)
        profile[key] = item
    return profile


def _today(value: str) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise _CellError("today", "exam_bad_date", value=value) from None
