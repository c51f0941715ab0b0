"""Folds on several processes or machines, through Ray.

Each fold of each recipe is one task, the same code as in one process. Its checkpoints lie in the school's
folder, which all machines must see under the same path; a worker that dies has its fold begun again
elsewhere, from the newest complete checkpoint.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from schoolhelper.answer.calibrate import ask_folds
from schoolhelper.config import Config
from schoolhelper.errors import UserError
from schoolhelper.messages import text
from schoolhelper.models import load_base
from schoolhelper.retrieve import Remembered, load_embedder
from schoolhelper.sheet import load_sound_sheet
from schoolhelper.train.crossval import Outcome, fit_fold
from schoolhelper.train.recipes import Recipe

LOCAL = "local"
"""The address that stands for this computer alone."""

PATIENCE = 5
"""Seconds in which a cluster must answer."""

RETRIES = 3
"""How often a fold is begun again after its worker died."""

Job = tuple[Recipe, Path, int]
"""A recipe, the folder of its checkpoints, and the number of the fold to fit it to."""


def fit_folds(
    config: Config, jobs: Sequence[Job], address: str, tell: Callable[[int], None]
) -> list[Outcome]:
    """Fit them all; `tell` hears how many are done.

    Raises:
        UserError: Ray is not installed or not to be reached, or a fold failed for the user's reasons.
    """
    try:
        import ray
    except ImportError:
        raise UserError(text("errors.no_ray"), text("errors.no_ray_hint")) from None
    try:
        _knock(address)
        ray.init(address=None if address == LOCAL else address, log_to_driver=False, logging_level="ERROR")
    except (OSError, RuntimeError, ValueError) as error:
        reason = (str(error).strip().splitlines() or [""])[0]
        raise UserError(
            text("errors.ray_unreachable", address=address, error=reason), text("errors.ray_unreachable_hint")
        ) from error
    try:
        with redirect_stdout(sys.stderr):  # where Ray tells of dead workers
            return _gathered(ray, config, jobs, tell)
    finally:
        ray.shutdown()


def _knock(address: str) -> None:
    """Raises at once where nobody listens; Ray itself would wait for minutes."""
    host, _, port = address.rpartition("//")[2].rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host, int(port)), timeout=PATIENCE).close()


def _gathered(ray: Any, config: Config, jobs: Sequence[Job], tell: Callable[[int], None]) -> list[Outcome]:
    cores = max(1, int(ray.cluster_resources().get("CPU", 1)) // len(jobs))
    task = ray.remote(num_cpus=cores, max_retries=RETRIES)(fit_alone)
    waiting = {task.remote(config, *job): place for place, job in enumerate(jobs)}
    found: dict[int, Outcome] = {}
    while waiting:
        (ready, *_), _ = ray.wait(list(waiting))
        try:
            found[waiting.pop(ready)] = ray.get(ready)
        except ray.exceptions.RayTaskError as error:
            if isinstance(error.cause, UserError):
                raise error.cause from None
            raise
        tell(len(found))
    return [found[place] for place in range(len(jobs))]


def fit_alone(config: Config, recipe: Recipe, work: Path, number: int) -> Outcome:
    """One fold in a process of its own: everything is loaded here."""
    entries = load_sound_sheet(config.sheet_path).entries
    embedder = Remembered(load_embedder(config.retrieve.dense))
    asked = ask_folds(
        entries, config.train.folds, embedder, seed=recipe.seed, candidates=config.retrieve.candidates
    )
    base = load_base(config.base.name, revision=config.base.revision)
    return fit_fold(base, asked, number, recipe, work, keep=False, tell=lambda done, total, loss: None)
