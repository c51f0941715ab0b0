import numpy as np
import pytest

import small_school
from schoolhelper.dataset import make_folds
from schoolhelper.retrieve import RETRIEVERS, Retriever, Weights, fit_weights
from schoolhelper.retrieve.fuse import Matrix

Case = tuple[Matrix, np.ndarray]


@pytest.fixture(scope="module")
def retriever() -> Retriever:
    return Retriever(small_school.entries(), small_school.embedder())


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    """Every wording asked of an index that does not hold it."""
    found = []
    for fold in make_folds(small_school.entries(), 4, seed=0):
        index = Retriever(fold.train, small_school.embedder())
        for question, owner in fold.wordings:
            features = index.score([question.text]).features[0].astype(np.float64)
            found.append((features, np.array([entry.id == owner for entry in index.entries])))
    return found


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("책 읽는 곳은 몇 시에 닫나요?", "library"),
        ("보건실가려면몇층?", "nurse"),
        ("재학증면서 발급", "certificate"),
        ("스쿨버스 어디서 타나요", "bus"),
        ("와이파이 비번 까먹음", "wifi"),
        ("중간고사 며칠부터?", "midterm"),
        ("How much is an enrollment certificate?", "certificate"),
        ("What day do the midterms start?", "midterm"),
        ("2학년은 몇 시에 밥 먹어?", "lunch-2"),
    ],
)
def test_a_new_wording_finds_its_entry_first(retriever: Retriever, question: str, expected: str) -> None:
    found = retriever.search(question, 3)
    assert found[0].entry.id == expected
    assert [passage.score for passage in found] == sorted((p.score for p in found), reverse=True)


def test_a_passage_carries_the_nearest_wording_and_all_scores(retriever: Retriever) -> None:
    (passage,) = retriever.search("아침 학교 버스 시간을 알려 줘", 1)
    assert passage.wording == "아침에 학교 버스 시간 알려 주세요"
    assert tuple(passage.scores) == RETRIEVERS
    weighted = sum(passage.scores[name] * getattr(retriever.weights, name) for name in RETRIEVERS)
    assert passage.score == pytest.approx(weighted, rel=1e-4)


def test_no_more_is_found_than_there_is(retriever: Retriever) -> None:
    found = retriever.search("도서관", 100)
    assert sorted(passage.entry.id for passage in found) == sorted(e.id for e in small_school.entries())


def test_what_is_not_possible_is_not_found(retriever: Retriever) -> None:
    scored = retriever.score(["도서관은 몇 시까지 열어요?"])
    possible = np.array([entry.id != "library" for entry in retriever.entries])
    found = retriever.passages(scored, 0, 100, possible)
    assert "library" not in {passage.entry.id for passage in found}
    assert len(found) == len(retriever.entries) - 1
    assert retriever.passages(scored, 0, 5, np.zeros(len(retriever.entries), dtype=bool)) == []


def test_several_texts_are_searched_together_as_their_mean(retriever: Retriever) -> None:
    apart = retriever.score(["보건실은 어디에 있어요?", "급식은 몇 시예요?", "전화번호는요?"])
    together = apart.mean([0, 2])
    assert together.features.shape == (1, len(retriever.entries), len(RETRIEVERS))
    assert together.features[0] == pytest.approx(apart.features[[0, 2]].mean(axis=0))
    assert retriever.passages(together, 0, 1)[0].entry.id == "nurse"


def log_likelihood(cases: list[Case], weights: Weights) -> float:
    total = 0.0
    for features, right in cases:
        logits = features @ weights.vector()
        chances = np.exp(logits - logits.max())
        total += float(np.log(chances[right].sum() / chances.sum()))
    return total


def test_fitted_weights_are_not_negative_and_at_least_as_likely(cases: list[Case]) -> None:
    fitted = fit_weights(cases)
    assert (fitted.vector() >= 0).all()
    assert log_likelihood(cases, fitted) >= log_likelihood(cases, Weights())


def test_a_retriever_that_misleads_loses_its_weight(cases: list[Case]) -> None:
    place = RETRIEVERS.index("answer_words")
    misled = []
    for features, right in cases:
        features = features.copy()
        features[:, place] = np.where(right, 0.0, 1.0)
        misled.append((features, right))
    assert fit_weights(misled).answer_words < Weights().answer_words / 10


def test_too_few_cases_keep_the_defaults(cases: list[Case]) -> None:
    assert fit_weights(cases[:19]) == Weights()
