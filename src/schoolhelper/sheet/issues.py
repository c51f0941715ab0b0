"""Problems of a sheet are values: all are collected, and printing them is someone else's work."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from schoolhelper.messages import text

Severity = Literal["error", "warning", "info"]

_CODES: dict[Severity, str] = {
    "error": """
        unreadable-file empty-sheet missing-column duplicate-column extra-cells broken-quotes bad-line
        broken-characters excel-damage formula-without-value missing-question missing-answer
        orphan-wording bad-id unknown-lang bad-audience bad-date dates-reversed answers-disagree
        conditions-disagree same-wording resident-number
    """,
    "warning": """
        guessed-encoding split-cell unknown-column other-sheets merged-cells formula-cell formula-text
        control-character duplicate-wording same-answer details-differ languages-disagree expired
        confirmed-in-future stale few-wordings long-question long-answer mobile-number personal-email
    """,
    "info": "rows-above-header empty-row decomposed-hangul not-yet-valid missing-language one-language",
}

SEVERITY: dict[str, Severity] = {
    code: severity for severity, codes in _CODES.items() for code in codes.split()
}
"""Every issue code with its severity; an error stops the training."""

_ORDER = {code: place for place, code in enumerate(SEVERITY)}


@dataclass(frozen=True, slots=True)
class SheetIssue:
    """One problem: where it is, what it is (`text`) and what to do (`hint`), in the user's language.

    `row` counts as Excel does (the header is 1), `column` is the canonical name; both are None
    where the problem is the whole file's or row's.
    """

    code: str
    severity: Severity
    file: str
    row: int | None
    column: str | None
    text: str
    hint: str

    def to_json(self) -> dict[str, Any]:
        """The issue as a JSON object."""
        return dataclasses.asdict(self)


def issue(
    code: str, file: str, row: int | None = None, column: str | None = None, **values: object
) -> SheetIssue:
    """The issue `code`, worded by the catalogue with `values` filled in."""
    key = "sheet." + code.replace("-", "_")
    return SheetIssue(
        code,
        SEVERITY[code],
        file,
        row,
        column,
        text(key, None, **values),
        text(key + "_hint", None, **values),
    )


def short(value: object) -> str:
    """`value` on one line and no longer than a person needs to recognise it."""
    line = " ".join(str(value).split())
    return line if len(line) <= 40 else line[:39] + "…"


def in_order(issues: Iterable[SheetIssue]) -> tuple[SheetIssue, ...]:
    """The worst first, the same problem together, then from the top of the sheet down."""
    return tuple(sorted(issues, key=lambda one: (_ORDER[one.code], one.row or 0)))
