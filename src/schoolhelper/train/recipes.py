"""Named training recipes: the reference design's, and ours."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal

from schoolhelper.config import TrainConfig
from schoolhelper.dataset import Task
from schoolhelper.errors import ConfigError
from schoolhelper.messages import text
from schoolhelper.runs import read_manifest
from schoolhelper.train.shipped import shipped


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides a fine-tuning but the data and the base model.

    `tasks` are what the model learns; `fast` computes the vocabulary head only where there is a
    label and keeps the adapter in the base's half precision with float32 masters; `cut` leaves out of
    the vocabulary what no answer in Korean or English needs. `weighting`: every example counts the
    same, so that a verdict (one token) is not drowned by a worded answer; or every token, as in the
    stock Trainer.

    `batch` counts rows: of one example each, or with `row_tokens` of as many as fit into so many tokens.
    Warm-up is a share of all steps; `patience` counts evaluations (`evaluations` an epoch)
    without a better score. `rounds`: how often the judge reads each entry; `general` and `grounded`:
    questions about other organisations to judge, and answers of theirs to word, mixed in so that it
    unlearns neither (with no `general` none calibrate, either). `starter` begins from the adapter that
    has those skills, where the base has one; of the way from there to where the training ended the adapter
    goes the part `way` (Wortsman et al., 2022, arXiv 2109.01903), for it has the better of both there.
    `layers`: how many of the base's layers take part, 0 for all; judging needs not all.
    """

    name: str
    tasks: tuple[Task, ...]
    batch: int
    accumulation: int
    epochs: int
    learning_rate: float
    rank: int
    alpha: int
    dropout: float = 0.0
    warmup: float = 0.06
    clip: float = 1.0
    patience: int = 3
    pad_multiple: int = 8
    row_tokens: int = 0
    evaluations: int = 1
    rounds: int = 0
    general: int = 0
    grounded: int = 0
    starter: bool = False
    way: float = 1.0
    layers: int = 0
    fast: bool = True
    cut: bool = False
    weighting: Literal["example", "token"] = "example"
    seed: int = 0


REFERENCE = Recipe(
    name="reference",
    tasks=("closed",),
    batch=4,
    accumulation=4,
    epochs=25,
    learning_rate=1e-4,
    rank=8,
    alpha=32,
    dropout=0.05,
    weighting="token",
)
"""The reference design: answers from memory."""

DEFAULT = Recipe(
    name="default",
    tasks=("judge", "grounded"),
    batch=2,
    accumulation=1,
    epochs=1,
    learning_rate=3e-4,
    rank=16,
    alpha=32,
    row_tokens=512,
    evaluations=3,
    rounds=2,
    general=1000,
    grounded=200,
    starter=True,
    way=0.5,
    cut=True,
)
"""Ours: the model learns to judge candidates and to word a cited entry, never to know the facts."""

RECIPES = {recipe.name: recipe for recipe in (REFERENCE, DEFAULT)}


def recipe_for(config: TrainConfig, base: str) -> Recipe:
    """The configured preset with the values that `school.toml` sets, for a base: where a shipped writer
    words the answers, that is not taught once more, and a judge has as many layers as its starter.

    Raises:
        ConfigError: there is no such preset.
    """
    if config.preset not in RECIPES:
        names = ", ".join(RECIPES)
        raise ConfigError(
            text("errors.unknown_preset", name=config.preset), text("errors.unknown_preset_hint", names=names)
        )
    chosen = RECIPES[config.preset]
    changes: dict[str, Any] = {
        name: getattr(config, name)
        for name in ("epochs", "learning_rate", "rank", "seed")
        if getattr(config, name)
    }
    if shipped("writer", base):
        changes["tasks"] = tuple(task for task in chosen.tasks if task != "grounded")
    starter = shipped("starter", base) if chosen.starter else None
    if starter and changes.get("tasks") == ("judge",):
        changes["layers"] = read_manifest(starter)["recipe"]["layers"]
    return dataclasses.replace(chosen, **changes)
