"""Where results lie: runs, releases, their manifests, and writes that are whole or not there.

A folder is written under a temporary name, its manifest with the sha256 of every file last, then
renamed. What has no manifest does not exist.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from schoolhelper.errors import RunError
from schoolhelper.messages import text

MANIFEST = "manifest.json"
CURRENT = "current"


def sha256(path: Path) -> str:
    """The file's sha256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_atomic(path: Path, data: str | bytes) -> None:
    """Write a whole file: temporary name, sync, rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data.encode("utf-8") if isinstance(data, str) else data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    """Write `value` as readable JSON, whole or not at all."""
    write_atomic(path, json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def read_json(path: Path) -> Any:
    """Read JSON.

    Raises:
        RunError: the file is missing or damaged.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RunError(
            text("errors.file_damaged", path=path, error=error), text("errors.file_damaged_hint")
        ) from None


def write_manifest(folder: Path, **facts: Any) -> None:
    """Seal `folder`: record every file's sha256 and `facts` in its manifest."""
    files = {
        str(path.relative_to(folder).as_posix()): sha256(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST and not path.name.endswith(".tmp")
    }
    write_json(folder / MANIFEST, {"version": 1, **facts, "files": files})


def read_manifest(folder: Path, *, verify: bool = False) -> dict[str, Any]:
    """The manifest of a sealed folder.

    Raises:
        RunError: there is none or it is damaged, or with `verify` a file is missing or changed.
    """
    manifest: dict[str, Any] = read_json(folder / MANIFEST)
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise RunError(
            text("errors.file_damaged", path=folder / MANIFEST, error="files"),
            text("errors.file_damaged_hint"),
        )
    for name, expected in manifest["files"].items() if verify else ():
        path = folder / name
        if not path.is_file() or sha256(path) != expected:
            raise RunError(text("errors.file_changed", path=path), text("errors.file_changed_hint"))
    return manifest


def is_sealed(folder: Path) -> bool:
    """Whether `folder` is complete."""
    return (folder / MANIFEST).is_file()


@contextmanager
def sealed_folder(target: Path, **facts: Any) -> Iterator[Path]:
    """A temporary folder that becomes `target` with a manifest when the block ends well."""
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        yield temporary
        write_manifest(temporary, **facts)
        if target.exists():
            shutil.rmtree(target)
        temporary.rename(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class RunDir:
    """The paths of one run, `runs/<time>/`."""

    path: Path

    @classmethod
    def create(cls, school: Path) -> RunDir:
        """A new, empty run of the school folder."""
        stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
        path = school / "runs" / stamp
        number = 1
        while path.exists():
            number += 1
            path = school / "runs" / f"{stamp}-{number}"
        path.mkdir(parents=True)
        return cls(path)

    @property
    def adapter(self) -> Path:
        return self.path / "adapter"

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"

    @property
    def examples(self) -> Path:
        return self.path / "examples.parquet"

    @property
    def index(self) -> Path:
        return self.path / "index.npz"

    @property
    def folds(self) -> Path:
        return self.path / "folds.json"

    @property
    def thresholds(self) -> Path:
        return self.path / "thresholds.json"

    @property
    def training(self) -> Path:
        return self.path / "training.json"

    @property
    def merged(self) -> Path:
        return self.path / "merged"

    @property
    def results(self) -> Path:
        return self.path / "results.json"

    @property
    def report(self) -> Path:
        return self.path / "report.html"


def list_runs(school: Path) -> list[RunDir]:
    """Every run of the school folder, oldest first, complete or not."""
    folder = school / "runs"
    return [RunDir(path) for path in sorted(folder.iterdir()) if path.is_dir()] if folder.is_dir() else []


def list_releases(school: Path) -> list[Path]:
    """The complete releases, oldest first."""
    folder = school / "releases"
    return sorted(path for path in folder.iterdir() if is_sealed(path)) if folder.is_dir() else []


def current_release(school: Path) -> Path | None:
    """The release that is served, if any."""
    pointer = school / "releases" / CURRENT
    if not pointer.is_file():
        return None
    release = pointer.parent / pointer.read_text(encoding="utf-8").strip()
    return release if is_sealed(release) else None


def promote(school: Path, name: str) -> Path:
    """Make the release `name` the served one.

    Raises:
        RunError: there is no such complete release.
    """
    release = school / "releases" / name
    if release not in list_releases(school):
        known = ", ".join(path.name for path in list_releases(school)) or "-"
        raise RunError(text("errors.no_release", name=name), text("errors.no_release_hint", names=known))
    read_manifest(release, verify=True)
    write_atomic(release.parent / CURRENT, name + "\n")
    return release
