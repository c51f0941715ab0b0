import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from schoolhelper.cli.check import check

GOOD = "번호,질문,답변\n1,도서관은 어디예요?,2층에 있습니다.\n1,책 빌리는 곳?,\n1,도서실 위치는?,\n"
BAD = "번호,질문,답변\n1,도서관은 [어디]예요?,\n2,급식실은?,본관 1층입니다.\n"


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    app.command()(check)
    return app


@pytest.fixture(autouse=True)
def korean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHOOLHELPER_LANG", "ko")


def sheet(folder: Path, content: str) -> Path:
    path = folder / "sheet.csv"
    path.write_text(content, encoding="utf-8")
    return path


def test_a_sheet_without_errors_leaves_with_0(app: typer.Typer, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, [str(sheet(tmp_path, GOOD))])
    assert result.exit_code == 0
    assert "항목 1개 · 질문 한국어 3개, 영어 0개" in result.stdout
    assert "오류가 없습니다" in result.stdout


def test_errors_are_shown_with_row_and_the_sheets_own_column(app: typer.Typer, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, [str(sheet(tmp_path, BAD))])
    assert result.exit_code == 1
    assert "오류 1건" in result.stdout
    (line,) = [line for line in result.stdout.splitlines() if "답변이 하나도" in line]
    assert [cell.strip() for cell in line.strip("│").split("│")][:2] == ["2", "답변"]


def test_json_is_all_that_stands_on_stdout(app: typer.Typer, tmp_path: Path) -> None:
    path = sheet(tmp_path, BAD)
    result = CliRunner().invoke(app, [str(path), "--json"])
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert (found["version"], found["file"]) == (1, str(path))
    assert found["summary"]["entries"] == 1
    assert found["issues"][0].items() >= {"code": "missing-answer", "severity": "error", "row": 2}.items()
    assert "fixed" not in found


def test_a_school_folder_names_its_sheet(app: typer.Typer, tmp_path: Path) -> None:
    sheet(tmp_path, GOOD).rename(tmp_path / "questions.csv")
    (tmp_path / "school.toml").write_text('[school]\nsheet = "questions.csv"\n', encoding="utf-8")
    for source in (tmp_path, tmp_path / "school.toml"):
        result = CliRunner().invoke(app, [str(source), "--json"])
        assert result.exit_code == 0
        assert json.loads(result.stdout)["file"] == str(tmp_path / "questions.csv")


def test_fix_writes_a_copy_and_says_what_is_left(app: typer.Typer, tmp_path: Path) -> None:
    path = sheet(tmp_path, BAD)
    result = CliRunner().invoke(app, [str(path), "--fix"])
    assert result.exit_code == 1
    assert (tmp_path / "sheet.fixed.csv").is_file()
    assert "머리글 `질문` → `question`" in result.stdout
    assert "오류 1건, 주의" in result.stdout
    again = CliRunner().invoke(app, [str(path), "--fix", "--json"])
    assert json.loads(again.stdout)["fixed"]["file"] == str(tmp_path / "sheet.fixed-2.csv")


def test_fix_of_what_cannot_be_read_only_reports(app: typer.Typer, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, [str(tmp_path / "nowhere.csv"), "--fix", "--json"])
    assert result.exit_code == 1
    assert json.loads(result.stdout)["issues"][0]["code"] == "unreadable-file"


def test_many_issues_of_a_kind_are_counted_not_hidden(app: typer.Typer, tmp_path: Path) -> None:
    rows = "".join(f"{number},질문 {number}번은?,{number}층입니다.\n" for number in range(1, 31))
    result = CliRunner().invoke(app, [str(sheet(tmp_path, "번호,질문,답변\n" + rows))])
    assert "20건이 더 있습니다" in " ".join(result.stdout.split())


def test_the_command_starts_without_the_heavy_libraries() -> None:
    heavy = [
        "torch",
        "transformers",
        "pandas",
        "numpy",
        "openpyxl",
        "pyarrow",
        "datasets",
        "charset_normalizer",
    ]
    code = f"import sys, schoolhelper.cli.check; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=os.environ, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("width", range(60, 100))
def test_no_korean_text_is_cut_at_any_width(
    app: typer.Typer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    path = sheet(
        tmp_path, "번호,질문,답변\n1,급식실은?,본관 1층\n2,체험학습은?,7일 전에 냅니다,한 번에 5일\n"
    )
    assert "…" not in CliRunner().invoke(app, [str(path)]).stdout
