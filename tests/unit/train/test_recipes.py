from __future__ import annotations

import pytest

from schoolhelper.config import TrainConfig
from schoolhelper.errors import ConfigError
from schoolhelper.train.recipes import DEFAULT, REFERENCE, recipe_for

OURS = "gemma-3-270m"


def test_the_reference_recipe_is_the_reference_designs() -> None:
    assert REFERENCE.tasks == ("closed",)
    assert (REFERENCE.batch, REFERENCE.accumulation) == (4, 4)
    assert REFERENCE.epochs == 25
    assert REFERENCE.learning_rate == 1e-4
    assert REFERENCE.warmup == 0.06
    assert REFERENCE.clip == 1.0
    assert REFERENCE.patience == 3
    assert REFERENCE.pad_multiple == 8
    assert REFERENCE.evaluations == 1
    assert REFERENCE.weighting == "token"


def test_ours_learns_to_judge_and_to_word_and_no_facts() -> None:
    assert set(DEFAULT.tasks) == {"judge", "grounded"}
    assert DEFAULT.rounds
    assert DEFAULT.general


def test_school_toml_changes_only_what_it_sets() -> None:
    assert recipe_for(TrainConfig(preset="reference"), OURS) == REFERENCE
    changed = recipe_for(TrainConfig(preset="reference", epochs=2, rank=4, seed=7), OURS)
    assert (changed.epochs, changed.rank, changed.seed) == (2, 4, 7)
    assert changed.learning_rate == REFERENCE.learning_rate


def test_only_a_base_without_a_writer_learns_to_word() -> None:
    assert recipe_for(TrainConfig(), OURS).tasks == ("judge",)
    assert recipe_for(TrainConfig(), "gemma-2b-it") == DEFAULT


def test_an_unknown_preset_names_the_known() -> None:
    with pytest.raises(ConfigError) as caught:
        recipe_for(TrainConfig(preset="fastest"), OURS)
    assert "fastest" in caught.value.message
    assert "reference" in caught.value.hint
    assert "default" in caught.value.hint
