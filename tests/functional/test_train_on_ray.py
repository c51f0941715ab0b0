"""Folds that run on a Ray cluster of two workers, one of which dies."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

import small_school

pytest.importorskip("ray")
pytestmark = pytest.mark.slow


def train(school: Path, *options: str) -> subprocess.Popen[str]:
    """With one thread, as a worker of the cluster has: products are rounded otherwise on two."""
    command = [sys.executable, "-m", "schoolhelper", "train", str(school), "--folds", "2", "--json", *options]
    alike = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, env=alike, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def result(process: subprocess.Popen[str]) -> Any:
    stdout, stderr = process.communicate(timeout=500)
    assert process.returncode == 0, stderr
    return json.loads(stdout)


def kill_a_worker_behind_a_checkpoint(school: Path, process: subprocess.Popen[str]) -> bool:
    """Kill one that fits a fold, once its fold has a complete checkpoint."""
    while process.poll() is None:
        if list(school.glob("runs/*/checkpoints/trial-*/fold-*/checkpoint-*/manifest.json")):
            for each in psutil.Process(process.pid).children(recursive=True):
                if each.is_running() and any("fit_alone" in word for word in each.cmdline()):
                    each.kill()
                    return True
        time.sleep(0.005)
    return False


SWEEP = ("--rank", "4", "--rank", "8")


def test_a_dead_worker_costs_nothing_but_time(tmp_path: Path, tiny_gemma3: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for school in (one, two):
        small_school.make_folder(school, base=f"name = '{tiny_gemma3}'")
    process = train(one, *SWEEP, "--ray", "local")
    assert kill_a_worker_behind_a_checkpoint(one, process)
    on_ray, alone = result(process), result(train(two, *SWEEP))
    assert on_ray["folds"]["score"]["n"] == 2
    for facts in (on_ray, alone):
        for kind in ("wording", "entry"):
            for fold in facts["folds"][kind]:
                fold.pop("latency_ms", None)
    assert on_ray["auc"] == pytest.approx(alone["auc"], abs=0.02)
    assert on_ray["folds"] == alone["folds"]
    assert sorted(trial["rank"] for trial in on_ray["trials"]) == [4, 8]
    assert [trial["rank"] for trial in on_ray["trials"]] == [trial["rank"] for trial in alone["trials"]]


def test_an_address_without_a_cluster_is_explained(tmp_path: Path, tiny_gemma3: Path) -> None:
    school = tmp_path / "school"
    small_school.make_folder(school, base=f"name = '{tiny_gemma3}'")
    process = train(school, "--ray", "127.0.0.1:1")
    _, stderr = process.communicate(timeout=300)
    assert process.returncode == 1
    assert "Traceback" not in stderr
    assert "127.0.0.1:1" in stderr
