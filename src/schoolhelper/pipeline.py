"""The whole way from a sheet to an examined release: check, build, cross-validate, fit, release, exam."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schoolhelper.answer import Thresholds
from schoolhelper.answer.calibrate import FOLDS, Case, ask_folds, reweighted
from schoolhelper.answer.decide import candidate_features, decide
from schoolhelper.config import Config, TrainConfig
from schoolhelper.dataset import write_examples
from schoolhelper.errors import SheetError
from schoolhelper.evaluate.exam import results_document, run_exam
from schoolhelper.evaluate.exam_file import load_exam
from schoolhelper.evaluate.ladder import run_ladder
from schoolhelper.evaluate.metrics import mean_sd, summarise
from schoolhelper.evaluate.report import write_report
from schoolhelper.messages import text
from schoolhelper.models import load_base
from schoolhelper.records import ExamQuestion, ExamResult
from schoolhelper.releases import (
    TrainingLog,
    exam_digest,
    inputs_digest,
    make_release,
    open_run,
    same_release,
    save_run,
)
from schoolhelper.retrieve import Remembered, Retriever, load_embedder
from schoolhelper.runs import (
    RunDir,
    current_release,
    promote,
    read_json,
    read_manifest,
    write_json,
)
from schoolhelper.sheet import Sheet, load_sound_sheet
from schoolhelper.train.recipes import Recipe, recipe_for
from schoolhelper.wiring import build_answerer, build_rungs

if TYPE_CHECKING:
    from schoolhelper.train.fit import Fitted
    from schoolhelper.train.trials import Trial

Tell = Callable[[str, int, int, str], None]
"""Hears a stage (a key of the catalogue's `cli` section), what is done, of how much, and a note."""


def silent(stage: str, done: int, total: int, note: str = "") -> None:
    """Tells nobody."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What `train` made: the run, the release that is now served, and the figures worth printing."""

    run: RunDir
    release: Path
    facts: dict[str, Any]
    skipped: bool = False


@dataclass(frozen=True, slots=True)
class Examined:
    """What `examine` found: results.json's document and where the report lies."""

    document: dict[str, Any]
    report: Path
    skipped: bool = False


def train(
    config: Config,
    *,
    trials: Sequence[TrainConfig] = (),
    again: bool = False,
    serve: bool = True,
    cluster: str = "",
    tell: Tell = silent,
) -> Trained:
    """Check the sheet, fine-tune, calibrate, and make the result the served release (if `serve`).

    With `config.train.folds` the recipe is cross-validated first and then fitted to the whole sheet;
    without, there is one fit, calibrated on what its fold leaves out. Of several `trials` (settings to try
    instead of the configured ones; this needs folds) the one that its folds like best is taken. Nothing
    is done when sheet, settings and code are those of the served release, unless `again`. An interrupted
    training goes on at its newest complete checkpoints. The folds run on the Ray cluster at the address
    `cluster`, if one is given.

    Raises:
        UserError: whatever is wrong with the sheet, the settings or the base model.
    """
    tell("stage_check", 0, 1, "")
    sheet = load_sound_sheet(config.sheet_path)
    recipes = [recipe_for(each, config.base.name) for each in trials or (config.train,)]
    if len(sheet.entries) < max(2, config.train.folds):
        raise SheetError(
            text("errors.too_few_entries", entries=len(sheet.entries), needed=max(2, config.train.folds)),
            text("errors.too_few_entries_hint"),
        )
    inputs = inputs_digest(config, *recipes)
    if not again and (same := same_release(config.folder, inputs)):
        made = read_manifest(same)
        return Trained(RunDir(config.folder / "runs" / made["run"]), same, made["facts"], skipped=True)
    run = open_run(config.folder, inputs)
    started = time.monotonic()
    log = TrainingLog()
    final, found = _fit(config, sheet, recipes, run, log, cluster, tell)
    best = found[0]
    facts = {
        "preset": best.recipe.name,
        "base": config.base.name,
        "trainable": str(final.share),
        "seconds": round(time.monotonic() - started, 1),
        "auc": best.thresholds.auc,
        "judge_weight": best.thresholds.judge_weight,
        "folds": _fold_facts(best, config.answer.caution),
        "trials": [trial.facts() for trial in found],
    }
    save_run(run, config, best.recipe, final, best.thresholds, log, facts)
    release = make_release(config, run, best.recipe, inputs, facts)
    return Trained(run, promote(config.folder, release.name) if serve else release, facts)


def _fit(
    config: Config,
    sheet: Sheet,
    recipes: Sequence[Recipe],
    run: RunDir,
    log: TrainingLog,
    cluster: str,
    tell: Tell,
) -> tuple[Fitted, list[Trial]]:
    """Index, cross-validate, and train the best recipe; one base model in memory for all folds."""
    from schoolhelper.train.crossval import build_examples, fit_all
    from schoolhelper.train.trials import cross_validate

    folds, seed = config.train.folds, recipes[0].seed
    tell("stage_index", 0, 1, "")
    embedder = Remembered(load_embedder(config.retrieve.dense))
    asked = ask_folds(
        sheet.entries, folds or FOLDS, embedder, seed=seed, candidates=config.retrieve.candidates
    )
    embedder.save(run.index)
    tell("stage_load", 0, 1, "")
    base = load_base(config.base.name, revision=config.base.revision)
    step = _step(tell, folds * len(recipes))
    trials = cross_validate(config, recipes, base, asked, run.checkpoints, cluster=cluster, tell=step)
    best = trials[0]
    for outcome in best.outcomes:
        log.add(outcome.log, outcome.number)
    final, train_on = best.outcomes[0].fitted, best.outcomes[0].examples
    if final is None:
        retriever = Retriever(sheet.entries, embedder, asked.weights)
        train_on = build_examples(sheet.entries, retriever, best.recipe)
        final = fit_all(
            base,
            train_on,
            best.recipe,
            best.outcomes,
            run.checkpoints / "final",
            lambda done, total, loss: tell("stage_train", done, total, _loss_note(loss)),
        )
    write_examples(run.examples, train_on)
    tell("stage_calibrate", 0, 1, "")
    return final, trials


def _step(tell: Tell, fits: int) -> Callable[[int, int, int, float], None]:
    """Tells the steps of each of so many fits to folds, or (0) those of the only fit."""

    def step(done: int, now: int, steps: int, loss: float) -> None:
        note = f"{min(done + 1, fits)}/{fits} " if fits else ""
        tell("stage_fold" if fits else "stage_train", now, steps, note + _loss_note(loss))

    return step


def examine(
    config: Config,
    file: Path,
    *,
    sample: int = 0,
    out: Path | None = None,
    again: bool = False,
    tell: Tell = silent,
) -> Examined:
    """Ask the served release every question of an exam; write results.json and the report.

    With `sample` other ways to answer are compared on the same exam, the slow ones on so many
    questions (the ladder).

    Nothing is asked when release, sheet, settings and exam are those of the results at hand, unless
    `again`.

    Raises:
        UserError: the exam or the sheet has a problem, or the release is damaged.
    """
    tell("stage_check", 0, 1, "")
    sheet = load_sound_sheet(config.sheet_path)
    questions = load_exam(file, {entry.id for entry in sheet.entries})
    release = current_release(config.folder)
    run = RunDir(config.folder / "runs" / read_manifest(release)["run"]) if release else None
    results_path = out or (run.results if run else config.folder / "results.json")
    report = results_path.with_name("report.html")
    facts = {"release": release.name if release else None, "inputs": exam_digest(config, file, release)}
    if not again and results_path.is_file() and report.is_file():
        document = read_json(results_path)
        if document.get("facts") == facts and (not sample or "ladder" in document):
            return Examined(document, report, skipped=True)
    tell("stage_load", 0, 1, "")
    answerer = build_answerer(config, sheet.entries, release)
    results = run_exam(
        answerer, questions, sheet.entries, progress=lambda done, total: tell("stage_exam", done, total, "")
    )
    ladder = None
    if sample:
        rungs = build_rungs(config, sheet.entries, release, sample)
        ladder = run_ladder(
            rungs,
            questions,
            sheet.entries,
            progress=lambda name, done, total: tell("stage_rung", done, total, name),
        )
    document = results_document(results, facts=facts) | ({"ladder": ladder.to_json()} if ladder else {})
    write_json(results_path, document)
    write_report(
        report,
        school_name=config.school.name,
        lang=config.school.language,
        results=results,
        entries=sheet.entries,
        training=read_json(run.training) if run and run.training.is_file() else None,
        folds=_folds_for_report(run),
        ladder=ladder,
        sheet_summary=_sheet_counts(sheet),
    )
    return Examined(document, report)


def _folds_for_report(run: RunDir | None) -> dict[str, Any] | None:
    if run is None or not run.folds.is_file():
        return None
    saved = read_json(run.folds)
    return {kind: saved[kind] for kind in ("wording", "entry")}


def _sheet_counts(sheet: Sheet) -> dict[str, int]:
    found = sheet.summary()
    return {
        "entries": found["entries"],
        "wordings": sum(found["wordings"].values()),
        "errors": found["issues"]["error"],
        "warnings": found["issues"]["warning"],
    }


def _loss_note(loss: float) -> str:
    return "" if math.isnan(loss) else f"loss {loss:.3f}"


def _fold_facts(trial: Trial, caution: float) -> dict[str, Any]:
    """Per fold the exam summary of both kinds of questions; mean and sd of the model's own score."""
    kinds: dict[str, list[dict[str, Any]]] = {"wording": [], "entry": []}
    for outcome in trial.outcomes:
        cases = reweighted(outcome.cases, trial.thresholds.judge_weight)
        results = fold_results(cases, trial.thresholds, caution)
        kinds["wording"].append(summarise([result for result in results if result.question.expected]))
        kinds["entry"].append(summarise([result for result in results if not result.question.expected]))
    return {**kinds, "score": mean_sd([outcome.score for outcome in trial.outcomes])}


def fold_results(cases: Sequence[Case], thresholds: Thresholds, caution: float) -> list[ExamResult]:
    """A fold's questions as exam results, answered as the release would answer them."""
    results = []
    for case in cases:
        question = ExamQuestion(case.question.text, tuple(sorted(case.right)), case.question.lang, "fold")
        if not case.passages:  # every other entry is the same answer for other people
            results.append(ExamResult(question, "abstain", (), "", "verified", 0.0, 0.0))
            continue
        first = case.passages[0].entry
        sure = thresholds.calibrator.probability(candidate_features(case.passages))
        action = decide(sure, caution)
        said = first.answer(case.question.lang) if action == "answer" else ""
        offered = tuple(passage.entry.id for passage in case.passages[:3])
        results.append(ExamResult(question, action, (first.id,), said, "verified", sure, 0.0, offered))
    return results
