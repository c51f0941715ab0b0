"""From a sheet to an examined release and beyond, through the commands, with a tiny real model."""

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import small_school
from schoolhelper import pipeline
from schoolhelper.answer import SlotCheck, Thresholds
from schoolhelper.cli.main import app
from schoolhelper.config import load_config
from schoolhelper.errors import UserError
from schoolhelper.evaluate.exam import read_results
from schoolhelper.messages import text
from schoolhelper.models import load_base
from schoolhelper.prompts import check_prompts
from schoolhelper.runs import current_release, is_sealed, list_releases, list_runs, read_json, read_manifest

SUMMARY = {
    "n", "answered_right", "answered_wrong", "abstained_right", "abstained_wrong", "clarified", "by_kind",
    "by_lang", "latency_ms",
}  # fmt: skip
ROW = {"question", "expected", "action", "entries", "answer", "mode", "confidence", "latency_ms"}


def command(*words: object) -> Result:
    """A command in this process; it must end well."""
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, f"{done.output}\n{done.exception!r}"
    return done


def as_json(*words: object) -> Any:
    return json.loads(command(*words, "--json").stdout)


@pytest.fixture(scope="module", autouse=True)
def shared() -> Any:
    """Korean, and one embedder for all commands."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCHOOLHELPER_LANG", "ko")
        for user in (pipeline, sys.modules["schoolhelper.wiring"]):
            patch.setattr(user, "load_embedder", lambda name: small_school.embedder())
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, tiny_gemma3: Path) -> tuple[Path, Any]:
    """A school that was trained with two folds, and what the training printed."""
    folder = tmp_path_factory.mktemp("whole") / "haetsal"
    small_school.make_folder(folder, base=f"name = '{tiny_gemma3}'")
    return folder, as_json("train", folder, "--folds", 2)


@pytest.fixture(scope="module")
def trained(made: tuple[Path, Any]) -> Path:
    return made[0]


@pytest.fixture
def copy(trained: Path, tmp_path: Path) -> Path:
    """The trained school, to be changed."""
    return Path(shutil.copytree(trained, tmp_path / "copy"))


def test_training_prints_its_figures_and_leaves_a_whole_release(made: tuple[Path, Any]) -> None:
    school, printed = made
    assert (printed["version"], printed["skipped"], printed["preset"]) == (1, False, "default")
    assert [len(printed["folds"][kind]) for kind in ("wording", "entry")] == [2, 2]
    assert printed["folds"]["score"]["n"] == 2
    assert 0.5 < printed["auc"] <= 1.0
    release = current_release(school)
    assert release is not None
    assert release.name == printed["release"]
    manifest = read_manifest(release, verify=True)
    files = set(manifest["files"])
    assert {"sheet.csv", "thresholds.json", "prompts.json", "adapter/adapter_model.safetensors"} <= files
    assert (release / "sheet.csv").read_bytes() == (school / "sheet.csv").read_bytes()
    check_prompts(release)
    assert Thresholds.load(release / "thresholds.json").auc == printed["auc"]


def test_a_run_keeps_what_it_was_made_from_and_no_checkpoints(made: tuple[Path, Any]) -> None:
    (run,) = list_runs(made[0])
    assert str(run.path) == made[1]["run"]
    assert is_sealed(run.path)
    assert run.examples.is_file()
    assert not run.checkpoints.exists()
    training = read_json(run.training)
    assert {step["fold"] for step in training["steps"]} >= {0, 1}
    assert all(epoch["eval_loss"] > 0 for epoch in training["epochs"])


def test_training_again_does_nothing_and_says_so(trained: Path) -> None:
    runs = len(list_runs(trained))
    assert "다시 학습하지 않았습니다" in command("train", trained, "--folds", 2).stdout
    again = as_json("train", trained, "--folds", 2)
    assert again["skipped"]
    assert again["release"] == list_releases(trained)[0].name
    assert len(list_runs(trained)) == runs


def test_the_exam_gives_results_and_a_report_that_needs_no_network(copy: Path) -> None:
    document = as_json("exam", copy)
    run = list_runs(copy)[0]
    assert document == read_json(run.results)
    assert document["version"] == 1
    assert set(document["summary"]) >= SUMMARY
    assert set(document["summary"]["latency_ms"]) == {"p50", "p95"}
    counted = ("answered_right", "answered_wrong", "abstained_right", "abstained_wrong", "clarified")
    assert sum(document["summary"][name] for name in counted) == document["summary"]["n"] == 8
    assert set(document["summary"]["by_kind"]) == {"polite", "casual", "english", "outside"}
    for row in document["rows"]:
        assert set(row) >= ROW
        assert row["action"] in ("answer", "clarify", "abstain")
        assert row["mode"] == "verified"
        assert 0.0 <= row["confidence"] <= 1.0
    assert document["summary"]["answered_right"] >= 4
    assert len(read_results(run.results)) == 8
    html = run.report.read_text(encoding="utf-8")
    assert "우리 학교" in html
    loaded = r"""(?:src|href|action)\s*=\s*["']?(?:https?:)?//|@import|url\(\s*["']?(?:https?:)?//|<link\b"""
    assert re.findall(loaded, html, re.IGNORECASE) == []


def test_the_same_exam_is_not_asked_twice(copy: Path) -> None:
    first = as_json("exam", copy)
    assert as_json("exam", copy) == first
    assert pipeline.examine(load_config(copy), copy / "exam.csv").skipped
    with (copy / "exam.csv").open("a", encoding="utf-8") as file:
        file.write("사물함 열쇠는 누가 주나요?,none,ko,outside,,,2026-04-01\n")
    assert as_json("exam", copy)["summary"]["n"] == 9


def test_results_go_where_they_are_asked_to(copy: Path, tmp_path: Path) -> None:
    out = tmp_path / "out" / "results.json"
    done = command("exam", copy, copy / "exam.csv", "--out", out)
    assert "8" in done.stdout
    assert read_json(out)["summary"]["n"] == 8
    assert (out.parent / "report.html").is_file()


def test_the_ladder_compares_what_the_school_can_do_and_names_the_best(copy: Path) -> None:
    ladder = as_json("exam", copy, "--ladder", "--sample", 2)["ladder"]
    rungs = {rung["name"]: rung for rung in ladder["rungs"]}
    assert set(rungs) >= {"nearest", "retrieval", "base-closed-book", "judge", "judge-generated"}
    assert ladder["best"] in rungs
    assert rungs["judge"]["questions"] == 8
    assert rungs["base-closed-book"]["questions"] == 2
    best = text(f"report.rung_{ladder['best']}", "ko")
    assert best in command("exam", copy, "--ladder", "--sample", 2).stdout


def test_the_reference_recipe_has_its_rung_with_a_run_a_seed(copy: Path) -> None:
    with (copy / "school.toml").open("a", encoding="utf-8") as file:
        file.write('\n[train]\npreset = "reference"\nepochs = 1\nrank = 4\n')
    for seed in (0, 1):
        as_json("train", copy, "--seed", seed, "--no-promote")
    rungs = as_json("exam", copy, "--ladder", "--sample", 2, "--again")["ladder"]["rungs"]
    assert {rung["name"]: rung["seeds"] for rung in rungs}["reference-closed-book"] == [0, 1]


def test_asking_gives_the_verified_text_and_its_entry(trained: Path) -> None:
    found = as_json("ask", trained, "도서관 몇 시까지 여나요?")
    assert (found["action"], found["mode"], found["entries"]) == ("answer", "verified", ["library"])
    assert found["answer"] == small_school.entry("library").answers["ko"]


def test_a_generated_answer_never_says_what_the_sheet_does_not(copy: Path) -> None:
    with (copy / "school.toml").open("a", encoding="utf-8") as file:
        file.write('\n[answer]\nmode = "generated"\n')
    found = as_json("ask", copy, "도서관 몇 시까지 여나요?")
    assert found["entries"] == ["library"]
    assert found["answer"]
    assert (
        SlotCheck(small_school.entries()).unsupported(found["answer"], [small_school.entry("library")]) == []
    )


def edit(sheet: Path, change: Callable[[list[dict[str, str]]], list[dict[str, str]]]) -> None:
    with sheet.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows, names = list(reader), reader.fieldnames or []
    with sheet.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(change(rows))


def test_a_changed_new_or_removed_row_is_live_without_training(copy: Path) -> None:
    new = {
        "id": "locker",
        "question": "사물함 열쇠는 어디서 받나요?",
        "answer": "사물함 열쇠는 학생생활부에서 3월 첫 주에 나누어 줍니다.",
    }

    def change(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        for row in rows:
            row["answer"] = row["answer"].replace("17:30", "19:00")
        return [*(row for row in rows if row["id"] != "bus"), new]

    edit(copy / "sheet.csv", change)
    assert "19:00까지" in as_json("ask", copy, "도서관 몇 시까지 여나요?")["answer"]
    assert as_json("ask", copy, "사물함 열쇠는 어디서 받나요?")["answer"] == new["answer"]
    gone = as_json("ask", copy, "통학버스는 몇 시에 출발해요?")
    assert "bus" not in gone["entries"]
    assert "7시 20분" not in gone["answer"]
    assert len(list_runs(copy)) == 1


def test_a_changed_sheet_is_trained_anew(copy: Path) -> None:
    edit(copy / "sheet.csv", lambda rows: rows[:-1])
    again = as_json("train", copy)
    assert not again["skipped"]
    assert current_release(copy) == list_releases(copy)[1]
    assert command("release", copy, "rollback").exit_code == 0
    assert current_release(copy) == list_releases(copy)[0]


def test_an_exported_model_stands_alone(copy: Path, tiny_gemma3: Path) -> None:
    target = Path(command("export", copy, "merged").stdout.rpartition(": ")[2].strip())
    assert read_manifest(target, verify=True)["base"] == str(tiny_gemma3)
    check_prompts(target)
    merged, base = load_base(str(target)).model, load_base(str(tiny_gemma3)).model
    changed = [
        name
        for (name, after), before in zip(merged.named_parameters(), base.parameters(), strict=True)
        if not after.equal(before)
    ]
    assert changed
    assert all("proj" in name for name in changed)


def test_the_reference_preset_trains_too(copy: Path) -> None:
    with (copy / "school.toml").open("a", encoding="utf-8") as file:
        file.write('\n[train]\npreset = "reference"\nepochs = 2\nrank = 4\n')
    printed = as_json("train", copy)
    assert (printed["preset"], printed["judge_weight"]) == ("reference", 0.0)
    release = current_release(copy)
    assert release is not None
    assert release.name == printed["release"]
    assert read_manifest(release)["tasks"] == ["closed"]
    assert read_json(release / "adapter" / "adapter_config.json")["r"] == 4
    assert as_json("ask", copy, "도서관 몇 시까지 여나요?")["entries"] == ["library"]


def test_a_two_column_sheet_with_one_wording_an_entry_trains(tmp_path: Path, tiny_gemma3: Path) -> None:
    school = small_school.make_folder(tmp_path / "two", base=f"name = '{tiny_gemma3}'")
    rooms = {"급식실": 1, "도서관": 2, "보건실": 3, "교무실": 4, "음악실": 5}
    rows = [f"{room}은 어디에 있나요?,{room}은 본관 {floor}층에 있습니다." for room, floor in rooms.items()]
    (school / "sheet.csv").write_text("\n".join(["질문,답변", *rows]), encoding="utf-8")
    assert not as_json("train", school)["skipped"]
    assert as_json("ask", school, "보건실은 어디에 있나요?")["action"] in ("answer", "clarify")


@pytest.mark.parametrize(("entries", "folds"), [(1, 0), (3, 5)])
def test_a_sheet_too_small_to_cut_is_no_crash(
    tmp_path: Path, tiny_gemma3: Path, entries: int, folds: int
) -> None:
    school = small_school.make_folder(tmp_path / "few", base=f"name = '{tiny_gemma3}'")
    rows = [f"{number}번 교실은 어디예요?,본관 {number}층입니다." for number in range(1, entries + 1)]
    (school / "sheet.csv").write_text("\n".join(["질문,답변", *rows]), encoding="utf-8")
    done = CliRunner().invoke(app, ["train", str(school), "--folds", str(folds)])
    assert isinstance(done.exception, UserError | SystemExit | None)


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is not Windows'")
def test_killed_training_goes_on_where_it_stood(tmp_path: Path, tiny_gemma3: Path) -> None:
    school = small_school.make_folder(
        tmp_path / "killed", base=f"name = '{tiny_gemma3}'", train="epochs = 6\nfolds = 2"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "schoolhelper", "train", str(school)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    while not (sealed := list(school.glob("runs/*/checkpoints/trial-*/fold-*/checkpoint-*/manifest.json"))):
        assert process.poll() is None, process.communicate()[1].decode()
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    (run,) = list_runs(school)
    assert not is_sealed(run.path)
    assert current_release(school) is None
    stood = read_json(sealed[0])["step"]

    heard: list[tuple[str, int, str]] = []

    def tell(stage: str, done: int, total: int, note: str = "") -> None:
        heard.append((stage, done, note.partition(" ")[0]))

    made = pipeline.train(load_config(school), tell=tell)
    assert made.run == run
    assert is_sealed(run.path)
    assert not made.skipped
    assert current_release(school) == made.release
    steps = [done for stage, done, note in heard if stage == "stage_fold" and note == "1/2"]
    assert min(steps) > stood
    assert min(done for stage, done, note in heard if note == "2/2") == 1
