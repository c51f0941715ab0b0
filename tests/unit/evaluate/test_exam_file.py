from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from schoolhelper.errors import ExamError
from schoolhelper.evaluate.exam_file import load_exam
from schoolhelper.records import ExamQuestion, Turn

IDS = {"lunch", "library", "absence"}


def write(path: Path, *lines: str, encoding: str = "utf-8-sig") -> Path:
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_any_korean_encoding(tmp_path: Path, encoding: str) -> None:
    lines = ("question,expected", "급식은 몇 시에 먹나요?,lunch", "교장 선생님 생신이 언제예요?,none")
    path = write(tmp_path / "exam.csv", *lines, encoding=encoding)
    assert load_exam(path, IDS) == [
        ExamQuestion("급식은 몇 시에 먹나요?", ("lunch",), "ko"),
        ExamQuestion("교장 선생님 생신이 언제예요?", (), "ko"),
    ]


def test_every_column(tmp_path: Path) -> None:
    path = write(
        tmp_path / "exam.csv",
        "question,expected,lang,kind,history,profile,today,비고",
        '그럼 주말에는?,library|lunch,ko,followup,"[""도서관 열었어요?"", ""네, 열었습니다.""]",'
        "grade=2; department=소프트웨어과,2026-03-02,김 선생님이 냄",
        "Is it open?,library,,,,,,",
    )
    first, second = load_exam(path, IDS)
    assert first == ExamQuestion(
        "그럼 주말에는?",
        ("library", "lunch"),
        "ko",
        "followup",
        (Turn("user", "도서관 열었어요?"), Turn("assistant", "네, 열었습니다.")),
        {"grade": "2", "department": "소프트웨어과"},
        date(2026, 3, 2),
    )
    assert second == ExamQuestion("Is it open?", ("library",), "en")


def test_jsonl_with_roles(tmp_path: Path) -> None:
    row = {
        "question": "몇 권까지요?",
        "expected": "library",
        "history": [
            {"role": "assistant", "text": "무엇을 도와드릴까요?"},
            {"role": "user", "text": "책 빌리려고요"},
        ],
    }
    path = write(tmp_path / "exam.jsonl", json.dumps(row, ensure_ascii=False))
    (question,) = load_exam(path, IDS)
    assert question.history == (Turn("assistant", "무엇을 도와드릴까요?"), Turn("user", "책 빌리려고요"))


HEADER = "question,expected,lang,history,profile,today"


@pytest.mark.parametrize(
    ("row", "column", "part"),
    [
        (",lunch,,,,", "question", ""),
        ("급식 언제?,,,,,", "expected", "none"),
        ("급식 언제?,dinner,,,,", "expected", "dinner"),
        ("급식 언제?,lunch|none,,,,", "expected", "none"),
        ("급식 언제?,lunch,fr,,,", "lang", "fr"),
        ("급식 언제?,lunch,,[어제,,", "history", "JSON"),
        ('급식 언제?,lunch,,"{""a"": 1}",,', "history", ""),
        ("급식 언제?,lunch,,[1],,", "history", ""),
        ("급식 언제?,lunch,,,2,", "profile", "2"),
        ("급식 언제?,lunch,,,,2026-02-30", "today", "2026-02-30"),
        ("책 빌릴 수 있어?,library,,,,", "question", "2"),
    ],
)
def test_a_mistake_is_told_with_row_and_column(tmp_path: Path, row: str, column: str, part: str) -> None:
    path = write(tmp_path / "exam.csv", HEADER, "책 빌릴 수 있어?,library,,,,", row)
    with pytest.raises(ExamError) as caught:
        load_exam(path, IDS)
    place = caught.value.message.splitlines()[1]
    assert "3" in place
    assert f"`{column}`" in place
    assert part in place
    assert "exam.csv" in caught.value.message
    assert caught.value.hint


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    rows = [f"질문 {n}번입니다,unknown-{n}" for n in range(25)]
    path = write(tmp_path / "exam.csv", "question,expected", *rows)
    with pytest.raises(ExamError) as caught:
        load_exam(path, IDS)
    lines = caught.value.message.splitlines()
    assert "25" in lines[0]
    assert len(lines) == 22
    assert "5" in lines[-1]


def test_the_same_words_may_be_asked_of_others_and_on_other_days(tmp_path: Path) -> None:
    path = write(
        tmp_path / "exam.csv",
        HEADER,
        "시험 언제야?,lunch,,,grade=1,",
        "시험 언제야?,library,,,grade=2,",
        "시험 언제야?,none,,,grade=2,2026-12-31",
    )
    assert len(load_exam(path, IDS)) == 3


@pytest.mark.parametrize("lines", [("question,answer", "급식?,네"), ("expected", "lunch")])
def test_a_missing_column(tmp_path: Path, lines: tuple[str, ...]) -> None:
    with pytest.raises(ExamError, match=r"question|expected") as caught:
        load_exam(write(tmp_path / "exam.csv", *lines), IDS)
    assert caught.value.hint


def test_a_broken_line_of_jsonl(tmp_path: Path) -> None:
    path = write(tmp_path / "exam.jsonl", '{"question": "급식?", "expected": "lunch"}', "{아님")
    with pytest.raises(ExamError, match="2"):
        load_exam(path, IDS)


def test_no_file_and_no_questions(tmp_path: Path) -> None:
    with pytest.raises(ExamError, match=r"none\.csv"):
        load_exam(tmp_path / "none.csv", IDS)
    with pytest.raises(ExamError, match=r"exam\.csv"):
        load_exam(write(tmp_path / "exam.csv", "question,expected"), IDS)
    old = tmp_path / "old.csv"
    old.write_bytes(b"\xd0\xcf\x11\xe0rest")
    with pytest.raises(ExamError, match=r"old\.csv"):
        load_exam(old, IDS)
