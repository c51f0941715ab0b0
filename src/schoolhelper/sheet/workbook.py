"""Excel workbooks: read the first sheet as a person sees it, write a corrected one."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from schoolhelper.errors import SheetError
from schoolhelper.messages import text
from schoolhelper.sheet.issues import SheetIssue, issue
from schoolhelper.sheet.reader import cell_text
from schoolhelper.sheet.table import Table, build_table, letter


def read_workbook(name: str, data: bytes) -> Table:
    """The table of the first sheet of an XLSX file's bytes.

    A merged cell's value holds for every row it covers; a formula counts as the value that Excel
    saved for it. Both are reported, as are further sheets that hold something.

    Raises:
        SheetError: the file is no workbook or is damaged.
    """
    sheets = _load(name, data, formulas=True)
    sheet = sheets[0]
    issues: list[SheetIssue] = []
    others = [other.title for other in sheets[1:] if other.max_row > 1 or other["A1"].value is not None]
    if others:
        issues.append(issue("other-sheets", name, read=sheet.title, others=", ".join(others)))
    cells = [list(row) for row in sheet.iter_rows()]
    values = [[_shown(cell) for cell in row] for row in cells]
    formulas = [cell for row in cells for cell in row if cell.data_type == "f"]
    if formulas:
        saved = _load(name, data, formulas=False)[0]
        for cell in formulas:
            place = saved.cell(cell.row, cell.column)
            code = "formula-without-value" if place.value is None else "formula-cell"
            issues.append(issue(code, name, cell.row, place=cell.coordinate))
            values[cell.row - 1][cell.column - 1] = _shown(place)
    for merged in sheet.merged_cells.ranges:
        top, left = merged.min_row - 1, merged.min_col - 1
        for row in range(top + 1, merged.max_row):
            values[row][left] = values[top][left]
        if values[top][left]:
            issues.append(issue("merged-cells", name, merged.min_row, place=merged.coord))
    return build_table(name, list(enumerate(values, start=1)), issues)


def workbook_bytes(columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> bytes:
    """An XLSX file: a bold header that stays in view and text cells that Excel leaves as they are."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    book = Workbook()
    sheet = book.active
    sheet.freeze_panes = "A2"
    for number, values in enumerate([dict(zip(columns, columns, strict=True)), *rows], start=1):
        for index, column in enumerate(columns, start=1):
            cell = sheet.cell(number, index, values[column])
            cell.data_type = "s"  # never a formula, a number or a date
            cell.number_format = "@"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=number == 1)
    for index, column in enumerate(columns):
        sheet.column_dimensions[letter(index)].width = {"question": 40, "answer": 60}.get(column, 16)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _load(name: str, data: bytes, *, formulas: bool) -> list[Any]:
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with warnings.catch_warnings():  # it warns of styles and drop-down lists, which we do not read
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(data), data_only=not formulas)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError) as error:
        raise SheetError(
            text("sheet.no_workbook", path=name, error=error), text("sheet.damaged_hint")
        ) from None
    if not book.worksheets:
        raise SheetError(text("sheet.no_workbook", path=name, error="-"), text("sheet.damaged_hint"))
    return list(book.worksheets)


def _shown(cell: Any) -> str:
    """A cell's value as Excel shows it, for the number formats that change what is read."""
    value, style = cell.value, str(cell.number_format)
    if isinstance(value, int | float) and not isinstance(value, bool):
        if re.fullmatch(r"0+", style):  # 02123 kept as a number with a format of zeros
            return cell_text(value).zfill(len(style))
        if style.endswith("%"):
            return cell_text(round(value * 100, 10)) + "%"
        if "#,##0" in style:
            return f"{value:,}" if isinstance(value, int) else f"{value:,.10g}"
    return cell_text(value).replace("_x000D_", "")
