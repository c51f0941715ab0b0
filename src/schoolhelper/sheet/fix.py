"""A corrected copy of a sheet: only what a machine can mend without guessing. The original stays."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from schoolhelper.errors import SheetError
from schoolhelper.messages import text
from schoolhelper.runs import write_atomic
from schoolhelper.sheet.entries import DATES, group_lines, read_lines
from schoolhelper.sheet.reader import HUB_PREFIXES, read_table
from schoolhelper.sheet.table import COLUMNS, Row, Table
from schoolhelper.sheet.values import clean_text, parse_date


@dataclass(frozen=True, slots=True)
class Fix:
    """A correction: what was done where; `row` is the original's, None for the whole table."""

    row: int | None
    column: str | None
    text: str

    def to_json(self) -> dict[str, Any]:
        """The correction as a JSON object."""
        return asdict(self)


def fix_sheet(table: Table) -> tuple[tuple[Row, ...], tuple[Fix, ...]]:
    """The rows of `table`, corrected and with canonical columns, and what was corrected.

    Corrected: spaces, invisible characters and decomposed Hangul, dates, missing ids, empty rows,
    and rows that repeat an earlier row of their entry. Whatever needs a human stays.
    """
    fixes = [
        Fix(None, column, text("sheet.fixed_header", old=table.headers[column], new=column))
        for column in table.columns
        if column in COLUMNS and table.headers[column] != column
    ]
    ids = {line.row: group.id for group in group_lines(read_lines(table)[0])[0] for line in group.lines}
    rows: list[Row] = []
    seen: dict[tuple[str, str], Mapping[str, str]] = {}
    for row in table.rows:
        if row.is_empty:
            fixes.append(Fix(row.number, None, text("sheet.fixed_empty_row")))
            continue
        cells, changes = _fix_cells(row, ids.get(row.number, ""))
        first = seen.setdefault((cells["id"], cells.get("question", "")), cells)
        repeats = first is not cells and all(cell in ("", first[name]) for name, cell in cells.items())
        if repeats and cells["id"] and cells.get("question"):
            fixes.append(Fix(row.number, "question", text("sheet.fixed_duplicate", value=cells["question"])))
            continue
        fixes += changes
        rows.append(Row(row.number, cells))
    return tuple(rows), tuple(fixes)


def write_fixed(source: Path | str, out: Path) -> tuple[Fix, ...]:
    """Write the corrected copy of `source` to `out`: XLSX if `out` is called so, else CSV for Excel.

    Raises:
        SheetError: `source` cannot be read or has no row, or `out` is there already.
    """
    if out.exists():
        raise SheetError(text("sheet.fixed_exists", path=out), text("sheet.fixed_exists_hint"))
    rows, fixes = fix_sheet(read_table(source))
    if not rows:
        raise SheetError(text("sheet.empty_sheet"), text("sheet.empty_sheet_hint"))
    columns = list(rows[0].cells)
    if out.suffix.lower() == ".xlsx":
        from schoolhelper.sheet.workbook import workbook_bytes

        write_atomic(out, workbook_bytes(columns, [row.cells for row in rows]))
    else:
        buffer = io.StringIO(newline="")
        writer = csv.DictWriter(buffer, columns)
        writer.writeheader()
        writer.writerows(row.cells for row in rows)
        write_atomic(out, buffer.getvalue().encode("utf-8-sig"))  # the mark lets Excel see UTF-8
    return fixes


def fixed_path(source: Path | str) -> Path:
    """A free name for the corrected copy beside `source`: `sheet.fixed.csv`, `sheet.fixed-2.csv` …"""
    here = Path(Path(source).name) if str(source).startswith(HUB_PREFIXES) else Path(source)
    suffix = ".xlsx" if here.suffix.lower() in (".xlsx", ".xlsm") else ".csv"
    number, path = 1, here.with_name(f"{here.stem}.fixed{suffix}")
    while path.exists():
        number += 1
        path = here.with_name(f"{here.stem}.fixed-{number}{suffix}")
    return path


def _fix_cells(row: Row, entry_id: str) -> tuple[dict[str, str], list[Fix]]:
    changes: list[Fix] = []
    cells = {"id": ""} if "id" not in row.cells else {}
    for column, cell in row.cells.items():
        cells[column] = clean_text(cell)
        if cells[column] != cell.strip().replace("\r\n", "\n"):
            changes.append(Fix(row.number, column, text("sheet.fixed_characters")))
        if column in DATES and cells[column]:
            cells[column] = _iso(cells[column])
            if cells[column] != clean_text(cell):
                changes.append(
                    Fix(row.number, column, text("sheet.fixed_date", old=cell.strip(), new=cells[column]))
                )
    if not cells["id"] and entry_id:
        cells["id"] = entry_id
        changes.append(Fix(row.number, "id", text("sheet.fixed_id", id=entry_id)))
    return cells, changes


def _iso(written: str) -> str:
    try:
        day = parse_date(written)
    except ValueError:
        return written
    return day.isoformat() if day else written
