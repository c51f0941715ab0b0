from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
import torch

from schoolhelper.config import TrainConfig
from schoolhelper.dataset import closed_examples
from schoolhelper.models import load_base
from schoolhelper.prompts import Renderer, check_prompts
from schoolhelper.runs import read_manifest
from schoolhelper.train import shipped as kit
from schoolhelper.train.fit import fit, save_adapter
from schoolhelper.train.lora import attach, detach, starter_for
from schoolhelper.train.recipes import DEFAULT, REFERENCE, recipe_for
from schoolhelper.train.shipped import shipped
from tiny import ENTRIES, adapter_of, let_speak

LIMIT = 10_000_000
"""Bytes: what is shipped must stay small."""


def test_a_fit_can_begin_as_another_adapter(tiny_gemma3: Path, tmp_path: Path) -> None:
    base = load_base(str(tiny_gemma3))
    renderer, examples = Renderer(base.tokenizer), closed_examples(ENTRIES)[:4]
    recipe = replace(DEFAULT, rank=4, epochs=2, evaluations=1, learning_rate=1e-2)
    first = fit(base.model, renderer, examples, [], recipe, tmp_path / "first")
    save_adapter(first.model, tmp_path / "starter", base="tiny", recipe=recipe, score=0.0)
    taught = adapter_of(first.model)
    model = attach(detach(first.model), recipe, tmp_path / "starter")
    for name, weight in model.named_parameters():
        if weight.requires_grad:
            torch.testing.assert_close(weight, taught[name])
            assert weight.dtype == model.get_base_model().dtype


def test_fewer_layers_begin_as_the_first_of_a_starter(tiny_gemma3: Path, tmp_path: Path) -> None:
    recipe = replace(DEFAULT, rank=4)
    whole = let_speak(attach(load_base(str(tiny_gemma3)).model, recipe), 0.05)
    save_adapter(whole, tmp_path, base="tiny", recipe=recipe, score=0.0)
    model = attach(load_base(str(tiny_gemma3)).model, replace(recipe, layers=1), tmp_path)
    taught, begun = adapter_of(whole), adapter_of(model)
    assert 0 < len(begun) < len(taught)
    assert all(torch.equal(weight, taught[name]) for name, weight in begun.items())


def test_an_adapter_ends_part_of_the_way_from_its_starter(tiny_gemma3: Path, tmp_path: Path) -> None:
    base, starter = load_base(str(tiny_gemma3)), tmp_path / "starter"
    renderer, examples, model = Renderer(base.tokenizer), closed_examples(ENTRIES)[:4], base.model
    recipe = replace(DEFAULT, rank=4, epochs=2, evaluations=1, learning_rate=1e-2)
    ends = []
    for place, way in enumerate((1.0, 1.0, 0.25, 0.0)):
        fitted = fit(
            model,
            renderer,
            examples,
            [],
            replace(recipe, way=way),
            tmp_path / f"{place}",
            starter=starter if place else None,
        )
        if not place:
            save_adapter(fitted.model, starter, base="tiny", recipe=recipe, score=0.0)
        ends.append(adapter_of(fitted.model))
        model = detach(fitted.model)
    begun, trained, quarter, nowhere = ends
    for name, weight in begun.items():
        torch.testing.assert_close(nowhere[name], weight)
        torch.testing.assert_close(
            quarter[name], torch.lerp(weight, trained[name], 0.25), atol=1e-2, rtol=1e-2
        )
    assert any(not trained[name].equal(weight) for name, weight in begun.items())


def test_the_starter_is_only_for_the_base_rank_and_layers_it_was_made_for() -> None:
    recipe = recipe_for(TrainConfig(), "gemma-3-270m")
    assert starter_for("gemma-3-270m", recipe) == Path(kit.__file__).with_name("starter")
    assert starter_for("gemma-2b-it", recipe) is None
    assert starter_for("some/other-model", recipe) is None
    assert starter_for("gemma-3-270m", replace(recipe, rank=8)) is None
    assert starter_for("gemma-3-270m", replace(recipe, layers=1)) is None
    assert starter_for("gemma-3-270m", REFERENCE) is None


@pytest.mark.parametrize("name", ["starter", "writer"])
def test_what_is_shipped_is_whole_and_made_with_todays_prompts(name: Literal["starter", "writer"]) -> None:
    folder = shipped(name, "gemma-3-270m")
    assert folder
    assert read_manifest(folder, verify=True)["base"] == "gemma-3-270m"
    check_prompts(folder)
    assert shipped(name, "gemma-2b-it") is None


def test_both_are_small_together() -> None:
    folders = [Path(kit.__file__).with_name(name) for name in ("starter", "writer")]
    assert sum(path.stat().st_size for folder in folders for path in folder.iterdir()) < LIMIT
