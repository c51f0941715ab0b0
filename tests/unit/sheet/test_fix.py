import unicodedata
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from schoolhelper.errors import SheetError
from schoolhelper.records import Entry
from schoolhelper.sheet import fix_sheet, fixed_path, load_sheet, read_table, write_fixed

MESSY = (
    "번호,질문 (필수),답변,확인일\n"
    f"1,  {unicodedata.normalize('NFD', '도서관은 어디예요?')},\u200b2층에  있습니다. ,2026. 3. 2.(월)\n"
    "1,도서관은 어디예요?,,\n"
    "1,도서관은 어디예요?,,2026-03-05\n"
    ",,,\n"
    ",급식실은?,1층입니다.,봄\n"
    ",매점은?,,\n"
)


@pytest.fixture
def messy(tmp_path: Path) -> Path:
    path = tmp_path / "sheet.csv"
    path.write_text(MESSY, encoding="utf-8")
    return path


def facts(entry: Entry) -> Entry:
    """The entry without the rows it stands in."""
    questions = tuple(replace(question, row=0) for question in entry.questions)
    return replace(entry, rows=(), questions=questions)


def test_what_a_machine_can_mend_is_mended(messy: Path) -> None:
    rows, fixes = fix_sheet(read_table(messy))
    assert [tuple(row.cells.values()) for row in rows] == [
        ("1", "도서관은 어디예요?", "2층에 있습니다.", "2026-03-02"),
        ("1", "도서관은 어디예요?", "", "2026-03-05"),
        (load_sheet(messy).entries[1].id, "급식실은?", "1층입니다.", "봄"),
        ("", "매점은?", "", ""),
    ]
    assert list(rows[0].cells) == ["id", "question", "answer", "confirmed_on"]
    places = [(fix.row, fix.column) for fix in fixes]
    headers = [(None, column) for column in ("id", "question", "answer", "confirmed_on")]
    assert places == [
        *headers,
        (2, "question"),
        (2, "answer"),
        (2, "confirmed_on"),
        (3, "question"),
        (5, None),
        (6, "id"),
    ]


def test_the_copy_says_the_same_and_the_original_stays(messy: Path) -> None:
    before = messy.read_bytes()
    out = fixed_path(messy)
    write_fixed(messy, out)
    assert out.name == "sheet.fixed.csv"
    assert out.read_bytes().startswith(b"\xef\xbb\xbfid,question,answer,confirmed_on\r\n")
    assert messy.read_bytes() == before
    today = date(2026, 4, 1)
    copy, original = load_sheet(out, today=today), load_sheet(messy, today=today)
    assert [facts(entry) for entry in copy.entries] == [facts(entry) for entry in original.entries]
    assert [error.code for error in copy.errors] == [error.code for error in original.errors]


def test_a_sound_copy_has_nothing_left_to_fix(tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    path.write_text('질문,답변\n준비물은?,"1. 실내화\n2. ""체육복"""\n도서관?,2층입니다.\n', encoding="utf-8")
    write_fixed(path, out := tmp_path / "once.csv")
    assert fix_sheet(read_table(out))[1] == ()


def test_a_workbook_is_copied_as_a_workbook(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["질문", "답변", "연락처"])
    book.active.append([" 도서관? ", "2층입니다.", "02-123-4567"])
    book.save(tmp_path / "sheet.xlsx")
    out = fixed_path(tmp_path / "sheet.xlsx")
    write_fixed(tmp_path / "sheet.xlsx", out)
    assert out.name == "sheet.fixed.xlsx"
    values = [[cell.value for cell in row] for row in load_workbook(out).active]
    assert values[0] == ["id", "question", "answer", "contact"]
    assert values[1][1:] == ["도서관?", "2층입니다.", "02-123-4567"]
    assert load_sheet(out).errors == ()


def test_no_file_is_ever_overwritten(messy: Path) -> None:
    for target in (messy, fixed_path(messy)):
        target.touch()
        with pytest.raises(SheetError):
            write_fixed(messy, target)
    assert fixed_path(messy).name == "sheet.fixed-2.csv"
    assert fixed_path("hf://hanul/questions") == Path("questions.fixed.csv")
