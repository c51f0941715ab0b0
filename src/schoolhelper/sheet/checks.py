"""The checks of a sheet, each small, all of them run. This file: the table, its rows and cells."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from schoolhelper.sheet.issues import SheetIssue, issue, short
from schoolhelper.sheet.table import ALIASES, COLUMNS, REQUIRED, Table
from schoolhelper.sheet.values import clean_text, has_control

LONG_QUESTION = 200
LONG_ANSWER = 600
"""Characters; a longer text is reported, never cut."""

_DAMAGE = re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!)|#{3,}|\d(?:\.\d+)?E\+\d+")
_RESIDENT_NUMBER = re.compile(
    r"(?<!\d)(\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))\s?[-–]?\s?[1-8]\d{6}(?!\d)"
)
_MOBILE = re.compile(r"(?<!\d)(?:\+82[-\s]?|0)1[016789][-.\s]?\d{3,4}[-.\s]?\d{4}(?!\d)")
_PERSONAL_EMAIL = re.compile(
    r"[A-Za-z0-9._+-]+@(?:naver\.com|gmail\.com|daum\.net|hanmail\.net|kakao\.com|nate\.com)(?![A-Z])",
    re.IGNORECASE,
)


def missing_columns(table: Table) -> Iterator[SheetIssue]:
    if table.columns:
        for column in REQUIRED:
            if column not in table.columns:
                header = short(" | ".join(table.headers.values()))
                korean = ALIASES[column].split()[0]
                yield issue(
                    "missing-column", table.name, column=column, korean=korean, name=column, header=header
                )


def unknown_columns(table: Table) -> Iterator[SheetIssue]:
    for column in table.columns:
        if column not in COLUMNS:
            yield issue("unknown-column", table.name, column=column, header=short(table.headers[column]))


def empty_rows(table: Table) -> Iterator[SheetIssue]:
    for row in table.rows:
        if row.is_empty:
            yield issue("empty-row", table.name, row.number)


def characters(table: Table) -> Iterator[SheetIssue]:
    """Characters that were lost, are invisible or are stored in pieces."""
    for row, column, cell in _cells(table):
        if "\ufffd" in cell:
            yield issue("broken-characters", table.name, row, column, value=short(cell))
        if has_control(cell):
            yield issue("control-character", table.name, row, column, value=short(clean_text(cell)))
        if not unicodedata.is_normalized("NFC", cell):
            yield issue("decomposed-hangul", table.name, row, column)


def excel_traces(table: Table) -> Iterator[SheetIssue]:
    """Values that Excel spoilt when it saved, and texts that it would run as a formula."""
    for row, column, cell in _cells(table):
        value = cell.strip()
        if _DAMAGE.fullmatch(value):
            yield issue("excel-damage", table.name, row, column, value=value)
        elif value[:1] in ("=", "@") or re.match(r"\+(?!\d)", value):
            yield issue("formula-text", table.name, row, column, value=short(value))


def personal_data(table: Table) -> Iterator[SheetIssue]:
    """Resident registration numbers, mobile phones and private mailboxes; the text masks them."""
    for row, column, cell in _cells(table):
        for match in _RESIDENT_NUMBER.finditer(cell):
            yield issue("resident-number", table.name, row, column, value=match[1] + "-*******")
        for match in _MOBILE.finditer(cell):
            yield issue("mobile-number", table.name, row, column, value=match[0][:-4] + "****")
        for match in _PERSONAL_EMAIL.finditer(cell):
            name, _, domain = match[0].partition("@")
            yield issue("personal-email", table.name, row, column, value=f"{name[:2]}***@{domain}")


def lengths(table: Table) -> Iterator[SheetIssue]:
    limits = {"question": LONG_QUESTION, "answer": LONG_ANSWER}
    for row, column, cell in _cells(table):
        size = len(clean_text(cell))
        if size > limits.get(column, size):
            yield issue(f"long-{column}", table.name, row, column, size=size, limit=limits[column])


TABLE_CHECKS = (
    missing_columns,
    unknown_columns,
    empty_rows,
    characters,
    excel_traces,
    personal_data,
    lengths,
)


def _cells(table: Table) -> Iterator[tuple[int, str, str]]:
    for row in table.rows:
        for column, cell in row.cells.items():
            if cell:
                yield row.number, column, cell
