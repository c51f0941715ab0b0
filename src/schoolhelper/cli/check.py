"""`schoolhelper check`: every problem of a sheet at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from schoolhelper.config import FILE_NAME, load_config
from schoolhelper.messages import text
from schoolhelper.sheet import Fix, Sheet, SheetIssue, fixed_path, load_sheet, write_fixed

if TYPE_CHECKING:
    from rich.table import Table

_SAVED_DATASET = ("dataset_info.json", "dataset_dict.json")
_STYLES = {"error": "red", "warning": "yellow", "info": "cyan"}
_SHOWN = 10
"""Issues of one code that are listed; the rest is counted."""


def check(
    source: Annotated[str, typer.Argument(metavar="DIR|SHEET", help=text("sheet.check_source_help"))],
    as_json: Annotated[bool, typer.Option("--json", help=text("sheet.check_json_help"))] = False,
    fix: Annotated[bool, typer.Option("--fix", help=text("sheet.check_fix_help"))] = False,
) -> None:
    """Check a sheet; leave with 1 if it has errors."""
    place = _sheet_of(source)
    sheet = load_sheet(place)
    fixed: tuple[Path, tuple[Fix, ...]] | None = None
    if fix and not any(issue.code in ("unreadable-file", "empty-sheet") for issue in sheet.issues):
        out = fixed_path(place)
        fixed = out, write_fixed(place, out)
    if as_json:
        result = {
            "version": 1,
            "file": sheet.source,
            "summary": sheet.summary(),
            "issues": [issue.to_json() for issue in sheet.issues],
        }
        if fixed:
            result["fixed"] = {"file": str(fixed[0]), "changes": [change.to_json() for change in fixed[1]]}
        typer.echo(json.dumps(result, ensure_ascii=False, indent=2))
    else:
        _print(sheet, fixed)
    raise typer.Exit(1 if sheet.errors else 0)


def _sheet_of(source: str) -> str:
    folder = Path(source)
    is_school = folder.is_dir() and not any((folder / name).is_file() for name in _SAVED_DATASET)
    if is_school or folder.name == FILE_NAME:
        return str(load_config(folder if is_school else folder.parent).sheet_path)
    return source


def _print(sheet: Sheet, fixed: tuple[Path, tuple[Fix, ...]] | None) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    say = partial(console.print, markup=False)
    say(sheet.source, style="bold")
    for severity, group in groupby(sheet.issues, key=lambda issue: issue.severity):
        issues = list(group)
        say()
        say(text(f"sheet.severity_{severity}", count=len(issues)), style=f"bold {_STYLES[severity]}")
        say(_issue_table(sheet, issues))
    found = sheet.summary()
    counts = {"entries": found["entries"], **found["wordings"], "topics": len(found["topics"])}
    say()
    say(text("sheet.summary_line", **counts), style="bold")
    if not sheet.errors:
        say(text("sheet.check_sound"), style="green")
    if fixed:
        out, changes = fixed
        say()
        say(text("sheet.check_fixed", count=len(changes), path=out), style="bold")
        for change in changes[:_SHOWN]:
            say(
                "  " + (text("sheet.at_row", row=change.row, text=change.text) if change.row else change.text)
            )
        if len(changes) > _SHOWN:
            say("  " + text("sheet.more_of_it", count=len(changes) - _SHOWN))
        left = load_sheet(out).summary()["issues"]
        if left["error"] or left["warning"]:
            say(text("sheet.check_fixed_left", errors=left["error"], warnings=left["warning"]))


def _issue_table(sheet: Sheet, issues: Sequence[SheetIssue]) -> Table:
    """Row, column, text and, once for each kind of problem, what to do."""
    from rich.table import Table
    from rich.text import Text  # texts of the sheet may hold what Rich takes for markup

    table = Table(expand=True)
    table.add_column(text("sheet.head_row"), justify="right", no_wrap=True)
    table.add_column(text("sheet.head_column"), no_wrap=True, max_width=14)
    table.add_column(text("sheet.head_text"), ratio=3, overflow="fold")
    table.add_column(text("sheet.head_hint"), ratio=2, overflow="fold")
    for _, group in groupby(issues, key=lambda issue: issue.code):
        same = list(group)
        for place, issue in enumerate(same[:_SHOWN]):
            column = sheet.headers.get(issue.column or "", issue.column or "")
            cells = [str(issue.row or ""), column, issue.text, "" if place else issue.hint]
            table.add_row(*(Text(cell) for cell in cells))
        if len(same) > _SHOWN:
            table.add_row("", "", Text(text("sheet.more_of_it", count=len(same) - _SHOWN)), "")
    return table
