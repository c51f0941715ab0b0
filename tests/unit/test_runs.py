from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import pytest

from schoolhelper.errors import RunError
from schoolhelper.runs import (
    RunDir,
    current_release,
    is_sealed,
    list_releases,
    list_runs,
    promote,
    read_json,
    read_manifest,
    sealed_folder,
    sha256,
    write_atomic,
    write_json,
    write_manifest,
)


def release(school: Path, name: str) -> Path:
    with sealed_folder(school / "releases" / name, made="오늘") as work:
        (work / "sheet.csv").write_text("질문,답변\n", encoding="utf-8")
    return school / "releases" / name


def test_sha256_is_the_published_value(tmp_path: Path) -> None:
    (tmp_path / "abc").write_bytes(b"abc")
    assert sha256(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_file_is_whole_or_as_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "new" / "facts.json"
    write_atomic(path, "처음")

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        write_atomic(path, "나중")
    assert path.read_text(encoding="utf-8") == "처음"
    assert [each.name for each in path.parent.iterdir()] == ["facts.json"]


def test_json_is_readable_korean(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"이름": "한울고", "folder": tmp_path})
    assert "한울고" in (tmp_path / "a.json").read_text(encoding="utf-8")
    assert read_json(tmp_path / "a.json") == {"이름": "한울고", "folder": str(tmp_path)}


@pytest.mark.parametrize("content", [None, b"{", b"\xff\xfe\x00"])
def test_missing_or_damaged_json_names_the_file(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "results.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RunError, match=r"results\.json") as caught:
        read_json(path)
    assert caught.value.hint


def test_a_sealed_folder_records_every_file(tmp_path: Path) -> None:
    folder = release(tmp_path, "one")
    assert is_sealed(folder)
    manifest = read_manifest(folder, verify=True)
    assert manifest["made"] == "오늘"
    assert manifest["files"] == {"sheet.csv": sha256(folder / "sheet.csv")}


def test_files_in_folders_are_sealed_too(tmp_path: Path) -> None:
    (tmp_path / "adapter").mkdir()
    (tmp_path / "adapter" / "weights").write_bytes(b"1")
    (tmp_path / ".facts.json.7.tmp").write_bytes(b"half")
    write_manifest(tmp_path)
    assert list(read_manifest(tmp_path)["files"]) == ["adapter/weights"]
    (tmp_path / "adapter" / "weights").write_bytes(b"2")
    read_manifest(tmp_path)
    with pytest.raises(RunError, match="weights"):
        read_manifest(tmp_path, verify=True)


def _interrupted(target: Path) -> None:
    with sealed_folder(target) as work:
        (work / "sheet.csv").write_text("half", encoding="utf-8")
        raise KeyboardInterrupt


def test_a_block_that_fails_leaves_nothing_and_keeps_the_old(tmp_path: Path) -> None:
    old = release(tmp_path, "one")
    with pytest.raises(KeyboardInterrupt):
        _interrupted(old)
    assert (old / "sheet.csv").read_text(encoding="utf-8") == "질문,답변\n"
    assert [path.name for path in old.parent.iterdir()] == ["one"]


def _die_while_writing(school: Path) -> None:
    with sealed_folder(school / "releases" / "two") as work:
        (work / "sheet.csv").write_text("half", encoding="utf-8")
        os._exit(9)


def test_a_process_that_dies_while_writing_leaves_no_release(tmp_path: Path) -> None:
    release(tmp_path, "one")
    process = multiprocessing.get_context("spawn").Process(target=_die_while_writing, args=(tmp_path,))
    process.start()
    process.join()
    assert process.exitcode == 9
    assert [path.name for path in list_releases(tmp_path)] == ["one"]
    release(tmp_path, "two")
    assert [path.name for path in list_releases(tmp_path)] == ["one", "two"]


def test_runs_have_their_own_folders_and_an_order(tmp_path: Path) -> None:
    assert list_runs(tmp_path) == []
    runs = [RunDir.create(tmp_path) for _ in range(3)]
    assert len({run.path for run in runs}) == 3
    assert list_runs(tmp_path) == runs
    inside = runs[0]
    named = [
        inside.adapter,
        inside.checkpoints,
        inside.examples,
        inside.folds,
        inside.thresholds,
        inside.training,
        inside.merged,
        inside.results,
        inside.report,
    ]
    assert len(set(named)) == len(named)
    assert all(path.parent == inside.path for path in named)


def test_promote_and_roll_back(tmp_path: Path) -> None:
    assert current_release(tmp_path) is None
    one, two = release(tmp_path, "one"), release(tmp_path, "two")
    assert current_release(tmp_path) is None
    assert promote(tmp_path, "two") == two == current_release(tmp_path)
    assert promote(tmp_path, "one") == one == current_release(tmp_path)
    assert list_releases(tmp_path) == [one, two]


@pytest.mark.parametrize("name", ["", "three", "../runs/one", "half"])
def test_what_is_no_complete_release_is_not_promoted(tmp_path: Path, name: str) -> None:
    one = release(tmp_path, "one")
    promote(tmp_path, "one")
    (tmp_path / "releases" / "half").mkdir()
    with sealed_folder(tmp_path / "runs" / "one"):
        pass
    with pytest.raises(RunError) as caught:
        promote(tmp_path, name)
    assert "one" in caught.value.hint
    assert current_release(tmp_path) == one


def test_a_damaged_release_is_not_promoted(tmp_path: Path) -> None:
    one, two = release(tmp_path, "one"), release(tmp_path, "two")
    promote(tmp_path, "one")
    (two / "sheet.csv").write_text("질문,답변\n바뀜,네\n", encoding="utf-8")
    with pytest.raises(RunError, match=r"sheet\.csv"):
        promote(tmp_path, "two")
    assert current_release(tmp_path) == one


@pytest.mark.parametrize("manifest", ["[]", "{}", '{"files": []}'])
def test_a_manifest_that_says_nothing_is_damaged(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "manifest.json").write_text(manifest, encoding="utf-8")
    with pytest.raises(RunError, match=r"manifest\.json"):
        read_manifest(tmp_path, verify=True)


def test_a_pointer_to_a_release_that_is_gone_points_to_none(tmp_path: Path) -> None:
    one = release(tmp_path, "one")
    promote(tmp_path, "one")
    (one / "manifest.json").unlink()
    assert current_release(tmp_path) is None
    assert list_releases(tmp_path) == []
