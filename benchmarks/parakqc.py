"""How well are questions told apart that nobody wrote for this project? (paraKQC, protocol parakqc-N)

The sheet: N sets of Korean questions that ask the same, four wordings each. The exam: three more
wordings of each set, and N questions of other sets that nothing answers. Ours (a release trained for
this sheet, per seed) against the nearest wording and calibrated retrieval, in one run.

    python benchmarks/parakqc.py --data paraKQC_v1.txt --n 200

The data: github.com/warnikchow/paraKQC (Cho, Kim, Moon and Kim, LREC 2020; CC BY-SA 4.0).
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from schoolhelper import pipeline
from schoolhelper.config import TrainConfig, load_config
from schoolhelper.evaluate.exam import run_exam
from schoolhelper.records import ExamQuestion, ExamResult
from schoolhelper.sheet import load_sheet
from schoolhelper.wiring import build_answerer, build_rungs

SET = 10
"""Sentences of a set."""
RISK = 0.02
"""The share of all questions that may be answered wrongly, for the last column."""


def protocol(path: Path, count: int) -> tuple[list[tuple[str, str]], list[ExamQuestion]]:
    """The sheet's rows (question, answer) and the exam: sets 0 to `count`, and the first lines of as
    many sets from 400 on."""
    lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    sentences = [parts[2].strip() for parts in lines if len(parts) == 3]
    sets = [sentences[start : start + SET] for start in range(0, len(sentences), SET)]
    rng = random.Random(0)
    rng.shuffle(sets)
    rows, exam = [], []
    for number, mine in enumerate(sets[:count]):
        rng.shuffle(mine)
        rows += [(question, f"ANSWER {number}") for question in mine[:4]]
        exam += [ExamQuestion(question, (f"e{number}",), "ko", "answerable") for question in mine[4:7]]
    exam += [ExamQuestion(mine[0], (), "ko", "unanswerable") for mine in sets[400 : 400 + count]]
    return rows, exam


def write_school(folder: Path, rows: Sequence[tuple[str, str]]) -> None:
    """A school folder with the sheet; entries are numbered as their sets."""
    (folder / "school.toml").write_text('[school]\nlanguage = "ko"\n', encoding="utf-8")
    with (folder / "sheet.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "question", "answer"])
        writer.writerows([f"e{answer.split()[1]}", question, answer] for question, answer in rows)


def right_at_risk(results: Sequence[ExamResult]) -> float:
    """The largest share of answerable questions that is answered right while at most `RISK` of all
    questions is answered wrongly, over all thresholds of confidence."""
    answerable = sum(1 for result in results if result.question.expected)
    best = right = wrong = 0
    for result in sorted(results, key=lambda each: -each.confidence):
        good = bool(result.entries) and result.entries[0] in result.question.expected
        right, wrong = right + good, wrong + (not good)
        if wrong <= RISK * len(results):
            best = right
    return best / answerable


def figures(results: Sequence[ExamResult]) -> tuple[float, float, float, float]:
    """Right and wrong of the answerable, answered of the unanswerable, and right at the risk."""
    verdicts = [(bool(result.question.expected), result.verdict) for result in results]
    answerable = [verdict for expected, verdict in verdicts if expected]
    others = [verdict for expected, verdict in verdicts if not expected]
    return (
        answerable.count("right") / len(answerable),
        answerable.count("wrong") / len(answerable),
        others.count("wrong") / len(others),
        right_at_risk(results),
    )


def show(name: str, runs: Sequence[tuple[float, float, float, float]], seconds: float) -> None:
    """One row of the table: mean and standard deviation over the seeds."""
    cells = []
    for values in zip(*runs, strict=True):
        spread = f" ± {statistics.stdev(values):.1%}" if len(values) > 1 else ""
        cells.append(f"{statistics.mean(values):.1%}{spread}")
    print(f"| {name} | " + " | ".join(cells) + f" | {seconds:.0f} s |", flush=True)


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="paraKQC_v1.txt of warnikchow/paraKQC")
    parser.add_argument("--n", type=int, default=200)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    rows, exam = protocol(options.data, options.n)
    print(f"{options.n} entries, {len(rows)} wordings, {len(exam)} questions")
    print("| way | right | wrong | unanswerable answered | right at 2 % wrong in all | time |")
    print("| --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as work:
        write_school(Path(work), rows)
        config = load_config(Path(work))
        # Every candidate is cited, so that the confidence alone decides in the last column.
        always = dataclasses.replace(config, answer=dataclasses.replace(config.answer, caution=0.0))
        entries = load_sheet(config.sheet_path).entries
        for rung in build_rungs(config, entries, None, 0)[:2]:
            begun = time.monotonic()
            runs = [figures(run_exam(rung.build(0), exam, entries))]
            show(rung.name, runs, time.monotonic() - begun)
        runs, begun = [], time.monotonic()
        for seed in range(options.seeds):
            seeded = dataclasses.replace(config, train=TrainConfig(seed=seed))
            release = pipeline.train(seeded, again=True).release
            asked = run_exam(build_answerer(config, entries, release), exam, entries)
            sure = run_exam(build_answerer(always, entries, release), exam, entries)
            runs.append((*figures(asked)[:3], right_at_risk(sure)))
        show("judge", runs, (time.monotonic() - begun) / options.seeds)


if __name__ == "__main__":
    main()
