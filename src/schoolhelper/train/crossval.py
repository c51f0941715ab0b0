"""Fitting a fold and asking what it left out; fitting the whole sheet for as long as the folds liked."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from schoolhelper.answer import Judge
from schoolhelper.answer.calibrate import AskedFolds, Case, ask_general, families, judge_cases
from schoolhelper.answer.judge import judge_example
from schoolhelper.dataset import (
    NO,
    YES,
    Example,
    Fold,
    Foreign,
    closed_examples,
    judge_examples,
    make_folds,
)
from schoolhelper.dataset.general import general_examples, load_general, worded_examples
from schoolhelper.models import Loaded
from schoolhelper.prompts import Renderer
from schoolhelper.records import Entry, Question
from schoolhelper.retrieve import Retriever
from schoolhelper.train.fit import Fitted, Progress, fit
from schoolhelper.train.lora import detach, merged, starter_for
from schoolhelper.train.recipes import Recipe

HELD_OUT = 60
NEAR = 40
"""How many wordings of other entries the hard questions about an entry are drawn from."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A fold's fit and how it did on what the fold left out.

    `examples` are what it was taught, `score` the model's own on held-out answers, `cases` the
    questions with the judge's scores, `general` (of the first fold only) those that every school
    calibrates with.
    `fitted` is None when the adapter was taken off again.
    """

    number: int
    examples: list[Example]
    score: float
    best_epoch: float
    cases: list[Case]
    general: list[Case]
    log: list[dict[str, float]]
    fitted: Fitted | None


def fit_fold(
    base: Loaded, asked: AskedFolds, number: int, recipe: Recipe, work: Path, *, keep: bool, tell: Progress
) -> Outcome:
    """Train on a fold, then judge what it left out. `keep` leaves the adapter on the base.

    A recipe without the judge answers from memory, so its folds leave out wordings only: nobody
    can know what was never taught.
    """
    fold, cases = asked.folds[number], asked.cases[number]
    if "judge" not in recipe.tasks:
        fold = make_folds(asked.entries, len(asked.folds), seed=recipe.seed, leave_entries=False)[number]
    renderer = Renderer(base.tokenizer)
    train_on = build_examples(fold.train, asked.retrievers[number], recipe)
    held_out = held_out_examples(fold, cases, recipe)
    starter = starter_for(base.name, recipe)
    fitted = fit(base.model, renderer, train_on, held_out, recipe, work, starter=starter, tell=tell)
    general: list[Case] = []
    if "judge" in recipe.tasks:
        retriever = asked.retrievers[number]
        if number == 0 and recipe.general:
            sheets = load_general("calibrate")
            general = ask_general(sheets, retriever.embedder, retriever.weights, seed=recipe.seed)
        with merged(fitted.model) as adapted:
            judge = Judge(adapted, renderer)
            cases, general = judge_cases(cases, judge), judge_cases(general, judge)
    if not keep:
        detach(fitted.model)
    kept = fitted if keep else None
    return Outcome(number, train_on, fitted.score, fitted.best_epoch, cases, general, fitted.log, kept)


def fit_all(
    base: Loaded,
    train_on: Sequence[Example],
    recipe: Recipe,
    outcomes: Sequence[Outcome],
    work: Path,
    tell: Progress,
) -> Fitted:
    """Train on everything for as many epochs as were best in the folds, on average; at least one."""
    epochs = max(1, round(sum(outcome.best_epoch for outcome in outcomes) / len(outcomes)))
    whole = dataclasses.replace(recipe, epochs=epochs)
    starter = starter_for(base.name, recipe)
    return fit(base.model, Renderer(base.tokenizer), train_on, [], whole, work, starter=starter, tell=tell)


def build_examples(entries: Sequence[Entry], retriever: Retriever, recipe: Recipe) -> list[Example]:
    """The training examples of a recipe; near misses come from the retriever."""
    examples: list[Example] = []
    if "closed" in recipe.tasks:
        examples += closed_examples(entries)
    if "judge" in recipe.tasks:
        examples += judge_examples(
            entries,
            foreign_wordings(entries, retriever),
            rounds=recipe.rounds,
            seed=recipe.seed,
        )
        examples += general_examples(load_general("train"), recipe.general, seed=recipe.seed)
    if "grounded" in recipe.tasks:
        examples += worded_examples(load_general("train"), recipe.grounded, seed=recipe.seed)
    return examples


def foreign_wordings(entries: Sequence[Entry], retriever: Retriever) -> Foreign:
    """A function that finds the wordings that look like an entry's but that it does not answer."""
    family = families(entries)
    asked = [(question, entry.id) for entry in entries for question in entry.questions]
    nearness = retriever.fused(retriever.score([question.text for question, _ in asked]).features)
    column = {entry.id: place for place, entry in enumerate(retriever.entries)}

    def foreign(entry: Entry) -> list[Question]:
        order = np.argsort(-nearness[:, column[entry.id]], kind="stable")
        found = (asked[row] for row in order)
        return [question for question, owner in found if owner not in family[entry.id]][:NEAR]

    return foreign


def held_out_examples(fold: Fold, cases: Sequence[Case], recipe: Recipe) -> list[Example]:
    """What decides which checkpoint is kept: verdicts on the two nearest candidates of questions that
    the fold left out (at most `HELD_OUT`, evenly picked), or answers to its wordings."""
    if "judge" in recipe.tasks:
        cases = cases[:: max(1, len(cases) // HELD_OUT)]
        asked = [
            dataclasses.replace(
                judge_example(case.question.text, case.question.lang, passage.entry),
                completion=YES if passage.entry.id in case.right else NO,
            )
            for case in cases
            for passage in case.passages[:2]
        ]
        return sorted(asked, key=lambda example: example.context)  # what is read of an entry is shared
    by_id = {entry.id: entry for entry in fold.train}
    return closed_examples([dataclasses.replace(by_id[key], questions=(q,)) for q, key in fold.wordings])
