import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import small_school
from schoolhelper.runs import promote, sealed_folder

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def run() -> Run:
    """The real command in a process of its own, in Korean unless told otherwise."""

    def call(*words: object, lang: str = "ko", code: str = "", cwd: Path | None = None) -> object:
        start = ["-c", code] if code else ["-m", "schoolhelper"]
        return subprocess.run(
            [sys.executable, *start, *map(str, words)],
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=cwd,
            env={**os.environ, "SCHOOLHELPER_LANG": lang, "PYTHONIOENCODING": "utf-8"},
            check=False,
        )

    return call  # type: ignore[return-value]


@pytest.fixture
def school(tmp_path: Path) -> Path:
    """A school folder with the small sheet and exam."""
    return small_school.make_folder(tmp_path / "haetsal")


@pytest.fixture
def releases(school: Path) -> Path:
    """The school with three sealed releases, of which the second is served."""
    for day in (1, 2, 3):
        name = f"2026030{day}-120000"
        facts = {"preset": "default", "base": "gemma-3-270m", "auc": 0.9 + day / 100}
        with sealed_folder(school / "releases" / name, run=name, inputs="", facts=facts) as work:
            (work / "thresholds.json").write_text(f"{day}", encoding="utf-8")
    promote(school, "20260302-120000")
    return school
