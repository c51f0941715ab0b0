"""Runs become releases: what was trained from which inputs, kept whole.

A release holds all that answering needs; its manifest comes last, with the hash of every file.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import schoolhelper
from schoolhelper.answer import Thresholds
from schoolhelper.config import Config
from schoolhelper.prompts import FINGERPRINT, save_prompts
from schoolhelper.runs import (
    RunDir,
    current_release,
    is_sealed,
    list_runs,
    read_json,
    read_manifest,
    sealed_folder,
    sha256,
    write_json,
    write_manifest,
)
from schoolhelper.train.recipes import Recipe
from schoolhelper.train.shipped import shipped
from schoolhelper.wiring import ADAPTER, INDEX, THRESHOLDS, WRITER

if TYPE_CHECKING:
    from schoolhelper.train.fit import Fitted


@dataclass(slots=True)
class TrainingLog:
    """Loss per step and score per evaluation, by fold, as the report wants them."""

    steps: list[dict[str, float]] = field(default_factory=list)
    epochs: list[dict[str, float]] = field(default_factory=list)

    def add(self, log: Sequence[dict[str, float]], fold: int) -> None:
        """Take what the Trainer logged for a fold."""
        for entry in log:
            if "loss" in entry:
                self.steps.append({"step": entry["step"], "loss": entry["loss"], "fold": fold})
            elif "eval_loss" in entry:
                score = entry["eval_answer_score"]
                self.epochs.append(
                    {
                        "epoch": entry["epoch"],
                        "eval_loss": entry["eval_loss"],
                        "answer_score": score,
                        "fold": fold,
                    }
                )


def inputs_digest(config: Config, recipe: Recipe, *others: Recipe) -> str:
    """One hash of everything that a release depends on: sheet, settings (those of all recipes that were
    tried), prompts and version."""
    return _digest(
        {
            "sheet": _sheet_hash(config),
            "recipe": asdict(recipe),
            **({"others": [asdict(each) for each in others]} if others else {}),
            "folds": config.train.folds,
            "base": asdict(config.base),
            "retrieve": asdict(config.retrieve),
            "prompts": FINGERPRINT,
            "version": schoolhelper.__version__,
        }
    )


def exam_digest(config: Config, file: Path, release: Path | None) -> str:
    """One hash of everything that an exam's results depend on."""
    return _digest(
        {
            "sheet": _sheet_hash(config),
            "exam": sha256(file),
            "release": release.name if release else None,
            "school": asdict(config.school),
            "answer": asdict(config.answer),
            "retrieve": asdict(config.retrieve),
            "prompts": FINGERPRINT,
            "version": schoolhelper.__version__,
        }
    )


def _sheet_hash(config: Config) -> str:
    return sha256(config.sheet_path) if isinstance(config.sheet_path, Path) else config.sheet_path


def _digest(facts: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def same_release(school: Path, inputs: str) -> Path | None:
    """The served release, if it was made from these inputs."""
    release = current_release(school)
    return release if release and read_manifest(release)["inputs"] == inputs else None


def open_run(school: Path, inputs: str) -> RunDir:
    """The unfinished run with the same inputs, else a new one; other unfinished runs are removed."""
    found = None
    for run in list_runs(school):
        begun = run.path / "inputs.json"
        if is_sealed(run.path):
            continue
        if begun.is_file() and read_json(begun)["inputs"] == inputs:
            found = run
        else:
            shutil.rmtree(run.path)
    if found is None:
        found = RunDir.create(school)
        write_json(found.path / "inputs.json", {"inputs": inputs})
    return found


def save_run(
    run: RunDir,
    config: Config,
    recipe: Recipe,
    final: Fitted,
    thresholds: Thresholds,
    log: TrainingLog,
    facts: dict[str, Any],
) -> None:
    """Write everything of a run and seal it; its checkpoints are no longer needed."""
    from schoolhelper.train.fit import save_adapter

    save_adapter(final.model, run.adapter, base=config.base.name, recipe=recipe, score=final.score)
    thresholds.save(run.thresholds)
    write_json(run.folds, facts["folds"])
    write_json(run.training, asdict(log))
    shutil.rmtree(run.checkpoints, ignore_errors=True)
    write_manifest(run.path, facts=facts)


def make_release(config: Config, run: RunDir, recipe: Recipe, inputs: str, facts: dict[str, Any]) -> Path:
    """Copy what serving needs into a release, whole; where a writer comes with the kit, it too."""
    target = config.folder / "releases" / run.path.name
    writer = shipped("writer", config.base.name) if "judge" in recipe.tasks else None
    with sealed_folder(
        target,
        run=run.path.name,
        inputs=inputs,
        kin=inputs_digest(config, dataclasses.replace(recipe, seed=0)),
        seed=recipe.seed,
        base=config.base.name,
        revision=config.base.revision,
        tasks=[*recipe.tasks, *(["grounded"] if writer else [])],
        mode="verified",
        facts=facts,
    ) as work:
        shutil.copytree(run.adapter, work / ADAPTER)
        if writer:
            shutil.copytree(writer, work / WRITER)
        shutil.copy2(run.thresholds, work / THRESHOLDS)
        shutil.copy2(run.index, work / INDEX)
        if isinstance(config.sheet_path, Path):
            shutil.copy2(config.sheet_path, work / config.sheet_path.name)
        save_prompts(work)
    return target
