from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from schoolhelper.dataset import NO, YES, Example, closed_examples, grounded_examples, judge_examples
from schoolhelper.records import Entry, Question
from tiny import ENTRIES

BY_ID = {entry.id: entry for entry in ENTRIES}
WORDINGS = sum(len(entry.questions) for entry in ENTRIES)


def others(question: Question, entry: Entry) -> Sequence[Entry]:
    """Every other entry, in the sheet's order."""
    return [each for each in ENTRIES if each.id != entry.id]


def judged(positives: int = 1, negatives: int = 2, seed: int = 0) -> list[Example]:
    return judge_examples(ENTRIES, others, positives=positives, negatives=negatives, seed=seed)


def wording_of(example: Example) -> str:
    return example.context[0][0]


def read_entry(example: Example) -> Entry:
    """The entry that the example shows."""
    return next(e for e in ENTRIES if wording_of(example) in [q.text for q in e.questions])


def test_closed_has_every_wording_with_its_verified_answer() -> None:
    examples = closed_examples(ENTRIES)
    assert len(examples) == WORDINGS
    assert all(example.context == () and example.task == "closed" for example in examples)
    assert {(e.question, e.completion) for e in examples if e.entry == "lunch"} == {
        ("점심시간은 언제예요?", "12시 30분부터입니다."),
        ("점심은 몇 시에 먹어요?", "12시 30분부터입니다."),
        ("What time is lunch?", "From 12:30."),
    }


def test_grounded_answers_in_the_questions_language_from_another_wording() -> None:
    examples = grounded_examples(ENTRIES, per_entry=2, seed=0)
    assert Counter(e.entry for e in examples) == {
        "library": 2,
        "lunch": 2,
        "nurse": 2,
        "uniform": 2,
        "wifi": 1,
    }
    for example in examples:
        entry = BY_ID[example.entry]
        assert example.completion == entry.answer(example.lang) == example.context[0][1]
        assert read_entry(example) == entry
        assert wording_of(example) != example.question or len(entry.questions) == 1


def test_judge_counts() -> None:
    examples = judged(positives=1, negatives=2)
    assert Counter(example.completion for example in examples) == {YES: WORDINGS, NO: 2 * WORDINGS}
    assert Counter(example.completion for example in judged(2, 1)) == {YES: 2 * WORDINGS, NO: WORDINGS}


def test_judge_says_yes_to_the_own_entry_only() -> None:
    for example in judged():
        assert (read_entry(example).id == example.entry) == (example.completion == YES)
        assert example.context[0][1] in read_entry(example).answers.values()


def test_judge_never_shows_the_question_itself_if_there_is_another_wording() -> None:
    for example in judged():
        alone = len(BY_ID[example.entry].questions) == 1
        assert wording_of(example) != example.question or alone


def test_a_near_miss_is_drawn_once_a_question_and_only_from_the_nearest() -> None:
    few = judged(negatives=1)  # from the first 2 * 1 + 1 neighbours
    for entry in ENTRIES:
        nearest = {each.id for each in others(entry.questions[0], entry)[:3]}
        misses = [read_entry(e).id for e in few if e.entry == entry.id and e.completion == NO]
        assert set(misses) <= nearest
    for question in [q for entry in ENTRIES for q in entry.questions]:
        misses = [
            read_entry(e).id
            for e in judged(negatives=3)
            if e.question == question.text and e.completion == NO
        ]
        assert len(misses) == len(set(misses)) == 3


def test_fewer_neighbours_than_asked_for_are_no_error() -> None:
    lonely = judge_examples(ENTRIES, lambda q, e: [], positives=1, negatives=2, seed=0)
    assert {example.completion for example in lonely} == {YES}


def test_the_seed_decides() -> None:
    assert judged(seed=4) == judged(seed=4)
    assert judged(seed=4) != judged(seed=5)
    assert grounded_examples(ENTRIES, per_entry=1, seed=4) == grounded_examples(ENTRIES, per_entry=1, seed=4)
