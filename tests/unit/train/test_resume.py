from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch

from schoolhelper.dataset import closed_examples
from schoolhelper.models import load_base
from schoolhelper.prompts import Renderer
from schoolhelper.train.fit import Fitted, fit
from schoolhelper.train.recipes import REFERENCE, Recipe
from tiny import ENTRIES

STOCK = dataclasses.replace(REFERENCE, accumulation=1, epochs=6, learning_rate=1e-2, patience=40)
FAST = dataclasses.replace(STOCK, epochs=4, name="fast", fast=True, evaluations=3)
RECIPES = {"reference": STOCK, "fast": FAST}

SCRIPT = """
import sys, time, torch
from pathlib import Path
from test_resume import RECIPES, go
torch.set_num_threads(1)
go(Path(sys.argv[1]), Path(sys.argv[2]), RECIPES[sys.argv[3]], lambda *_: time.sleep(0.1))
"""


def go(folder: Path, work: Path, recipe: Recipe, tell: Any) -> Fitted:
    base = load_base(str(folder), on="cpu")
    examples = closed_examples(ENTRIES)
    return fit(base.model, Renderer(base.tokenizer), examples, examples[:3], recipe, work, tell=tell)


def sealed(work: Path) -> list[int]:
    """The steps of the complete checkpoints."""
    return sorted(int(path.parent.name.partition("-")[2]) for path in work.glob("checkpoint-*/manifest.json"))


@pytest.mark.parametrize("name", list(RECIPES))
def test_training_goes_on_after_a_kill_to_the_same_result(
    tiny_gemma: Path, tmp_path: Path, name: str
) -> None:
    work = tmp_path / "killed"
    paths = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[2])])
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", SCRIPT, str(tiny_gemma), str(work), name],
        env=os.environ | {"PYTHONPATH": paths},
        stderr=subprocess.PIPE,
    )
    while not sealed(work) and process.poll() is None:
        time.sleep(0.005)
    process.kill()
    _, stderr = process.communicate()
    assert process.returncode == -9, stderr.decode()
    done = sealed(work)[-1]

    heard: list[tuple[int, int]] = []
    resumed = go(tiny_gemma, work, RECIPES[name], lambda step, steps, loss: heard.append((step, steps)))
    assert heard[0][0] == done + 1
    assert heard[-1][0] == heard[-1][1] == 3 * RECIPES[name].epochs

    whole = go(tiny_gemma, tmp_path / "whole", RECIPES[name], lambda *_: None)
    assert resumed.score == whole.score
    assert resumed.best_epoch == whole.best_epoch
    losses = [[entry["loss"] for entry in fitted.log if "loss" in entry] for fitted in (resumed, whole)]
    assert losses[0] == losses[1]
    weights = [
        {name: weight for name, weight in fitted.model.named_parameters() if "lora_" in name}
        for fitted in (resumed, whole)
    ]
    torch.testing.assert_close(weights[0], weights[1], rtol=0, atol=0)
