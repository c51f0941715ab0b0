"""The reference design's own form of data: two columns, 128 rows of Parquet, answers from memory."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from schoolhelper.config import load_config
from schoolhelper.dataset import Example, closed_examples
from schoolhelper.models import load_adapted, load_base
from schoolhelper.prompts import Renderer
from schoolhelper.sheet import Sheet, load_sheet, require_sound
from schoolhelper.train.fit import fit, save_adapter
from schoolhelper.train.recipes import REFERENCE, recipe_for

FOLDER = Path(__file__).parents[2] / "examples" / "reference-two-column"


@pytest.fixture(scope="module")
def sheet() -> Sheet:
    path = load_config(FOLDER).sheet_path
    return load_sheet(path, today=date(2026, 4, 1))


@pytest.fixture(scope="module")
def examples(sheet: Sheet) -> list[Example]:
    return closed_examples(sheet.entries)


def test_two_columns_are_a_sound_sheet(sheet: Sheet) -> None:
    table = pq.read_table(FOLDER / "sheet.parquet")
    assert table.num_rows == 128
    assert table.num_columns == 2
    require_sound(sheet)
    assert sheet.issues == () or not sheet.errors


def test_every_row_becomes_an_example_with_its_answer(sheet: Sheet, examples: list[Example]) -> None:
    rows = pq.read_table(FOLDER / "sheet.parquet").to_pylist()
    question, answer = rows[0].keys()
    assert len(examples) == 128
    assert {(e.question, e.completion) for e in examples} == {(row[question], row[answer]) for row in rows}
    assert len(sheet.entries) == len({row[answer] for row in rows})


def test_the_example_is_trained_as_the_reference_design_says() -> None:
    config = load_config(FOLDER)
    assert recipe_for(config.train, config.base.name) == REFERENCE


def test_a_short_training_end_to_end(examples: list[Example], tiny_folder: Path, tmp_path: Path) -> None:
    recipe = dataclasses.replace(REFERENCE, epochs=2, learning_rate=1e-2)
    base = load_base(str(tiny_folder), on="cpu")
    renderer = Renderer(base.tokenizer)
    fitted = fit(base.model, renderer, examples, examples[::16], recipe, tmp_path / "work")
    losses = [entry["loss"] for entry in fitted.log if "loss" in entry]
    assert len(losses) == 2 * 8  # 128 rows, 4 x 4 a step
    assert losses[-1] < losses[0]
    rates = [entry["learning_rate"] for entry in fitted.log if "learning_rate" in entry]
    assert max(rates) == pytest.approx(1e-2)
    assert rates[0] == 0.0
    assert rates[-1] < 1e-3
    assert [entry["epoch"] for entry in fitted.log if "eval_exact" in entry] == [1, 2]
    save_adapter(fitted.model, tmp_path / "adapter", base=base.path, recipe=recipe, score=fitted.score)
    assert load_adapted(tmp_path / "adapter", str(tiny_folder)).model is not None
