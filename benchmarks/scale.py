"""How do answering and indexing grow with the sheet?

Sheets of 100, 1,000 and 10,000 entries (made-up organisations; beyond them the same ones again, each copy
under a name of its own) with the calibration and judge of a trained school. For each size: building the
index from nothing, building it again after one answer changed, memory, and the time of one answer to
questions that the sheet has not listed.

    python benchmarks/scale.py SCHOOL [--short]
"""

from __future__ import annotations

import argparse
import dataclasses
import random
import resource
import sys
import time
from pathlib import Path

import numpy as np

from schoolhelper.answer import Answerer, Thresholds
from schoolhelper.config import load_config
from schoolhelper.dataset.general import load_general
from schoolhelper.records import Entry, Question
from schoolhelper.retrieve import Remembered, Retriever, load_embedder
from schoolhelper.runs import current_release
from schoolhelper.wiring import THRESHOLDS, load_models

ASKED = 100


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
    thresholds, models = Thresholds.load(release / THRESHOLDS), load_models(release)
    print("| entries | index | after a change | memory | answer p50 | p95 | right entry first |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for size in (100, 1000) if options.short else (100, 1000, 10_000):
        entries, asked = sheet(size)
        embedder = load_embedder(config.retrieve.dense)
        known = Remembered(embedder)
        begun = time.perf_counter()
        Retriever(entries, embedder, thresholds.weights, known=known)
        indexed = time.perf_counter() - begun
        entries[0] = dataclasses.replace(entries[0], answers={"ko": "내일부터 9시에 엽니다."})
        begun = time.perf_counter()
        retriever = Retriever(entries, embedder, thresholds.weights, known=known)
        answerer = Answerer(
            retriever,
            thresholds.calibrator,
            caution=0.0,
            candidates=config.retrieve.candidates,
            school=config.school,
            judge=models.judge,
            judge_weight=thresholds.judge_weight,
        )
        changed = time.perf_counter() - begun
        spent, right = [], 0
        for question, owner in asked:
            begun = time.perf_counter()
            answer = answerer.answer(question.text)
            spent.append(time.perf_counter() - begun)
            right += any(entry.id == owner for entry in answer.entries[:1])
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        p50, p95 = np.percentile(spent, [50, 95]) * 1000
        print(
            f"| {size:,} | {indexed:.1f} s | {changed:.2f} s | {memory:.1f} GiB"
            f" | {p50:.0f} ms | {p95:.0f} ms | {right / ASKED:.0%} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
