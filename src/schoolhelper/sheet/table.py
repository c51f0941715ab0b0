"""A table as people wrote it, with canonical column names and the row numbers they see."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from schoolhelper.sheet.issues import SheetIssue, issue

ALIASES: dict[str, str] = {
    "question": "질문 질문내용 문의 문의내용 q questions instruction input",
    "answer": "답변 답변내용 답 응답 a answers output response",
    "id": "번호 항목번호 no",
    "topic": "분류 주제 구분 category",
    "lang": "언어 language",
    "audience": "대상",
    "valid_from": "시작일",
    "valid_until": "종료일",
    "owner": "담당 담당자 담당부서",
    "contact": "연락처",
    "source": "출처 근거",
    "confirmed_on": "확인일 확인일자",
    "attachment": "첨부 첨부파일",
}
"""The columns of a sheet, each with the other headers it may have."""

COLUMNS = tuple(ALIASES)
REQUIRED = ("question", "answer")
_HEADER_WITHIN = 10
"""A title or a note may stand above the header; it is looked for in this many rows."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row; `number` is the one Excel shows, `cells` has every column, empty ones as ''."""

    number: int
    cells: Mapping[str, str]

    @property
    def is_empty(self) -> bool:
        return not any(cell.strip() for cell in self.cells.values())


@dataclass(frozen=True, slots=True)
class Table:
    """A table as read; `headers` are the column names as they were written."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    headers: Mapping[str, str] = field(default_factory=dict)
    issues: tuple[SheetIssue, ...] = ()


def _squeeze(header: str) -> str:
    """A header without case, spaces, signs and a note in brackets: `질문 (필수) *` -> `질문`."""
    plain = re.sub(r"\(.*?\)|\[.*?\]", "", unicodedata.normalize("NFKC", header).casefold())
    return re.sub(r"[\W_]", "", plain)


_CANONICAL = {_squeeze(alias): name for name, others in ALIASES.items() for alias in (name, *others.split())}


def canonical_column(header: str) -> str | None:
    """The column that `header` means, if any."""
    return _CANONICAL.get(_squeeze(header))


def known_columns(cells: Sequence[str]) -> int:
    """How many different columns of a sheet `cells` name, if they were a header."""
    return len({canonical_column(cell) for cell in cells} - {None})


def letter(index: int) -> str:
    """The name of a column in Excel: 0 -> A, 26 -> AA."""
    name = ""
    while index >= 0:
        name = chr(ord("A") + index % 26) + name
        index = index // 26 - 1
    return name


def build_table(
    name: str, records: Sequence[tuple[int, Sequence[str]]], issues: Sequence[SheetIssue] = ()
) -> Table:
    """The table of numbered records, among them the header; what does not fit becomes an issue."""
    found = list(issues)
    filled = [(number, cells) for number, cells in records if any(cell.strip() for cell in cells)]
    if not filled:
        return Table(name, (), (), issues=(*found, issue("empty-sheet", name)))
    header_row, header = _find_header(filled)
    if header_row != filled[0][0]:
        found.append(issue("rows-above-header", name, header_row, header=header_row))
    last = filled[-1][0]
    body = [(number, cells) for number, cells in records if header_row < number <= last]
    if not body:
        found.append(issue("empty-sheet", name))

    places: dict[str, int] = {}
    for index, written in enumerate(header):
        used = any(cells[index].strip() for _, cells in body if index < len(cells))
        column = canonical_column(written) or written.strip()
        if (not column or column in places) and not used:
            continue
        column = column or letter(index)
        if column in places:
            values = {"first": header[places[column]].strip(), "second": written.strip() or letter(index)}
            found.append(issue("duplicate-column", name, header_row, column, **values))
            continue
        places[column] = index

    rows = []
    for number, cells in body:
        extra = [cell.strip() for cell in cells[len(header) :] if cell.strip()]
        if extra:
            found.append(issue("extra-cells", name, number, extra=" | ".join(extra)))
        values = {column: cells[index] if index < len(cells) else "" for column, index in places.items()}
        rows.append(Row(number, values))
    headers = {column: header[index].strip() or column for column, index in places.items()}
    return Table(name, tuple(places), tuple(rows), headers, tuple(found))


def _find_header(filled: Sequence[tuple[int, Sequence[str]]]) -> tuple[int, Sequence[str]]:
    for number, cells in filled[:_HEADER_WITHIN]:
        if set(REQUIRED) <= {canonical_column(cell) for cell in cells}:
            return number, cells
    return filled[0]
