"""Configuration becomes concrete back ends: which embedder, which model, which release."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from schoolhelper.answer import Answerer, Judge, Thresholds, Writer
from schoolhelper.answer.calibrate import FOLDS, ask_folds, fit_thresholds
from schoolhelper.answer.closed_book import ClosedBook
from schoolhelper.answer.nearest import Nearest
from schoolhelper.config import Config
from schoolhelper.errors import ConfigError
from schoolhelper.evaluate.ladder import Rung
from schoolhelper.messages import text
from schoolhelper.models import (
    Loaded,
    TransformersGenerator,
    load_adapted,
    load_base,
    load_generator,
    load_served,
)
from schoolhelper.prompts import Renderer
from schoolhelper.records import Entry
from schoolhelper.retrieve import Embedder, Remembered, Retriever, load_embedder
from schoolhelper.runs import list_releases, read_manifest

ADAPTER = "adapter"
WRITER = "writer"
THRESHOLDS = "thresholds.json"
INDEX = "index.npz"


@dataclass(frozen=True)
class Models:
    """The trained parts of a release; None where it has none. `loaded` is the base with the release's
    adapter, `wording` the adapter that words answers, where it is another one."""

    loaded: Loaded | None = None
    tasks: tuple[str, ...] = ()
    wording: Path | None = None
    revision: str = ""

    @cached_property
    def judge(self) -> Judge | None:
        """What reads a question and a candidate."""
        if self.loaded is None or "judge" not in self.tasks:
            return None
        return Judge(self.loaded.model, Renderer(self.loaded.tokenizer))

    @cached_property
    def writer(self) -> Writer | None:
        """What words answers; its weights are made ready when it is first wanted."""
        if self.loaded is None or "grounded" not in self.tasks:
            return None
        model, tokenizer, name = self.loaded.model, self.loaded.tokenizer, self.loaded.name
        if self.wording is not None:
            model = load_served(self.wording, name, revision=self.revision, tokenizer=tokenizer).model
        renderer = Renderer(tokenizer)
        return Writer(load_generator(model, tokenizer, renderer.end), renderer)


def calibrate_retrieval(config: Config, entries: Sequence[Entry], embedder: Embedder) -> Thresholds:
    """Thresholds for answering without a trained model, from folds over the sheet."""
    asked = ask_folds(entries, FOLDS, embedder, seed=config.train.seed, candidates=config.retrieve.candidates)
    return fit_thresholds([case for cases in asked.cases for case in cases], asked.weights)


def load_models(release: Path) -> Models:
    """The judge and writer of a release.

    Raises:
        ModelError, RunError: something of it is missing or damaged.
    """
    manifest = read_manifest(release)
    folder = release / ADAPTER
    if not folder.is_dir():
        return Models()
    revision = manifest.get("revision", "")
    loaded = load_served(folder, manifest["base"], revision=revision)
    wording = release / WRITER if (release / WRITER).is_dir() else None
    return Models(loaded, tuple(manifest["tasks"]), wording, revision)


def build_answerer(
    config: Config,
    entries: Sequence[Entry],
    release: Path | None = None,
    *,
    models: Models | None = None,
    known: Remembered | None = None,
    mode: str | None = None,
) -> Answerer:
    """What answers questions: the sheet as it is now, with the release's calibration and models.

    Without a release the retrieval scores decide, calibrated here on the sheet. Whoever builds again and
    again passes the release's `models` and what is `known` of the sheet's texts. `mode` (default: the
    configured one) is `verified`, `generated` or `auto`, which follows the release.

    Raises:
        ConfigError: `school.counsel_entry` names no entry of the sheet.
    """
    counsel = config.school.counsel_entry
    if counsel and counsel not in {entry.id for entry in entries}:
        raise ConfigError(
            text("errors.counsel_entry_unknown", entry=counsel), text("errors.counsel_entry_unknown_hint")
        )
    mode = mode or config.answer.mode
    known = known or remembered(config, release)
    if release is None:
        thresholds, models = calibrate_retrieval(config, entries, known), Models()
    else:
        thresholds = Thresholds.load(release / THRESHOLDS)
        models = models or load_models(release)
        mode = read_manifest(release)["mode"] if mode == "auto" else mode
    retriever = Retriever(entries, known.inner, thresholds.weights, known=known)
    return Answerer(
        retriever,
        thresholds.calibrator,
        caution=config.answer.caution,
        candidates=config.retrieve.candidates,
        school=config.school,
        judge=models.judge,
        judge_weight=thresholds.judge_weight,
        writer=models.writer if mode == "generated" else None,
    )


def remembered(config: Config, release: Path | None) -> Remembered:
    """The embedder of the sheet's texts, which knows those that a release was made with."""
    known = Remembered(load_embedder(config.retrieve.dense))
    return known.recall(release / INDEX) if release else known


def build_rungs(config: Config, entries: Sequence[Entry], release: Path | None, sample: int) -> list[Rung]:
    """The ways to answer that the ladder compares, as far as the school has what they need.

    Whatever writes text is slow on a CPU and is asked `sample` questions. The reference recipe takes
    part once it was trained (`schoolhelper train DIR --preset reference --no-promote`). Releases that
    differ in their seed alone (`train --seed N --no-promote`) give the spread, of either.
    """
    rungs = [
        Rung("nearest", lambda seed: Nearest(entries, load_embedder(config.retrieve.dense))),
        Rung("retrieval", lambda seed: build_answerer(config, entries, None)),
        Rung("base-closed-book", lambda seed: _closed_book(config, None), max_questions=sample),
    ]
    reference = [each for each in list_releases(config.folder) if read_manifest(each)["tasks"] == ["closed"]]
    if reference:
        memories = same_but_for_seed(config.folder, reference[-1])
        rungs.append(
            Rung(
                "reference-closed-book",
                lambda seed: _closed_book(config, memories[seed]),
                tuple(memories),
                max_questions=sample,
            )
        )
    if release is None:
        return rungs
    kin, tasks = same_but_for_seed(config.folder, release), read_manifest(release)["tasks"]
    if "judge" in tasks:
        rungs.append(
            Rung(
                "judge", lambda seed: build_answerer(config, entries, kin[seed], mode="verified"), tuple(kin)
            )
        )
    if "grounded" in tasks:
        rungs.append(
            Rung(
                "judge-generated",
                lambda seed: build_answerer(config, entries, kin[seed], mode="generated"),
                tuple(kin),
                max_questions=sample,
            )
        )
    return rungs


def same_but_for_seed(school: Path, release: Path) -> dict[int, Path]:
    """The releases trained on the same sheet with the same settings, by seed: the newest of each."""
    mine = read_manifest(release)["kin"]
    made = ((read_manifest(each), each) for each in list_releases(school))
    return dict(sorted((facts["seed"], each) for facts, each in made if facts["kin"] == mine))


def _closed_book(config: Config, release: Path | None) -> ClosedBook:
    if release is None:
        loaded = load_base(config.base.name, revision=config.base.revision)
    else:
        loaded = load_adapted(release / ADAPTER, config.base.name, revision=config.base.revision)
    renderer = Renderer(loaded.tokenizer)
    return ClosedBook(Writer(TransformersGenerator(loaded.model, renderer.end), renderer, limit=96))
