"""A sheet: read, understood and checked, with every problem at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from schoolhelper.errors import SheetError
from schoolhelper.messages import text
from schoolhelper.records import LANGS, Entry
from schoolhelper.sheet.checks import TABLE_CHECKS
from schoolhelper.sheet.entries import group_lines, read_lines
from schoolhelper.sheet.entry_checks import ENTRY_CHECKS, Draft
from schoolhelper.sheet.issues import SheetIssue, in_order, issue
from schoolhelper.sheet.reader import read_table
from schoolhelper.sheet.table import Table

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Sheet:
    """The entries of a sheet and all that was found wrong with it, the worst first.

    `headers` are the sheet's own names of the columns.
    """

    source: str
    entries: tuple[Entry, ...]
    issues: tuple[SheetIssue, ...]
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def errors(self) -> tuple[SheetIssue, ...]:
        """The issues that stop the training."""
        return tuple(issue for issue in self.issues if issue.severity == "error")

    def summary(self) -> dict[str, Any]:
        """How much the sheet holds, and how many issues of each severity."""
        questions = [question for entry in self.entries for question in entry.questions]
        topics = sorted({entry.topic for entry in self.entries if entry.topic})
        return {
            "entries": len(self.entries),
            "wordings": {lang: sum(question.lang == lang for question in questions) for lang in LANGS},
            "topics": topics,
            "issues": {
                severity: sum(issue.severity == severity for issue in self.issues)
                for severity in ("error", "warning", "info")
            },
        }


def load_sheet(source: Path | str, *, today: date | None = None) -> Sheet:
    """Read and check a sheet; see `read_table` for the sources.

    Never raises for what is wrong with the sheet, not even when it cannot be read: that is an
    issue too. `today` (default: the computer's day) is the day that dates are compared with.
    """
    try:
        table = read_table(source)
    except SheetError as error:
        unreadable = issue("unreadable-file", str(source), reason=error.message, advice=error.hint)
        return Sheet(str(source), (), (unreadable,))
    return check_table(table, today=today)


def check_table(table: Table, *, today: date | None = None) -> Sheet:
    """The sheet that a table holds, checked."""
    lines, issues = read_lines(table)
    groups, orphans = group_lines(lines)
    draft = Draft(table.name, tuple(groups), tuple(orphans), today or date.today())
    issues += table.issues
    for table_check in TABLE_CHECKS:
        issues += table_check(table)
    for entry_check in ENTRY_CHECKS:
        issues += entry_check(draft)
    return Sheet(table.name, tuple(draft.entries), in_order(issues), table.headers)


def load_sound_sheet(source: Path | str) -> Sheet:
    """The sheet, which has no errors.

    Raises:
        SheetError: it cannot be read, or has errors.
    """
    sheet = load_sheet(source)
    require_sound(sheet)
    return sheet


def require_sound(sheet: Sheet) -> None:
    """Let a sheet pass that has no errors.

    Raises:
        SheetError: it has; the message counts them and shows the first.
    """
    if sheet.errors:
        shown = [
            text("sheet.at_row", row=error.row, text=error.text) if error.row else error.text
            for error in sheet.errors[:_SHOWN]
        ]
        message = text("sheet.not_sound", path=sheet.source, count=len(sheet.errors))
        raise SheetError("\n".join([message, *shown]), text("sheet.not_sound_hint", path=sheet.source))
