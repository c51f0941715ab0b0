"""How do answering and indexing grow with the sheet?

Sheets of 100, 1,000 and 10,000 entries (made-up organisations; beyond them the same ones again, each copy
under a name of its own) with the calibration and judge of a trained school. For each size: building the
index from nothing, building it again after one answer changed, memory, and the time of one answer to
questions that the sheet has not listed: half of them as soon as it is built, the others when the sheet has
been read in the background as the page does.

    python benchmarks/scale.py SCHOOL [--short]
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import random
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from process import peak_memory, percentiles
from schoolhelper.answer import Answerer
from schoolhelper.config import Config, SchoolConfig, load_config
from schoolhelper.dataset.general import load_general
from schoolhelper.records import Entry, Question
from schoolhelper.runs import current_release
from schoolhelper.sheet import load_sheet
from schoolhelper.wiring import build_answerer, load_models, remembered

ASKED = 200

Made = TypeVar("Made")


def sheet(size: int) -> tuple[list[Entry], list[tuple[Question, str]]]:
    """`size` entries, and questions with the ids of the entries that answer them."""
    entries: list[Entry] = []
    asked: list[tuple[Question, str]] = []
    copy = 0
    while len(entries) < size:
        for made in load_general("train"):
            for entry in made.entries:
                asked += [(question, entry.id) for question in made.known[entry.id][0]] if not copy else []
                entries.append(_named(entry, copy))
        copy += 1
    kept = {entry.id for entry in entries[:size]}
    asked = [(question, owner) for question, owner in asked if owner in kept]
    return entries[:size], random.Random(0).sample(asked, ASKED)


def _named(entry: Entry, copy: int) -> Entry:
    """The entry, or one that another organisation might have."""
    if not copy:
        return entry
    questions = tuple(Question(f"{copy}호점 {each.text}", each.lang) for each in entry.questions)
    answers = {lang: f"{copy}호점: {answer}" for lang, answer in entry.answers.items()}
    return dataclasses.replace(entry, id=f"{entry.id}-{copy}", questions=questions, answers=answers)


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("school", type=Path, help="a school folder with a release")
    parser.add_argument("--short", action="store_true", help="without 10,000 entries")
    options = parser.parse_args()
    config = load_config(options.school)
    release = current_release(config.folder)
    if release is None:
        sys.exit(f"{options.school}: no release")
    print("| entries | index | changed | at once p50 / p95 | read in | then p50 / p95 | memory | right |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for size in (100, 1000) if options.short else (100, 1000, 10_000):
        with tempfile.TemporaryDirectory() as work:
            cells = measured(config, release, *sheet(size), Path(work) / "sheet.csv")
        print(f"| {size:,} | " + " | ".join(cells) + " |", flush=True)


def measured(
    config: Config, release: Path, entries: list[Entry], asked: list[tuple[Question, str]], path: Path
) -> list[str]:
    """The cells of one row: what the page does at start, after a saved change, and for questions."""
    config = dataclasses.replace(config, school=SchoolConfig(sheet=str(path)))
    always = dataclasses.replace(config, answer=dataclasses.replace(config.answer, caution=0.0))
    models, known = load_models(release), remembered(config, None)

    def build() -> Answerer:
        found = load_sheet(path)  # the same wording in two organisations is no mistake here
        return build_answerer(always, found.entries, release, models=models, known=known, mode="verified")

    write(path, entries)
    _, indexed = timed(build)
    write(path, [dataclasses.replace(entries[0], answers={"ko": "내일부터 9시에 엽니다."}), *entries[1:]])
    answerer, changed = timed(build)
    answerer.answer(asked[0][0].text)
    half = len(asked) // 2
    cold = [timed(partial(answerer.answer, question.text)) for question, _ in asked[:half]]
    _, read = timed(answerer.warm)
    warm = [timed(partial(answerer.answer, question.text)) for question, _ in asked[half:]]
    right = sum(
        any(entry.id == owner for entry in answer.entries[:1])
        for (answer, _), (_, owner) in zip(cold + warm, asked, strict=True)
    )
    memory = peak_memory()
    return [
        f"{indexed:.1f} s",
        f"{changed:.2f} s",
        percentiles([spent for _, spent in cold]),
        f"{read:.0f} s",
        percentiles([spent for _, spent in warm]),
        f"{memory:.1f} GiB",
        f"{right / len(asked):.0%}",
    ]


def write(path: Path, entries: list[Entry]) -> None:
    """The entries as a sheet."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "question", "answer", "lang"])
        for entry in entries:
            rows.writerows([entry.id, q.text, entry.answer(q.lang), q.lang] for q in entry.questions)


def timed(work: Callable[[], Made]) -> tuple[Made, float]:
    """What `work` makes, and the seconds that it takes."""
    begun = time.perf_counter()
    return work(), time.perf_counter() - begun


if __name__ == "__main__":
    main()
