import re

import numpy as np
import pytest

from schoolhelper.retrieve.lexical import CharacterIndex, MorphemeIndex, morphemes, normalise

TEXTS = (
    "도서관은 몇 시까지 열어요?",
    "보건실은 어디에 있어요?",
    "재학증명서는 어떻게 떼나요?",
    "When does the school bus leave?",
    "와이파이 비밀번호를 잊어버렸어요",
)


def best(index: MorphemeIndex | CharacterIndex, question: str) -> int:
    scores = index.scores([question])[0]
    assert scores.max() > 0
    return int(np.argmax(scores))


def test_one_text_has_one_form() -> None:
    assert normalise("  Ｗｉ－Ｆｉ\t 비밀번호\n") == "wi-fi 비밀번호"


@pytest.mark.parametrize("written", ["도서관에서는", "도서관까지만요", "도서관이랑"])
def test_particles_are_taken_off(written: str) -> None:
    assert "도서관" in morphemes(written)


def test_empty_words_do_not_count_but_a_message_always_has_one() -> None:
    assert "있" not in morphemes("보건실이 어디에 있나요?")
    assert morphemes("있어요?") == ["있"]
    assert morphemes("?!") == ["?!"]


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ("도서관에는 언제까지 있을 수 있나요", 0),
        ("보건실로 가려면요?", 1),
        ("재학증명서를 받고 싶은데요", 2),
        ("보건실이어디에있나요", 1),
        ("Is there a BUS to school", 3),
    ],
)
def test_words_find_despite_particles_spacing_and_case(question: str, place: int) -> None:
    assert best(MorphemeIndex(TEXTS), question) == place


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ("도서곽은 몇시까지", 0),
        ("재학증면서 떼는 법", 2),
        ("와이파이비번", 4),
        ("와이 파이 비밀 번호", 4),
        ("skool bus leav", 3),
    ],
)
def test_characters_find_despite_typos_and_spacing(question: str, place: int) -> None:
    assert best(CharacterIndex(TEXTS), question) == place


@pytest.mark.parametrize("index", [MorphemeIndex(TEXTS), CharacterIndex(TEXTS)])
def test_scores_lie_between_0_and_1_and_are_0_for_other_words(index: MorphemeIndex | CharacterIndex) -> None:
    scores = index.scores([*TEXTS, "ZZZ", ""])
    assert scores.shape == (7, 5)
    assert scores.min() >= 0
    assert scores.max() <= 1 + 1e-6
    assert not scores[5:].any()
    assert list(scores[:5].argmax(axis=1)) == [0, 1, 2, 3, 4]


def test_characters_are_weighed_as_scikit_learn_would() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = [*TEXTS, "도서관 도서관 도서관", "?", TEXTS[1]]
    asked = ["도서관은 어디에 있어요", "ZZZ", "", "wifi 비밀번호", "?", *texts]
    keep = re.compile(r"[^0-9a-z가-힣ㄱ-ㅎㅏ-ㅣ]")
    theirs = TfidfVectorizer(
        analyzer="char",
        ngram_range=(2, 4),
        sublinear_tf=True,
        preprocessor=lambda said: f"^{keep.sub('', normalise(said))}$",
    )
    known = theirs.fit_transform(texts)
    expected = (theirs.transform(asked) @ known.T).toarray()
    np.testing.assert_allclose(CharacterIndex(texts).scores(asked), expected, rtol=1e-6, atol=1e-7)
