"""How well are questions told apart that nobody wrote for this project? (paraKQC, protocol parakqc-N)

The sheet: N sets of Korean questions that ask the same, four wordings each. The exam: three more
wordings of each set, and N questions of other sets that nothing answers. All ways to answer are asked it
in one run: releases trained for this sheet, one a seed, the reference recipe trained as often, and what
needs no training. Ways that write text are slow on a CPU and are asked a fair sample; `--sample 0`
leaves them out, and with them hours of training from memory.

    python benchmarks/parakqc.py --data paraKQC_v1.txt --n 200 --sample 60

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
from schoolhelper.config import Config, TrainConfig, load_config
from schoolhelper.evaluate.exam import run_exam
from schoolhelper.evaluate.ladder import Rung, sampling_order
from schoolhelper.records import ExamQuestion, ExamResult
from schoolhelper.runs import list_releases, read_manifest
from schoolhelper.sheet import load_sheet
from schoolhelper.wiring import build_rungs

SET = 10
"""Sentences of a set."""
RISK = 0.02
"""The share of all questions that may be answered wrongly, for the last figure."""
HEADER = """\
| way | asked | seeds | right | wrong | unanswerable answered | right at 2 % wrong in all | time a seed |
| --- | --- | --- | --- | --- | --- | --- | --- |"""


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


def figures(results: Sequence[ExamResult]) -> list[float]:
    """Right and wrong of the answerable, and answered of the unanswerable."""
    answerable = [result.verdict for result in results if result.question.expected]
    others = [result.verdict for result in results if not result.question.expected]
    return [
        answerable.count("right") / len(answerable),
        answerable.count("wrong") / len(answerable),
        others.count("wrong") / len(others),
    ]


def show(rung: Rung, asked: int, runs: Sequence[Sequence[float]], seconds: float) -> None:
    """One row of the table: mean and standard deviation over the seeds."""
    cells = [rung.name, f"{asked}", f"{len(rung.seeds)}"]
    for values in zip(*runs, strict=True):
        spread = f" ± {statistics.stdev(values):.1%}" if len(values) > 1 else ""
        cells.append(f"{statistics.mean(values):.1%}{spread}")
    cells += ["–"] * (7 - len(cells))
    print("| " + " | ".join(cells) + f" | {seconds / len(runs):.0f} s |", flush=True)


def compare(config: Config, release: Path, exam: Sequence[ExamQuestion], sample: int) -> None:
    """Ask every rung and print its row."""
    entries = load_sheet(config.sheet_path).entries
    # Every candidate is cited, so that the confidence alone decides in the last column.
    always = dataclasses.replace(config, answer=dataclasses.replace(config.answer, caution=0.0))
    rungs = zip(
        build_rungs(config, entries, release, sample),
        build_rungs(always, entries, release, sample),
        strict=True,
    )
    for rung, sure in rungs:
        questions = exam[: rung.max_questions]
        if not questions:
            continue
        begun, runs = time.monotonic(), []
        for seed in rung.seeds:
            runs.append(figures(run_exam(rung.build(seed), questions, entries)))
            if rung.max_questions is None:
                runs[-1].append(right_at_risk(run_exam(sure.build(seed), questions, entries)))
        show(rung, len(questions), runs, time.monotonic() - begun)


def trained(config: Config, preset: str, seed: int) -> Path:
    """The release of a preset and seed: the one that the folder holds, else a new one."""
    recipe = TrainConfig(preset=preset, seed=seed)
    for release in list_releases(config.folder):
        made = read_manifest(release)
        if (made["facts"]["preset"], made["seed"]) == (preset, seed):
            return release
    return pipeline.train(dataclasses.replace(config, train=recipe), again=True, serve=False).release


def main() -> None:
    """Train, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="paraKQC_v1.txt of warnikchow/paraKQC")
    parser.add_argument("--n", type=int, default=200)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--sample", type=int, default=0, help="questions for the ways that write text")
    parser.add_argument("--folder", type=Path, help="keep the school here; what it holds is not made again")
    options = parser.parse_args()
    rows, exam = protocol(options.data, options.n)
    with tempfile.TemporaryDirectory() as work:
        school = options.folder or Path(work)
        school.mkdir(parents=True, exist_ok=True)
        write_school(school, rows)
        config = load_config(school)
        for preset in ("reference", "default") if options.sample else ("default",):
            for seed in range(options.seeds):
                trained(config, preset, seed)
        release = trained(config, "default", 0)
        print(f"{options.n} entries, {len(rows)} wordings, {len(exam)} questions")
        print(HEADER)
        compare(config, release, sampling_order(exam), options.sample)


if __name__ == "__main__":
    main()
