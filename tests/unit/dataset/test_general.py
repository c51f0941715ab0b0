"""The made-up organisations that teach a judge."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from schoolhelper.answer.slots import SlotCheck
from schoolhelper.dataset import NO, YES
from schoolhelper.dataset.general import general_examples, load_general, worded_examples
from schoolhelper.sheet import detect_lang, wording_key

ROOT = Path(__file__).parents[3]
EXAMS = sorted(ROOT.glob("examples/*/exam.csv"))
OFFTOPIC = ROOT / "benchmarks/offtopic.txt"


PARTS = ("train", "choose", "calibrate")


@pytest.mark.parametrize("part", PARTS)
def test_every_entry_has_answers_and_questions_of_both_kinds(part: str) -> None:
    for sheet in load_general(part):
        assert len(sheet.entries) >= 9
        for entry in sheet.entries:
            answered, missed = sheet.known[entry.id]
            assert set(entry.answers) == {"ko", "en"}
            assert len(entry.questions) >= 3
            assert len(answered) >= 4
            assert len(missed) >= 4
            assert not {q.text for q in answered} & {q.text for q in missed}


def test_what_is_kept_apart_was_never_taught() -> None:
    names = [sheet.name for part in PARTS for sheet in load_general(part)]
    assert len(names) == len(set(names))


def test_no_exam_question_is_among_them() -> None:
    assert EXAMS
    asked = set()
    for exam in EXAMS:
        with exam.open(encoding="utf-8-sig", newline="") as file:
            asked |= {wording_key(row["question"]) for row in csv.DictReader(file)} - {""}
    assert not asked & {wording_key(line) for line in OFFTOPIC.read_text(encoding="utf-8").splitlines()}
    for part in PARTS:
        for sheet in load_general(part):
            known = [question for pair in sheet.known.values() for kind in pair for question in kind]
            texts = [q.text for entry in sheet.entries for q in entry.questions] + [q.text for q in known]
            assert not asked & {wording_key(text) for text in texts}


def test_examples_are_as_many_as_asked_for_and_of_both_kinds() -> None:
    examples = general_examples(load_general("calibrate"), 300, seed=0)
    assert len(examples) == 300
    assert 90 < sum(example.completion == YES for example in examples) < 210
    assert {example.completion for example in examples} == {YES, NO}
    assert examples == general_examples(load_general("calibrate"), 300, seed=0)
    assert examples != general_examples(load_general("calibrate"), 300, seed=1)
    assert general_examples(load_general("calibrate"), 0, seed=0) == []


def test_worded_answers_state_nothing_but_what_their_entry_states() -> None:
    sheets = [sheet for sheet in load_general("train") if sheet.worded]
    assert len(sheets) >= 80
    for sheet in sheets:
        checker = SlotCheck(sheet.entries)
        for entry, asked, said in sheet.worded:
            assert not checker.unsupported(said, [entry]), (asked.text, said)
            assert detect_lang(said) == asked.lang


def test_worded_examples_are_drawn_from_all_sheets() -> None:
    examples = worded_examples(load_general("train"), 300, seed=0)
    assert len(examples) == 300
    assert {example.task for example in examples} == {"grounded"}
    assert len({example.entry.rpartition("-")[0] for example in examples}) > 50
    assert examples == worded_examples(load_general("train"), 300, seed=0)
    assert examples != worded_examples(load_general("train"), 300, seed=1)
