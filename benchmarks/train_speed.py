"""How fast does our training step run against the reference recipe's, in one run on the same rows?

Both train a fresh adapter of the same rank on the same closed-book rows of the example school, in turn,
several times; the stock Trainer loss with batch 4 x 4 against ours with batch 16. Prints tokens a
second, the spread and the ratio.

    python benchmarks/train_speed.py [--short]
"""

from __future__ import annotations

import argparse
import dataclasses
import statistics
import tempfile
import time
from pathlib import Path

from schoolhelper.dataset import Example, closed_examples
from schoolhelper.models import Loaded, load_base
from schoolhelper.prompts import Renderer
from schoolhelper.sheet import load_sheet
from schoolhelper.train.fit import fit
from schoolhelper.train.lora import detach
from schoolhelper.train.recipes import DEFAULT, REFERENCE, Recipe

SHEET = Path(__file__).parent.parent / "examples" / "hanul-high" / "sheet.csv"
THEIRS = dataclasses.replace(REFERENCE, name="reference", epochs=1, fast=False)
OURS = dataclasses.replace(
    DEFAULT, name="ours", tasks=REFERENCE.tasks, rank=REFERENCE.rank, epochs=1, evaluations=1
)


def speed(base: Loaded, recipe: Recipe, rows: list[Example]) -> tuple[float, float]:
    """Tokens a second of one epoch, start and checkpoint included, and the last loss."""
    renderer = Renderer(base.tokenizer)
    tokens = sum(len(renderer.render(row).input_ids) for row in rows)
    with tempfile.TemporaryDirectory() as work:
        start = time.perf_counter()
        fitted = fit(base.model, renderer, rows, [], recipe, Path(work))
        seconds = time.perf_counter() - start
    detach(fitted.model)
    return tokens / seconds, [entry["loss"] for entry in fitted.log if "loss" in entry][-1]


def main() -> None:
    """Run both recipes in turn and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="64 rows, two rounds, instead of 256 and five")
    short = parser.parse_args().short
    rows = closed_examples(load_sheet(SHEET).entries)[: 64 if short else 256]
    base = load_base("gemma-3-270m")
    found: dict[str, list[tuple[float, float]]] = {"reference": [], "ours": []}
    for _ in range(2 if short else 5):
        for recipe in (THEIRS, OURS):
            found[recipe.name].append(speed(base, recipe, rows))
    reference = statistics.median(tokens for tokens, _ in found["reference"])
    print(f"{'':12}{'tokens/s':>10}{'min':>8}{'max':>8}{'ratio':>8}{'last loss':>11}")
    for name, runs in found.items():
        speeds = [tokens for tokens, _ in runs]
        middle, loss = statistics.median(speeds), statistics.median(loss for _, loss in runs)
        ratio = middle / reference
        print(f"{name:12}{middle:10.0f}{min(speeds):8.0f}{max(speeds):8.0f}{ratio:8.2f}{loss:11.3f}")


if __name__ == "__main__":
    main()
