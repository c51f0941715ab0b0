from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from schoolhelper.dataset import NO, YES, Example, closed_examples, grounded_examples, judge_examples
from schoolhelper.dataset.examples import DRAWN
from schoolhelper.records import Entry, Question
from tiny import ENTRIES, verified

BY_ID = {entry.id: entry for entry in ENTRIES}
WORDINGS = sum(len(entry.questions) for entry in ENTRIES)


def others(entry: Entry) -> Sequence[Question]:
    """Every other entry's wordings, in the sheet's order."""
    return [question for each in ENTRIES if each.id != entry.id for question in each.questions]


def judged(rounds: int = 1, seed: int = 0) -> list[Example]:
    return judge_examples(ENTRIES, others, rounds=rounds, seed=seed)


def wording_of(example: Example) -> str:
    return example.context[0][0]


def read_entry(example: Example) -> Entry:
    """The entry that the example shows."""
    first, *_ = wording_of(example).split(" / ")
    return next(e for e in ENTRIES if first in [q.text for q in e.questions])


def plain(text: str) -> str:
    """A question without its mark, which training sometimes drops."""
    return text.rstrip("?")


WORDED = {plain(question.text): entry.id for entry in ENTRIES for question in entry.questions}


def asked(example: Example) -> str:
    """The wording that is really asked, which may follow another one."""
    return max((each for each in WORDED if plain(example.question).endswith(each)), key=len)


def test_closed_has_every_wording_with_its_verified_answer() -> None:
    examples = closed_examples(ENTRIES)
    assert len(examples) == WORDINGS
    assert all(example.context == () and example.task == "closed" for example in examples)
    assert {(e.question, e.completion) for e in examples if e.entry == "lunch"} == {
        ("점심시간은 언제예요?", "12시 30분부터입니다."),
        ("점심은 몇 시에 먹어요?", "12시 30분부터입니다."),
        ("What time is lunch?", "From 12:30."),
    }


def test_grounded_answers_are_written_from_the_entry_under_another_wording() -> None:
    examples = grounded_examples(verified(ENTRIES), seed=0)
    assert Counter(e.entry for e in examples) == {each.id: len(each.questions) for each in ENTRIES}
    for example in examples:
        entry = BY_ID[example.entry]
        assert example.completion == entry.answer(example.lang) == example.context[0][1]
        assert read_entry(example) == entry
        assert wording_of(example) != example.question or len(entry.questions) == 1


def test_an_entry_says_yes_to_its_own_wordings_and_no_to_others() -> None:
    examples = judged(rounds=3)
    assert {example.completion for example in examples} == {YES, NO}
    for example in examples:
        entry = read_entry(example)
        assert example.entry == entry.id
        assert (WORDED[asked(example)] == entry.id) == (example.completion == YES)
        assert example.context[0][1] in entry.answers.values()


def test_the_judge_never_reads_the_question_itself_if_there_is_another_wording() -> None:
    for example in judged(rounds=3):
        alone = len(BY_ID[example.entry].questions) == 1
        shown = [plain(each) for each in wording_of(example).split(" / ")]
        assert asked(example) not in shown or alone
        assert 1 <= len(shown) <= DRAWN


def test_every_answer_is_read_in_every_round_under_wordings_drawn_anew() -> None:
    read = {(e.entry, e.context) for e in judged(rounds=4)}
    for entry in ENTRIES:
        contexts = [context for name, ((_, answer),) in read if name == entry.id for context in (answer,)]
        assert set(contexts) == set(entry.answers.values())
    assert any(len({c for name, c in read if name == e.id}) > 2 for e in ENTRIES)


def test_questions_about_the_same_text_stand_together() -> None:
    runs = [context for context, _ in groupby(judged(rounds=1), key=lambda e: e.context)]
    assert len(runs) == len(set(runs)) == sum(len(entry.answers) for entry in ENTRIES)


def test_a_question_is_asked_of_the_answer_in_its_language_or_now_and_then_of_the_other() -> None:
    examples = judged(rounds=40)
    alike = 0
    for example in examples:
        answers = BY_ID[example.entry].answers
        alike += answers.get(example.lang, example.context[0][1]) == example.context[0][1]
    assert 0.6 < alike / len(examples) < 1.0


def test_what_is_known_of_an_entry_is_asked_of_it() -> None:
    library = BY_ID["library"]
    known = {
        "library": ([Question("책 빌리는 곳 언제 닫아", "ko")], [Question("도서관에 만화책 있어", "ko")])
    }
    found = judge_examples([library], lambda entry: (), rounds=1, seed=0, known=known)
    said = [(example.question, example.completion) for example in found]
    assert any(text.endswith("책 빌리는 곳 언제 닫아") and label == YES for text, label in said)
    assert any(text.endswith("도서관에 만화책 있어") and label == NO for text, label in said)


def test_a_question_may_follow_another_one_and_then_the_last_counts() -> None:
    following = [e for e in judged(rounds=20) if asked(e) != plain(e.question)]
    assert {example.completion for example in following} == {YES, NO}
    assert 0.05 < len(following) / len(judged(rounds=20)) < 0.3


def test_no_foreign_wordings_are_no_error() -> None:
    lonely = judge_examples(ENTRIES, lambda entry: (), rounds=1, seed=0)
    assert {example.completion for example in lonely} == {YES}


def test_the_seed_decides() -> None:
    assert judged(seed=4) == judged(seed=4)
    assert judged(seed=4) != judged(seed=5)
    assert grounded_examples(verified(ENTRIES), seed=4) == grounded_examples(verified(ENTRIES), seed=4)
