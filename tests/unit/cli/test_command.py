"""The command as a whole: help, what it imports, exit codes, and what it says when something is wrong."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
COMMANDS = ["init", "check", "train", "exam", "ask", "serve", "release", "export", "plan", "doctor", "demo"]
HEAVY = ("torch", "transformers", "gradio", "pandas", "peft", "sklearn", "fastapi")


def assert_explained(done: subprocess.CompletedProcess[str], code: int, *said: str) -> None:
    """It left with `code`, said all of `said` on standard error, more than one line, and no traceback."""
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert len(done.stderr.strip().splitlines()) >= 2
    for each in said:
        assert each in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(("lang", "line"), [("ko", "질문 하나에 답합니다."), ("en", "Answer one question.")])
def test_help_lists_every_command_in_the_users_language(run: Run, lang: str, line: str) -> None:
    done = run("--help", lang=lang)
    assert done.returncode == 0
    listed = re.findall(r"^  ([a-z]+)  ", done.stdout.partition("Commands:")[2], re.MULTILINE)
    assert listed == COMMANDS
    assert line in done.stdout
    assert bool(re.search("[가-힣]", done.stdout)) == (lang == "ko")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(run: Run, command: str) -> None:
    done = run(command, "--help")
    assert done.returncode == 0
    assert re.search("[가-힣]", done.stdout)


def test_without_a_command_the_help_is_shown(run: Run) -> None:
    done = run()
    assert done.returncode == 2
    assert "train" in done.stdout + done.stderr


@pytest.mark.parametrize("words", [["--help"], ["check", "{school}"], ["release", "{school}", "list"]])
def test_light_commands_import_nothing_heavy(run: Run, school: Path, words: list[str]) -> None:
    words = [word.format(school=school) for word in words]
    code = f"""
import sys
from schoolhelper.cli.main import run
try:
    run()
except SystemExit as left:
    assert not left.code, left.code
print([name for name in {HEAVY} if name in sys.modules])
"""
    done = run(*words, code=code)
    assert done.stdout.splitlines()[-1] == "[]", done.stdout + done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["fly"],
        ["ask"],
        ["ask", "."],
        ["release", ".", "sell"],
        ["train", ".", "--folds", "x"],
        ["check", "--no"],
    ],
)
def test_wrong_usage_leaves_with_2(run: Run, words: list[str]) -> None:
    assert_explained(run(*words), 2)


def test_one_fold_is_wrong_usage(run: Run, school: Path) -> None:
    assert_explained(run("train", school, "--folds", "1"), 2, "2겹 이상")
    assert_explained(run("train", school, "--ray", "local"), 2, "--folds")
    assert_explained(run("train", school, "--rank", "4", "--rank", "8"), 2, "--folds")


def test_a_profile_that_is_none_is_wrong_usage(run: Run, school: Path) -> None:
    assert_explained(run("ask", school, "점심 몇 시예요?", "--profile", "파랑"), 2, "파랑")


def test_an_unknown_key_is_named_with_the_likely_one(run: Run, school: Path) -> None:
    with (school / "school.toml").open("a", encoding="utf-8") as file:
        file.write("\n[answer]\ncautoin = 0.7\n")
    for words in (["ask", school, "점심 몇 시예요?"], ["check", school], ["train", school]):
        assert_explained(run(*words), 1, "answer.cautoin", "`caution`", "school.toml")
    assert_explained(run("check", school, lang="en"), 1, "unknown setting", "Did you mean")


@pytest.mark.parametrize("command", ["check", "train", "exam", "serve", "release", "export", "ask"])
def test_a_folder_without_a_school_says_how_to_make_one(run: Run, tmp_path: Path, command: str) -> None:
    folder = tmp_path / "없는 학교"
    folder.mkdir()
    more = {"ask": ["안녕?"], "release": ["list"], "export": ["merged"]}.get(command, [])
    assert_explained(run(command, folder, *more), 1, "school.toml", "schoolhelper init")


def test_a_folder_that_is_not_there_is_no_crash(run: Run, tmp_path: Path) -> None:
    assert_explained(run("train", tmp_path / "nowhere"), 1, "nowhere", "schoolhelper init")


def test_a_sheet_with_errors_stops_before_anything_is_loaded(run: Run, school: Path) -> None:
    (school / "sheet.csv").write_text("번호,질문,답변\n1,도서관은 어디예요?,\n", encoding="utf-8")
    for words in (["train", school], ["ask", school, "도서관은?"], ["exam", school]):
        done = run(*words)
        assert_explained(done, 1, "schoolhelper check", "2행")
        assert not (school / "runs").exists()


def test_a_damaged_or_missing_sheet_is_named(run: Run, school: Path) -> None:
    (school / "sheet.csv").write_bytes(b"PK\x03\x04\x00\x00\xff\xfe")
    assert_explained(run("train", school), 1, "sheet.csv")
    (school / "sheet.csv").unlink()
    assert_explained(run("ask", school, "도서관은?"), 1, "sheet.csv")


def test_a_missing_exam_is_named(run: Run, school: Path) -> None:
    (school / "exam.csv").unlink()
    assert_explained(run("exam", school), 1, "exam.csv")
    assert_explained(run("exam", school, school / "other.csv"), 1, "other.csv")


def test_an_unknown_base_or_preset_is_named(run: Run, school: Path) -> None:
    assert_explained(run("plan", "--base", "gemma-9"), 1, "gemma-9", "gemma-3-270m")
    assert_explained(run("train", school, "--preset", "magic"), 1, "magic", "reference")


def test_a_taken_port_is_named(run: Run, school: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert_explained(run("serve", school, "--port", port), 1, str(port), "--port")


def test_a_crash_keeps_its_trace_in_a_file_and_to_itself(run: Run, school: Path) -> None:
    code = """
import schoolhelper.cli.release as command, schoolhelper.cli.main as main
def broken(folder):
    raise RuntimeError("the wheels came off")
command.load_config = broken
main.run()
"""
    done = run("release", school, "list", code=code)
    assert_explained(done, 1, "예상하지 못한 문제")
    assert "wheels" not in done.stderr
    (log,) = re.findall(r"(\S+\.log)", done.stderr)
    trace = Path(log).read_text(encoding="utf-8")
    Path(log).unlink()
    assert "RuntimeError: the wheels came off" in trace


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process")
def test_ctrl_c_says_how_to_go_on(school: Path) -> None:
    code = """
import signal, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a test run in the background ignores it
import schoolhelper.cli.release as command, schoolhelper.cli.main as main
def slow(folder):
    print("running", flush=True)
    time.sleep(60)
command.load_config = slow
main.run()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code, "release", str(school), "list"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "SCHOOLHELPER_LANG": "ko"},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "running\n"
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "멈췄습니다" in said
    assert "같은 명령을 다시 실행" in said
    assert "Traceback" not in said


def test_plan_prints_only_json(run: Run) -> None:
    found = json.loads(run("plan", "--base", "gemma-3-270m", "--json").stdout)
    assert {plan["method"] for plan in found["plans"]} >= {"full", "lora"}
    assert all(plan["base"] == "gemma-3-270m" and plan["memory_bytes"] > 0 for plan in found["plans"])


def test_doctor_tells_the_state_of_this_computer(run: Run) -> None:
    done = run("doctor", lang="en")
    assert done.returncode == 0
    assert "Python" in done.stdout
    assert "GB" in done.stdout
