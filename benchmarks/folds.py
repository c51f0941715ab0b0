"""What do folds cost together, and what would they one by one?

Every fold of a school's sheet is fitted in one process, with one base model and one index in memory, and then
again in a process of its own. Prints time and peak memory, and whether each fold came out the same, bit by
bit: the losses of its steps, its score and what its judge said of every question that it left out.

    python benchmarks/folds.py SCHOOL [--folds 5] [--short]
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from process import in_new_process, peak_memory


def fitted(school: Path, folds: int, numbers: list[int], short: bool) -> dict[str, Any]:
    """Fit some of the folds in this process; each one's fingerprint, and the peak memory."""
    from schoolhelper.answer.calibrate import ask_folds
    from schoolhelper.config import load_config
    from schoolhelper.models import load_base
    from schoolhelper.retrieve import Remembered, load_embedder
    from schoolhelper.sheet import load_sound_sheet
    from schoolhelper.train.crossval import fit_fold
    from schoolhelper.train.recipes import recipe_for

    config = load_config(school)
    recipe = recipe_for(config.train, config.base.name)
    recipe = dataclasses.replace(recipe, general=0, rounds=1) if short else recipe
    embedder = Remembered(load_embedder(config.retrieve.dense))
    entries = load_sound_sheet(config.sheet_path).entries
    asked = ask_folds(entries, folds, embedder, seed=0, candidates=config.retrieve.candidates)
    base = load_base(config.base.name)
    prints = {}
    for number in numbers:
        with tempfile.TemporaryDirectory() as work:
            found = fit_fold(
                base, asked, number, recipe, Path(work), keep=False, tell=lambda done, total, loss: None
            )
        said = [passage.scores for case in found.cases for passage in case.passages]
        losses = [each["loss"] for each in found.log if "loss" in each]
        whole = json.dumps([losses, found.score, said], sort_keys=True, default=float)
        prints[number] = hashlib.sha256(whole.encode()).hexdigest()
    return {"memory": peak_memory(), "prints": prints}


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("school", type=Path)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--short", action="store_true", help="one round of the sheet, nothing mixed in")
    parser.add_argument("--run", type=int, nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run is not None:
        print(json.dumps(fitted(options.school, options.folds, options.run, options.short)))
        return

    def run(*numbers: int) -> dict[str, Any]:
        short = ["--short"] if options.short else []
        begun = time.perf_counter()
        found = in_new_process(__file__, options.school, "--folds", options.folds, *short, "--run", *numbers)
        return found | {"seconds": time.perf_counter() - begun}

    together = run(*range(options.folds))
    alone = [run(number) for number in range(options.folds)]
    spent, most = sum(each["seconds"] for each in alone), max(each["memory"] for each in alone)
    same = sum(together["prints"][key] == print_ for each in alone for key, print_ in each["prints"].items())
    print(f"| {options.folds} folds | time | peak memory | the same, bit by bit |\n| --- | --- | --- | --- |")
    print(f"| in one process | {together['seconds']:.0f} s | {together['memory']:.2f} GiB | {same} |")
    print(f"| each in its own | {spent:.0f} s | {most:.2f} GiB | |")
    print(f"| ratio | {together['seconds'] / spent:.2f} | {together['memory'] / most:.2f} | |")


if __name__ == "__main__":
    main()
