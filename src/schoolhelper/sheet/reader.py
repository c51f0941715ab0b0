"""Any table a school has becomes a `Table`: CSV in any common Korean encoding, XLSX, JSONL, Parquet,
or a `datasets` id. A file is taken for what it contains, not for what it is called.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any

from schoolhelper.errors import SheetError
from schoolhelper.messages import text
from schoolhelper.sheet.issues import SheetIssue, issue, short
from schoolhelper.sheet.table import Table, build_table, known_columns

HUB_PREFIXES = ("hf://", "datasets:")
_DELIMITERS = (",", "\t", ";")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"


def read_table(source: Path | str) -> Table:
    """Read a table from a file, a `save_to_disk` folder or a `datasets` id (`hf://owner/name`).

    Raises:
        SheetError: there is no such file, or it cannot be read as a table at all.
    """
    name = str(source)
    if name.startswith(HUB_PREFIXES) or Path(source).is_dir():
        from schoolhelper.sheet.columnar import read_dataset

        return read_dataset(name)
    path = Path(source)
    if not path.is_file():
        raise SheetError(text("sheet.file_missing", path=path), text("sheet.file_missing_hint"))
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise SheetError(
            text("sheet.not_opened", path=path, error=reason), text("sheet.not_opened_hint")
        ) from None
    if data.startswith(b"PK\x03\x04"):
        from schoolhelper.sheet.workbook import read_workbook

        return read_workbook(name, data)
    if data.startswith(b"PAR1"):
        from schoolhelper.sheet.columnar import read_parquet

        return read_parquet(name, data)
    if data.startswith(_OLD_OFFICE):
        raise SheetError(text("sheet.old_office", path=path), text("sheet.old_office_hint"))
    content, issues = _decode(name, data)
    if content.lstrip().startswith("<"):
        raise SheetError(text("sheet.web_page", path=path), text("sheet.web_page_hint"))
    if path.suffix.lower() in (".jsonl", ".ndjson", ".json"):
        return _read_jsonl(name, content, issues)
    return _read_csv(name, content, issues)


def cell_text(value: object) -> str:
    """A typed value as the text a person would read: 3.0 -> 3, a day -> ISO, nothing -> ''."""
    if value is None or value != value:  # nothing, or not a number
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return format(value, ".15g") if abs(value) < 1e15 else format(value, ".0f")
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _decode(name: str, data: bytes) -> tuple[str, list[SheetIssue]]:
    """The text of `data`: what is certain first, then a guess that is reported."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    elif b"\0" in data:  # UTF-16 without a mark: the zero bytes of commas and line ends tell the order
        encodings = ["utf-16-le" if data[1::2].count(0) >= data[::2].count(0) else "utf-16-be"]
    else:
        encodings = ["utf-8-sig", "cp949"]
    for encoding in encodings:
        try:
            content = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding != "cp949" or _looks_korean(content):
            return content, []
    return _guess(name, data)


def _looks_korean(content: str) -> bool:
    """Whether cp949 is right: other encodings read as cp949 give many syllables that nobody uses."""
    unusual = len(content) - len(content.encode("euc_kr", "ignore").decode("euc_kr"))
    return unusual * 5 <= sum(not char.isascii() for char in content)


def _guess(name: str, data: bytes) -> tuple[str, list[SheetIssue]]:
    replaced = data.decode("utf-8-sig", "replace")
    broken = replaced.count("\ufffd")
    if broken * 10 < sum(not char.isascii() for char in replaced):  # UTF-8 with a few damaged places
        return replaced, []  # each stays visible as U+FFFD, which the checks report with its row
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    if best is None:
        raise SheetError(text("sheet.no_encoding", path=name), text("sheet.no_encoding_hint"))
    return str(best), [issue("guessed-encoding", name, encoding=best.encoding)]


def _read_csv(name: str, content: str, issues: list[SheetIssue]) -> Table:
    try:
        dialect = _dialect(content)
        rows = list(enumerate(_records(content, **dialect), start=1))
    except csv.Error as error:  # a cell of more than 128 KiB: a quotation mark that is never closed
        raise SheetError(text("sheet.no_csv", path=name, error=error), text("sheet.no_csv_hint")) from None
    broken = _first_broken_row(_records(content, strict=True, **dialect))
    if broken:
        issues.append(issue("broken-quotes", name, broken))
    for number, cells in () if dialect["skipinitialspace"] else rows:
        parts = [cell for cell in cells[1:] if re.match(" +[^ ]", cell)]
        if parts:
            issues.append(issue("split-cell", name, number, value=short(parts[0])))
    return build_table(name, rows, issues)


def _records(content: str, **dialect: Any) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(content, newline=""), **dialect)


def _dialect(content: str) -> dict[str, Any]:
    """The delimiter that shows the most columns of a sheet, and whether a space follows each one."""

    def header(delimiter: str) -> list[str]:
        return max(islice(_records(content, delimiter=delimiter), 10), key=known_columns, default=[])

    delimiter = max(_DELIMITERS, key=lambda one: known_columns(header(one)))
    others = header(delimiter)[1:]
    spaced = bool(others) and all(cell.startswith(" ") for cell in others)
    return {"delimiter": delimiter, "skipinitialspace": spaced}


def _first_broken_row(records: Iterator[list[str]]) -> int:
    """The row where strict CSV finds a stray quotation mark, 0 if nowhere."""
    number = 1
    try:
        for _ in records:
            number += 1
    except csv.Error:
        return number
    return 0


def _read_jsonl(name: str, content: str, issues: list[SheetIssue]) -> Table:
    objects: list[tuple[int, dict[str, Any]]] = []
    for number, line in enumerate(content.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError:
            value = None
        if isinstance(value, dict):
            objects.append((number, value))
        else:
            issues.append(issue("bad-line", name, number))
    header = list(dict.fromkeys(key for _, value in objects for key in value))
    rows = [(number, [cell_text(value.get(key)) for key in header]) for number, value in objects]
    return build_table(name, [(0, header), *rows], issues)
