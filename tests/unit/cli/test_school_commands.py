"""Making a school, asking it without training, and choosing among its releases."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import small_school
from schoolhelper.cli.main import app
from schoolhelper.config import load_config
from schoolhelper.runs import current_release

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_init_makes_a_school_that_passes_the_check_and_answers(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "우리 학교"
    made = run("init", folder)
    assert made.returncode == 0
    assert "schoolhelper check" in made.stdout
    assert (folder / "sheet.csv").read_bytes().startswith(b"\xef\xbb\xbf")  # for Excel
    assert load_config(folder).base.name == "gemma-3-270m"
    assert run("check", folder).returncode == 0
    asked = run("ask", folder, "도서관은 몇 시까지 열어요?")
    assert asked.returncode == 0, asked.stderr
    assert asked.stdout.startswith("도서관은 평일 08:00부터 17:30까지 엽니다.\n")


def test_init_takes_a_base_and_leaves_what_is_there_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "sheet.csv").write_text("질문,답변\n급식실은?,본관 1층\n", encoding="utf-8")
    assert run("init", tmp_path, "--base", "google/gemma-3-1b-it").returncode == 0
    assert load_config(tmp_path).base.name == "google/gemma-3-1b-it"
    assert (tmp_path / "sheet.csv").read_text(encoding="utf-8").startswith("질문,답변")
    again = run("init", tmp_path)
    assert again.returncode == 1
    assert "이미 학교가 있습니다" in again.stderr
    assert load_config(tmp_path).base.name == "google/gemma-3-1b-it"


def test_init_takes_a_folder_of_windows_as_base(run: Run, tmp_path: Path) -> None:
    base = r"C:\Users\교사\models\new"
    assert run("init", tmp_path, "--base", base).returncode == 0
    assert load_config(tmp_path).base.name == base


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, school: Path) -> Callable[..., Result]:
    """`schoolhelper ask` in this process, with the embedder that the tests share."""
    monkeypatch.setenv("SCHOOLHELPER_LANG", "ko")
    monkeypatch.setattr("schoolhelper.wiring.load_embedder", lambda name: small_school.embedder())

    def call(*words: str) -> Result:
        done = CliRunner().invoke(app, ["ask", str(school), *words])
        assert done.exit_code == 0, done.output
        return done

    return call


def test_ask_answers_without_training_and_says_where_from(ask: Callable[..., Result]) -> None:
    answer, cited = ask("보건실 가려면 몇 층으로 가요?").stdout.splitlines()
    assert answer == small_school.entry("nurse").answers["ko"]
    assert "학교생활 안내서 8쪽" in cited
    assert "2026-03-03" in cited


def test_ask_prints_only_json_and_takes_a_profile(ask: Callable[..., Result]) -> None:
    found = json.loads(ask("점심 몇 시에 먹어요?", "--profile", "grade=2", "--json").stdout)
    assert (found["version"], found["action"], found["mode"]) == (1, "answer", "verified")
    assert found["entries"] == ["lunch-2"]
    assert found["answer"] == small_school.entry("lunch-2").answers["ko"]
    assert 0.5 <= found["confidence"] <= 1


def test_ask_says_what_it_does_not_know_and_offers_questions(ask: Callable[..., Result]) -> None:
    first, *offered = ask("수영장은 어디에 있나요?").stdout.splitlines()
    assert small_school.CONTACT.ko in first
    assert len(offered) == 3


def test_check_prints_only_json(run: Run, school: Path) -> None:
    assert json.loads(run("check", school, "--json").stdout)["summary"]["entries"] == 11


def served(school: Path) -> str:
    release = current_release(school)
    assert release is not None
    return release.name


def test_releases_are_listed_with_the_served_one_marked(run: Run, releases: Path) -> None:
    done = run("release", releases, "list")
    assert [line[0] for line in done.stdout.splitlines()] == [" ", "*", " "]
    assert done.stdout.splitlines()[1] == "* 20260302-120000  default  gemma-3-270m  AUC 0.92"


def test_a_release_is_promoted_by_name(run: Run, releases: Path) -> None:
    done = run("release", releases, "promote", "20260303-120000")
    assert done.returncode == 0
    assert "20260303-120000" in done.stdout
    assert served(releases) == "20260303-120000"


def test_rollback_goes_back_one_and_stops_at_the_first(run: Run, releases: Path) -> None:
    assert run("release", releases, "rollback").returncode == 0
    assert served(releases) == "20260301-120000"
    done = run("release", releases, "rollback")
    assert done.returncode == 1
    assert "앞선 릴리스가 없습니다" in done.stderr
    assert served(releases) == "20260301-120000"


@pytest.mark.parametrize("name", ["", "20250101-000000", "../outside"])
def test_only_complete_releases_are_promoted(run: Run, releases: Path, name: str) -> None:
    (releases / "releases" / "20250101-000000").mkdir()
    done = run("release", releases, "promote", name)
    assert done.returncode == 1
    assert "20260301-120000" in done.stderr
    assert served(releases) == "20260302-120000"


def test_a_changed_release_is_not_promoted(run: Run, releases: Path) -> None:
    (releases / "releases" / "20260303-120000" / "thresholds.json").write_text("tampered", encoding="utf-8")
    done = run("release", releases, "promote", "20260303-120000")
    assert done.returncode == 1
    assert "thresholds.json" in done.stderr
    assert served(releases) == "20260302-120000"


def test_an_unfinished_release_does_not_exist(run: Run, releases: Path) -> None:
    (releases / "releases" / "20260303-120000" / "manifest.json").unlink()
    assert "20260303" not in run("release", releases, "list").stdout


def test_export_without_a_release_says_how_to_make_one(run: Run, school: Path) -> None:
    done = run("export", school, "merged")
    assert done.returncode == 1
    assert "schoolhelper train" in done.stderr
    assert "Traceback" not in done.stderr
