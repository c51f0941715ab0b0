import json
from datetime import date, datetime
from pathlib import Path

import pytest

from schoolhelper.errors import SheetError
from schoolhelper.sheet import Table, read_table
from schoolhelper.sheet.reader import cell_text

LINES = (
    "질문,답변\n급식실은 어디예요?,본관 1층에 있습니다.\nWhere is the gym?,It is behind the main building.\n"
)


def codes(table: Table) -> list[str]:
    return [issue.code for issue in table.issues]


def write(folder: Path, content: str | bytes, name: str = "sheet.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp949", "euc-kr", "utf-16", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_usual_csv_reads_the_same(tmp_path: Path, encoding: str, delimiter: str, newline: str) -> None:
    content = LINES.replace(",", delimiter).replace("\n", newline)
    table = read_table(write(tmp_path, content.encode(encoding)))
    assert table.columns == ("question", "answer")
    assert table.headers == {"question": "질문", "answer": "답변"}
    assert [row.number for row in table.rows] == [2, 3]
    assert table.rows[0].cells == {"question": "급식실은 어디예요?", "answer": "본관 1층에 있습니다."}
    assert table.issues == ()


def test_the_two_column_form_with_spaces_after_commas(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, 'question, answer\nWhen is lunch?, "At noon, in the hall."\n'))
    assert table.rows[0].cells == {"question": "When is lunch?", "answer": "At noon, in the hall."}
    assert table.issues == ()


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("Q,A", ("question", "answer")),
        (" Question ,ANSWER", ("question", "answer")),
        ("instruction,output", ("question", "answer")),
        ("질문 (필수)*,답변 내용,확인 일", ("question", "answer", "confirmed_on")),
        ("번호,분류,언어,대상,질문,답변", ("id", "topic", "lang", "audience", "question", "answer")),
        ("질문,답,시작일,종료일,담당,연락처,출처,첨부",
         ("question", "answer", "valid_from", "valid_until", "owner", "contact", "source", "attachment")),
        ("질문,답변,비고", ("question", "answer", "비고")),
    ],
)  # fmt: skip
def test_headers_in_both_languages(tmp_path: Path, header: str, columns: tuple[str, ...]) -> None:
    row = ",".join("가" for _ in columns)
    assert read_table(write(tmp_path, f"{header}\n{row}\n")).columns == columns


def test_alpaca_form_with_an_unused_input_column(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "instruction,input,output\n도서관 위치는?,,2층입니다.\n"))
    assert table.columns == ("question", "answer")
    assert codes(table) == []


def test_two_columns_of_one_meaning_are_an_error(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "질문,Question,답변\n도서관?,library?,2층입니다.\n"))
    assert codes(table) == ["duplicate-column"]
    assert table.rows[0].cells["question"] == "도서관?"


def test_rows_are_numbered_as_excel_does(tmp_path: Path) -> None:
    uniform = '교복은?,"춘추복은 5월까지,\n하복은 6월부터 입습니다."\n'
    content = "한울고 질문 모음,\n질문,답변\n" + uniform + "\n급식은?,1층입니다.\n\n\n"
    table = read_table(write(tmp_path, content))
    assert [(row.number, row.is_empty) for row in table.rows] == [(3, False), (4, True), (5, False)]
    assert table.rows[0].cells["answer"] == "춘추복은 5월까지,\n하복은 6월부터 입습니다."
    assert [(issue.code, issue.row) for issue in table.issues] == [("rows-above-header", 2)]


def test_a_text_split_at_its_comma_is_never_cut_silently(tmp_path: Path) -> None:
    beyond = read_table(write(tmp_path, "질문,답변\n체험학습?,7일 전에 내고, 한 번에 5일까지입니다.\n"))
    assert [(issue.code, issue.row) for issue in beyond.issues] == [("split-cell", 2), ("extra-cells", 2)]
    assert "한 번에 5일까지입니다." in beyond.issues[1].text
    within = read_table(write(tmp_path, "질문,답변,분류\n체험학습?,7일 전에 내고, 한 번에 5일까지입니다.\n"))
    assert codes(within) == ["split-cell"]


