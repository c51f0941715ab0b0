"""People's table becomes checked entries: read it, find every problem at once, mend what can be."""

from schoolhelper.sheet.audience import disjoint, parse_audience, parse_profile
from schoolhelper.sheet.fix import Fix, fix_sheet, fixed_path, write_fixed
from schoolhelper.sheet.issues import SEVERITY, Severity, SheetIssue
from schoolhelper.sheet.load import Sheet, check_table, load_sheet, load_sound_sheet, require_sound
from schoolhelper.sheet.reader import read_table
from schoolhelper.sheet.table import Row, Table
from schoolhelper.sheet.values import detect_lang, parse_date, wording_key

__all__ = [
    "SEVERITY",
    "Fix",
    "Row",
    "Severity",
    "Sheet",
    "SheetIssue",
    "Table",
    "check_table",
    "detect_lang",
    "disjoint",
    "fix_sheet",
    "fixed_path",
    "load_sheet",
    "load_sound_sheet",
    "parse_audience",
    "parse_date",
    "parse_profile",
    "read_table",
    "require_sound",
    "wording_key",
    "write_fixed",
]
