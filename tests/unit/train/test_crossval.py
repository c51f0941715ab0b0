from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import torch

import small_school
from schoolhelper.answer.calibrate import families
from schoolhelper.dataset import NO, YES
from schoolhelper.models import load_base
from schoolhelper.retrieve import Retriever
from schoolhelper.train.crossval import (
    build_examples,
    fit_all,
    fit_fold,
    foreign_wordings,
    held_out_examples,
)
from schoolhelper.train.recipes import DEFAULT, REFERENCE

QUICK = dataclasses.replace(DEFAULT, evaluations=1, learning_rate=5e-3, general=0, grounded=5)


def whole() -> Retriever:
    return Retriever(small_school.entries(), small_school.embedder(), small_school.asked().weights)


def test_no_foreign_wording_is_asked_of_the_same_answer_for_other_people() -> None:
    """The small school has entries that differ only in the grade they are for."""
    family = families(small_school.entries())
    assert max(len(ids) for ids in family.values()) > 1
    owner = {question.text: entry.id for entry in small_school.entries() for question in entry.questions}
    foreign = foreign_wordings(small_school.entries(), whole())
    for entry in small_school.entries():
        found = [owner[question.text] for question in foreign(entry)]
        assert found
        assert family[entry.id].isdisjoint(found)


def test_the_judge_never_learns_to_refuse_the_own_family() -> None:
    family = families(small_school.entries())
    owner = {question.text: entry.id for entry in small_school.entries() for question in entry.questions}
    examples = build_examples(small_school.entries(), whole(), QUICK)
    judged = [example for example in examples if example.task == "judge"]
    refused = 0
    for example in judged:
        asked = example.question.rstrip("?")  # maybe behind another question
        last = max((each for each in owner if asked.endswith(each.rstrip("?"))), key=len)
        assert (owner[last] == example.entry) == (example.completion == YES)
        if example.completion == NO:
            refused += 1
            assert owner[last] not in family[example.entry]
    assert 0.3 < refused / len(judged) < 0.7
    assert {example.task for example in examples} == {"judge", "grounded"}


def test_questions_and_answers_of_other_organisations_are_mixed_in() -> None:
    school = {entry.id for entry in small_school.entries()}
    mixed = build_examples(small_school.entries(), whole(), dataclasses.replace(QUICK, general=50))
    others = [example.task for example in mixed if example.entry not in school]
    assert (others.count("judge"), others.count("grounded")) == (50, QUICK.grounded)


def test_the_reference_learns_answers_alone() -> None:
    examples = build_examples(small_school.entries(), whole(), REFERENCE)
    assert {example.task for example in examples} == {"closed"}


def test_what_is_held_out_was_never_trained_on() -> None:
    asked = small_school.asked()
    for fold, cases in zip(asked.folds, asked.cases, strict=True):
        trained = {question.text for entry in fold.train for question in entry.questions}
        judged = held_out_examples(fold, cases, QUICK)
        assert judged
        assert {example.completion for example in judged} <= {YES, NO}
        assert trained.isdisjoint(example.question for example in judged)
        closed = held_out_examples(fold, cases, REFERENCE)
        assert trained.isdisjoint(example.question for example in closed)
        assert len(closed) == len(fold.wordings)


def test_a_fold_and_then_all_on_one_base(tiny_gemma3: Path, tmp_path: Path) -> None:
    asked = small_school.asked()
    base = load_base(str(tiny_gemma3), on="cpu")
    before = [weight.detach().clone() for weight in base.model.parameters()]
    steps: list[int] = []

    def tell(step: int, steps_in_all: int, loss: float) -> None:
        steps.append(step)

    outcome = fit_fold(base, asked, 0, QUICK, tmp_path / "fold-0", keep=False, tell=tell)
    assert outcome.fitted is None
    assert steps
    assert [case.question for case in outcome.cases] == [case.question for case in asked.cases[0]]
    judged = [passage.scores for case in outcome.cases for passage in case.passages]
    assert judged
    assert all(math.isfinite(scores["judge"]) for scores in judged)
    assert all(torch.equal(a, b) for a, b in zip(before, base.model.parameters(), strict=True))

    twice = dataclasses.replace(outcome, best_epoch=2.6)
    examples = build_examples(small_school.entries(), whole(), QUICK)[:16]
    fitted = fit_all(base, examples, QUICK, [outcome, twice], tmp_path / "final", tell)
    assert fitted.best_epoch == round((outcome.best_epoch + 2.6) / 2)


def test_a_fold_of_the_reference_leaves_only_wordings_out(tiny_gemma: Path, tmp_path: Path) -> None:
    recipe = dataclasses.replace(REFERENCE, epochs=1)
    base = load_base(str(tiny_gemma), on="cpu")
    kept = fit_fold(base, small_school.asked(), 0, recipe, tmp_path, keep=True, tell=lambda *_: None)
    assert kept.fitted is not None
    assert [entry for entry in kept.log if "eval_exact" in entry]
