"""Recipes to try: each is cross-validated, and the folds say which is best."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

from schoolhelper.answer import Thresholds
from schoolhelper.answer.calibrate import AskedFolds, fit_thresholds
from schoolhelper.config import Config
from schoolhelper.models import Loaded
from schoolhelper.train.cluster import fit_folds
from schoolhelper.train.crossval import Outcome, fit_fold
from schoolhelper.train.recipes import Recipe

Tell = Callable[[int, int, int, float], None]
"""Hears how many fits are done, and of the one under way the step, the number of steps, the latest loss."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A recipe, what its folds found, and the calibration fitted on all of that."""

    recipe: Recipe
    outcomes: list[Outcome]
    thresholds: Thresholds

    @property
    def score(self) -> float:
        """How well it can tell answerable questions from others (AUC, out of fold); where nobody judges,
        the model's own score."""
        if "judge" in self.recipe.tasks:
            return self.thresholds.auc
        return statistics.fmean(outcome.score for outcome in self.outcomes)

    def facts(self) -> dict[str, Any]:
        """What a sweep reports of it."""
        return {
            "learning_rate": self.recipe.learning_rate,
            "rank": self.recipe.rank,
            "score": self.score,
            "by_fold": [outcome.score for outcome in self.outcomes],
        }


def cross_validate(
    config: Config,
    recipes: Sequence[Recipe],
    base: Loaded,
    asked: AskedFolds,
    checkpoints: Path,
    *,
    cluster: str,
    tell: Tell,
) -> list[Trial]:
    """Every recipe's folds, one after another or on a Ray cluster; the best recipe first.

    Without `config.train.folds` the first recipe alone is fitted, to one fold, and its adapter stays on
    the base.
    """
    count = config.train.folds or 1
    jobs = [
        (recipe, checkpoints / f"trial-{trial}" / f"fold-{number}", number)
        for (trial, recipe), number in product(enumerate(recipes), range(count))
    ]
    if cluster:
        tell(0, 0, len(jobs), math.nan)
        outcomes = fit_folds(config, jobs, cluster, lambda done: tell(done, done, len(jobs), math.nan))
    else:
        keep = not config.train.folds
        outcomes = [
            fit_fold(base, asked, number, recipe, work, keep=keep, tell=partial(tell, done))
            for done, (recipe, work, number) in enumerate(jobs)
        ]
    found = [
        _trial(recipe, outcomes[place * count : (place + 1) * count], asked)
        for place, recipe in enumerate(recipes)
    ]
    return sorted(found, key=lambda trial: -trial.score)


def _trial(recipe: Recipe, outcomes: list[Outcome], asked: AskedFolds) -> Trial:
    cases = [case for fold in asked.cases for case in fold]
    if "judge" in recipe.tasks:
        cases = [case for outcome in outcomes for case in (*outcome.cases, *outcome.general)]
    return Trial(recipe, outcomes, fit_thresholds(cases, asked.weights))