def test_a_quotation_mark_without_partner_is_found(tmp_path: Path) -> None:
    table = read_table(
        write(tmp_path, '질문,답변\n급식은?,1층입니다.\n교복은?,"하복입니다.\n매점은?,지하입니다.\n')
    )
    assert [(issue.code, issue.row) for issue in table.issues] == [("broken-quotes", 3)]


def test_damaged_utf8_stays_visible(tmp_path: Path) -> None:
    data = (LINES * 5).encode().replace("본관".encode(), "본관".encode()[:-1], 1)
    table = read_table(write(tmp_path, data))
    assert "\ufffd" in table.rows[0].cells["answer"]
    assert table.rows[1].cells["answer"] == "It is behind the main building."


def test_western_text_is_not_taken_for_korean(tmp_path: Path) -> None:
    content = "question,answer\n" + "Where’s the café?,It’s on the façade’s left side – don’t miss it.\n" * 5
    table = read_table(write(tmp_path, content.encode("cp1252")))
    assert codes(table) == ["guessed-encoding"]
    assert not any("가" <= char <= "힣" for char in table.rows[0].cells["answer"])


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        ("neis.xls", "<html><table><tr><td>질문</td></tr></table></html>".encode()),
        ("broken.xlsx", b"PK\x03\x04 not a workbook"),
        ("broken.parquet", b"PAR1 not a table"),
        ("noise.csv", bytes(range(128, 256)) * 20),
    ],
)
def test_what_is_no_table_is_said_so(tmp_path: Path, name: str, data: bytes) -> None:
    with pytest.raises(SheetError) as caught:
        read_table(write(tmp_path, data, name))
    assert name in caught.value.message
    assert caught.value.hint


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SheetError, match=r"nowhere\.csv"):
        read_table(tmp_path / "nowhere.csv")


@pytest.mark.parametrize("content", ["", "\n\n", "질문,답변\n", "질문,답변\n,\n"])
def test_an_empty_sheet(tmp_path: Path, content: str) -> None:
    table = read_table(write(tmp_path, content))
    assert codes(table) == ["empty-sheet"]
    assert table.rows == ()


def test_jsonl_keeps_line_numbers_and_reports_bad_lines(tmp_path: Path) -> None:
    rows = [{"질문": "급식은?", "답변": "1층입니다."}, {"질문": "교실은?", "답변": 3.0, "번호": None}]
    content = json.dumps(rows[0], ensure_ascii=False) + "\n\nno json\n[1]\n" + json.dumps(rows[1]) + "\n"
    table = read_table(write(tmp_path, content, "sheet.jsonl"))
    assert [row.number for row in table.rows] == [1, 5]
    assert table.rows[1].cells == {"question": "교실은?", "answer": "3", "id": ""}
    assert [(issue.code, issue.row) for issue in table.issues] == [("bad-line", 3), ("bad-line", 4)]


def test_parquet_with_typed_columns(tmp_path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    columns = {
        "question": ["급식은?", "교복은?"],
        "answer": ["1층", None],
        "confirmed_on": [date(2026, 3, 2), None],
    }
    pyarrow.parquet.write_table(pyarrow.table(columns), tmp_path / "sheet.parquet")
    table = read_table(tmp_path / "sheet.parquet")
    assert [row.number for row in table.rows] == [2, 3]
    assert table.rows[0].cells == {"question": "급식은?", "answer": "1층", "confirmed_on": "2026-03-02"}
    assert table.rows[1].cells["answer"] == ""


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""), (float("nan"), ""), (3.0, "3"), (3.5, "3.5"), (0.1 + 0.2, "0.3"), (7, "7"),
        (True, "TRUE"),
        (datetime(2026, 3, 2), "2026-03-02"), (datetime(2026, 3, 2, 13, 5), "2026-03-02 13:05"),
        (date(2026, 3, 2), "2026-03-02"), (["가"], '["가"]'), (1e20, "100000000000000000000"),
    ],
)  # fmt: skip
def test_typed_values_read_as_a_person_would(value: object, shown: str) -> None:
    assert cell_text(value) == shown
