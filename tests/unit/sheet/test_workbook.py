import zipfile
from datetime import date, time
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from schoolhelper.errors import SheetError
from schoolhelper.sheet import load_sheet, read_table
from schoolhelper.sheet.workbook import workbook_bytes


def save(book: Workbook, folder: Path, name: str = "sheet.xlsx") -> Path:
    book.save(folder / name)
    return folder / name


def test_cells_read_as_excel_shows_them(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["질문", "답변", "번호", "확인일", "연락처"])
    sheet.append(["점심시간은?", time(12, 30), 3.0, date(2026, 3, 2), "02-123-4567"])
    sheet.append(["내선 번호는?", 215, "007", "2026. 3. 2.", 212345678])
    sheet.append(["합격률은?", 0.5, None, None, None])
    sheet.append(["교복값은?", 35000, None, None, None])
    sheet["B3"].number_format = "0000"
    sheet["E3"].number_format = "0000000000"
    sheet["B4"].number_format = "0%"
    sheet["B5"].number_format = "#,##0"
    table = read_table(save(book, tmp_path))
    assert list(table.rows[0].cells.values()) == ["점심시간은?", "12:30", "3", "2026-03-02", "02-123-4567"]
    assert list(table.rows[1].cells.values()) == ["내선 번호는?", "0215", "007", "2026. 3. 2.", "0212345678"]
    assert [row.cells["answer"] for row in table.rows[2:]] == ["50%", "35,000"]
    assert table.issues == ()


def test_merged_cells_hold_for_each_row(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    for row in (
        ["질문", "답변"],
        ["도서관 어디예요?", "2층입니다."],
        ["책 어디서 빌려요?"],
        ["도서실 위치?"],
    ):
        sheet.append(row)
    sheet.merge_cells("B2:B4")
    found = load_sheet(save(book, tmp_path))
    assert [(entry.answers["ko"], len(entry.questions)) for entry in found.entries] == [("2층입니다.", 3)]
    assert [(issue.code, issue.row) for issue in found.issues if "merged" in issue.code] == [
        ("merged-cells", 2)
    ]


def test_a_formula_without_a_saved_value_is_an_error(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["질문", "답변"])
    book.active.append(["교복값은?", '="35,000"&"원"'])
    table = read_table(save(book, tmp_path))
    assert [(issue.code, issue.row) for issue in table.issues] == [("formula-without-value", 2)]
    assert table.rows[0].cells["answer"] == ""


def test_a_formula_counts_as_its_saved_value(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["질문", "답변"])
    book.active.append(["교복값은?", "=CONCATENATE(35,000)"])
    path = save(book, tmp_path)
    inside = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(path) as archive:  # openpyxl saves no values of formulas; Excel does
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[inside] = parts[inside].replace(b"<v />", b"<v>35000</v>").replace(b"<v></v>", b"<v>35000</v>")
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    table = read_table(path)
    assert table.rows[0].cells["answer"] == "35000"
    assert [issue.code for issue in table.issues] == ["formula-cell"]


def test_a_second_sheet_is_not_ignored_silently(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["질문", "답변"])
    book.active.append(["급식은?", "1층입니다."])
    book.create_sheet("기숙사").append(["질문", "답변"])
    book.create_sheet("빈 시트")
    (issue,) = read_table(save(book, tmp_path)).issues
    assert issue.code == "other-sheets"
    assert "기숙사" in issue.text
    assert "빈 시트" not in issue.text


def test_a_workbook_called_csv_is_read_as_what_it_is(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["질문", "답변"])
    book.active.append(["급식은?", "1층입니다."])
    path = save(book, tmp_path).rename(tmp_path / "sheet.csv")
    assert read_table(path).rows[0].cells["answer"] == "1층입니다."


def test_a_zip_that_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "sheet.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(SheetError, match=r"sheet\.xlsx"):
        read_table(path)


def test_written_cells_are_text_and_never_formulas(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    path.write_bytes(workbook_bytes(["question", "answer"], [{"question": "=1+1", "answer": "0212345678"}]))
    row = load_workbook(path).active[2]
    assert [(cell.value, cell.data_type) for cell in row] == [("=1+1", "s"), ("0212345678", "s")]
    assert list(read_table(path).rows[0].cells.values()) == ["=1+1", "0212345678"]
