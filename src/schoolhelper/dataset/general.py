"""Questions about made-up organisations, which teach a judge what any school's judge must know.

Each of their entries comes with questions that it answers and with near misses: same topic, same
words, but what they ask for is not in the answer. No school's own sheet has those.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from schoolhelper.dataset.examples import Example, Known, Worded, grounded_examples, judge_examples
from schoolhelper.records import LANGS, Entry, Question
from schoolhelper.sheet import detect_lang


@dataclass(frozen=True, slots=True)
class GeneralSheet:
    """A made-up organisation's entries, by their ids the questions that are known of them, and answers
    as a clerk there would word them."""

    name: str
    entries: tuple[Entry, ...]
    known: dict[str, Known]
    worded: tuple[Worded, ...] = ()


@cache
def load_general(part: str) -> tuple[GeneralSheet, ...]:
    """The sheets to `train` on, or those kept apart: to `choose` what is shipped by, to `calibrate` with."""
    sheets: dict[str, list[tuple[Entry, Known, list[Worded]]]] = {}
    for number, row in enumerate(_rows(part)):
        texts = {
            kind: tuple(Question(each, lang) for lang in LANGS for each in row[f"{kind}_{lang}"])
            for kind in ("wordings", "asks", "misses")
        }
        if follow := row["follow"]:  # an earlier question and one that leans on it
            texts["asks"] += (Question(" ".join(follow), detect_lang(follow[-1])),)
        answers = {lang: row[f"answer_{lang}"] for lang in LANGS}
        entry = Entry(f"{row['sheet']}-{number}", texts["wordings"], answers)
        worded: list[Worded] = [
            (entry, Question(asked, lang), said) for lang, asked, said in row.get("worded", ())
        ]
        sheets.setdefault(row["sheet"], []).append((entry, (texts["asks"], texts["misses"]), worded))
    return tuple(
        GeneralSheet(
            name,
            tuple(entry for entry, _, _ in rows),
            {entry.id: known for entry, known, _ in rows},
            tuple(each for _, _, worded in rows for each in worded),
        )
        for name, rows in sheets.items()
    )


def general_answers() -> list[str]:
    """All answers that there are to `train` on, as they are and as a clerk words them."""
    return [
        said
        for row in _rows("train")
        for said in (
            *(row[f"answer_{lang}"] for lang in LANGS),
            *(said for *_, said in row.get("worded", ())),
        )
    ]


def _rows(part: str) -> list[dict[str, Any]]:
    lines = files(__package__).joinpath(f"sheets/{part}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in lines.splitlines()]


def general_examples(sheets: Sequence[GeneralSheet], count: int, *, seed: int) -> list[Example]:
    """`count` judge examples (fewer if there are not as many) about entries drawn from all sheets, for
    mixing with others."""
    rng = random.Random(seed)
    drawn = [(entry, sheet.known) for sheet in sheets for entry in sheet.entries]
    rng.shuffle(drawn)
    found: list[Example] = []
    for entry, known in drawn:
        if len(found) >= count:
            break
        found += judge_examples([entry], lambda _: (), rounds=1, seed=rng.getrandbits(32), known=known)
    return found[:count]


def worded_examples(sheets: Sequence[GeneralSheet], count: int, *, seed: int) -> list[Example]:
    """`count` answers (fewer if there are not as many) to write from entries drawn from all sheets."""
    worded = [each for sheet in sheets for each in sheet.worded]
    return grounded_examples(random.Random(seed).sample(worded, min(count, len(worded))), seed=seed)
