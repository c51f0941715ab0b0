"""A school whose base comes with a writer: two adapters, one release."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

import small_school
from schoolhelper import pipeline
from schoolhelper.answer import Writer
from schoolhelper.config import load_config
from schoolhelper.dataset import grounded_examples, read_examples
from schoolhelper.models import load_adapted, load_base, load_generator
from schoolhelper.prompts import Renderer
from schoolhelper.runs import read_manifest
from schoolhelper.train.fit import fit, save_adapter
from schoolhelper.train.recipes import DEFAULT
from schoolhelper.wiring import load_models
from tiny import ENTRIES, verified


@pytest.fixture
def writer(tiny_gemma3: Path, tmp_path: Path) -> Path:
    """An adapter that words answers about other entries."""
    base = load_base(str(tiny_gemma3))
    recipe = replace(DEFAULT, tasks=("grounded",), rank=4, learning_rate=3e-2, epochs=4, evaluations=1)
    taught = fit(
        base.model,
        Renderer(base.tokenizer),
        grounded_examples(verified(ENTRIES), seed=0),
        [],
        recipe,
        tmp_path / "work",
    )
    save_adapter(taught.model, tmp_path / "writer", base="tiny", recipe=recipe, score=0.0)
    return tmp_path / "writer"


def test_the_school_learns_to_judge_and_the_writer_goes_with_the_release(
    writer: Path, tiny_gemma3: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for user in ("recipes", "releases", "lora"):
        place = "schoolhelper." if user == "releases" else "schoolhelper.train."
        module = sys.modules[place + user]
        monkeypatch.setattr(module, "shipped", lambda name, base: writer if name == "writer" else None)
    monkeypatch.setattr(pipeline, "load_embedder", lambda name: small_school.embedder())
    school = small_school.make_folder(tmp_path / "school", base=f"name = '{tiny_gemma3}'")
    made = pipeline.train(load_config(school))
    assert {example.task for example in read_examples(made.run.examples)} == {"judge"}
    manifest = read_manifest(made.release, verify=True)
    assert manifest["tasks"] == ["judge", "grounded"]
    assert "writer/adapter_model.safetensors" in manifest["files"]
    models = load_models(made.release)
    assert models.loaded
    assert models.judge
    assert models.writer
    alone = load_adapted(writer, str(tiny_gemma3))
    renderer = Renderer(alone.tokenizer)
    expected = Writer(load_generator(alone.model, alone.tokenizer, renderer.end), renderer)
    judging = Writer(load_generator(models.loaded.model, alone.tokenizer, renderer.end), renderer)
    asked = grounded_examples(verified(ENTRIES), seed=1)
    said = [list(models.writer.complete(example)) for example in asked]
    assert said == [list(expected.complete(example)) for example in asked]
    assert said != [list(judging.complete(example)) for example in asked]
