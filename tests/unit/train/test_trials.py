"""Several recipes, each cross-validated; small ones, so that it is the order that counts."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

import small_school
from schoolhelper.config import Config, TrainConfig
from schoolhelper.models import Loaded
from schoolhelper.records import Passage
from schoolhelper.train import trials
from schoolhelper.train.crossval import Outcome
from schoolhelper.train.recipes import DEFAULT, REFERENCE, Recipe
from schoolhelper.train.trials import cross_validate

LOW, HIGH = dataclasses.replace(DEFAULT, rank=4), dataclasses.replace(DEFAULT, rank=8)
BASE = Loaded(None, None, "", "")


def judged(passage: Passage, right: frozenset[str], skill: float) -> Passage:
    """A candidate with the verdict of a judge who knows (1) or has it the wrong way round (-1)."""
    verdict = skill if passage.entry.id in right else -skill
    return dataclasses.replace(passage, scores={**passage.scores, "judge": verdict})


@pytest.fixture
def fits(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int, str]]:
    """Rank and fold of each fit and the folder that it was given; the higher rank judges well."""
    done: list[tuple[int, int, str]] = []

    def fit_fold(base: Any, asked: Any, number: int, recipe: Recipe, work: Path, **_: Any) -> Outcome:
        done.append((recipe.rank, number, "/".join(work.parts[-2:])))
        skill = 1.0 if recipe.rank == HIGH.rank else -1.0
        cases = [
            dataclasses.replace(case, passages=tuple(judged(p, case.right, skill) for p in case.passages))
            for case in asked.cases[number]
        ]
        return Outcome(number, [], recipe.rank / 10 + number, 1.0, cases, [], [], None)

    monkeypatch.setattr(trials, "fit_fold", fit_fold)
    return done


def run(tmp_path: Path, *recipes: Recipe) -> list[trials.Trial]:
    asked = small_school.asked()
    config = Config(tmp_path, train=TrainConfig(folds=len(asked.folds)))
    return cross_validate(config, recipes, BASE, asked, tmp_path, cluster="", tell=lambda *_: None)


def test_the_recipe_whose_folds_tell_questions_apart_best_comes_first(
    tmp_path: Path, fits: list[tuple[int, int, str]]
) -> None:
    found = run(tmp_path, LOW, HIGH)
    assert [trial.recipe for trial in found] == [HIGH, LOW]
    assert found[0].score == found[0].thresholds.auc > found[1].score
    folds = len(small_school.asked().folds)
    assert [(rank, number) for rank, number, _ in fits] == [
        (recipe.rank, number) for recipe in (LOW, HIGH) for number in range(folds)
    ]
    assert len({folder for _, _, folder in fits}) == len(fits)
    assert found[0].facts()["rank"] == HIGH.rank
    assert len(found[0].facts()["by_fold"]) == folds


@pytest.mark.usefixtures("fits")
def test_equals_keep_their_order_and_without_a_judge_the_models_own_score_counts(tmp_path: Path) -> None:
    assert [trial.recipe.learning_rate for trial in run(tmp_path, HIGH, HIGH)] == [HIGH.learning_rate] * 2
    closed = [dataclasses.replace(REFERENCE, rank=rank) for rank in (2, 9, 4)]
    found = run(tmp_path, *closed)
    assert [trial.recipe.rank for trial in found] == [9, 4, 2]
    folds = len(small_school.asked().folds)
    assert found[0].score == pytest.approx(0.9 + (folds - 1) / 2)
