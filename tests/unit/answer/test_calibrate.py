import dataclasses
import json
from pathlib import Path

import pytest
from sklearn.metrics import roc_auc_score

import small_school
from schoolhelper.answer import Thresholds
from schoolhelper.answer.calibrate import (
    ANSWERABLE,
    FALLBACK,
    Case,
    ask_folds,
    ask_general,
    families,
    fit_judge_weight,
    fit_thresholds,
    out_of_fold,
    reweighted,
)
from schoolhelper.answer.decide import candidate_features, rejudged
from schoolhelper.dataset.general import load_general
from schoolhelper.errors import RunError
from schoolhelper.records import Entry, Question
from schoolhelper.retrieve import Weights


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return [case for fold in small_school.asked().cases for case in fold]


@pytest.fixture(scope="module")
def judged(cases: list[Case]) -> list[Case]:
    """The cases with a judge that is mostly right, by a margin of 2 log-odds."""
    found = []
    for place, case in enumerate(cases):
        wrong = place % 7 == 0
        scores = [2.0 if (p.entry.id in case.right) != wrong else -2.0 for p in case.passages]
        found.append(dataclasses.replace(case, passages=tuple(rejudged(case.passages, scores, 0.0))))
    return found


def test_every_wording_is_asked_with_its_entry_there_and_with_it_gone(cases: list[Case]) -> None:
    wordings = {question.text for entry in small_school.entries() for question in entry.questions}
    there = [case.question.text for case in cases if case.right]
    gone = [case.question.text for case in cases if not case.right]
    assert set(there) == set(gone) == wordings
    assert len(there) == len(gone) == len(wordings)


def test_no_candidate_has_the_question_itself_as_a_wording(cases: list[Case]) -> None:
    for case in cases:
        for passage in case.passages:
            assert case.question.text not in {question.text for question in passage.entry.questions}


def test_where_an_entry_is_gone_its_variants_do_not_answer_for_it(cases: list[Case]) -> None:
    family = families(small_school.entries())
    assert family["lunch-2"] == {"lunch-1", "lunch-2", "lunch-3"}
    assert family["bus"] == {"bus"}
    for case in cases:
        found = {passage.entry.id for passage in case.passages}
        assert case.right in (frozenset(), family[case.entry])
        assert case.right or not found & family[case.entry]


def test_confidence_tells_answerable_from_unanswerable_questions(cases: list[Case]) -> None:
    thresholds = small_school.thresholds()
    assert thresholds.auc > 0.8
    sure = [thresholds.calibrator.probability(candidate_features(case.passages)) for case in cases]
    assert all(0.0 <= chance <= 1.0 for chance in sure)
    right = [case.is_right() for case in cases]
    assert roc_auc_score(right, sure) > 0.8
    answerable = [bool(case.right) for case in cases]
    counts = [
        ANSWERABLE / sum(answerable) if each else (1 - ANSWERABLE) / answerable.count(False)
        for each in answerable
    ]
    expected = sum(count * each for count, each in zip(counts, right, strict=True))
    assert sum(c * chance for c, chance in zip(counts, sure, strict=True)) == pytest.approx(
        expected, abs=0.05
    )


def test_the_curve_gives_up_answers_to_avoid_wrong_ones() -> None:
    curve = small_school.thresholds().curve
    assert [caution for caution, _, _ in curve] == sorted(caution for caution, _, _ in curve)
    for place in (1, 2):
        shares = [point[place] for point in curve]
        assert shares == sorted(shares, reverse=True)
        assert 0.0 <= shares[-1] <= shares[0] <= 1.0
    assert curve[20][1] > 0.6
    assert curve[20][2] < 0.15


def test_out_of_fold_probabilities_come_from_other_entries() -> None:
    """An entry whose features give it away is not recognised: its group was not in the fit."""
    groups = [f"entry-{place // 4}" for place in range(40)]
    right = [place % 2 == 0 for place in range(40)]
    rows = [{"fused": 3.0 if place // 4 == 9 else 0.0} for place in range(40)]
    sure = out_of_fold(rows, right, [1.0] * 40, groups)
    assert sure[36:] == pytest.approx([0.5] * 4, abs=0.01)


def test_a_good_judge_gets_weight_and_a_useless_one_next_to_none(judged: list[Case]) -> None:
    assert fit_judge_weight(judged) > 0.3
    turned = [
        dataclasses.replace(
            c, passages=tuple(rejudged(c.passages, [-p.scores["judge"] for p in c.passages], 0.0))
        )
        for c in judged
    ]
    assert fit_judge_weight(turned) < 0.05


def test_the_judge_is_part_of_the_thresholds(judged: list[Case]) -> None:
    fitted = fit_thresholds(judged, Weights())
    assert fitted.judge_weight > 0.3
    assert "judge" in fitted.calibrator.names
    plain = sum(case.is_right() for case in judged)
    assert sum(case.is_right() for case in reweighted(judged, fitted.judge_weight)) >= plain
    assert fitted.auc >= small_school.thresholds().auc


def test_a_sheet_too_small_to_calibrate_falls_back(cases: list[Case]) -> None:
    for few in ([], cases[:8]):
        fitted = fit_thresholds(few, Weights())
        assert (fitted.calibrator, fitted.auc, fitted.curve) == (FALLBACK, 0.5, ())


def test_one_entry_gives_no_folds() -> None:
    asked = ask_folds(small_school.entries()[:1], 5, small_school.embedder(), seed=0, candidates=5)
    assert (asked.folds, asked.retrievers, asked.cases) == ([], [], [])


def test_two_entries_are_enough_to_ask() -> None:
    two = [
        Entry("a", (Question("도서관 어디예요?", "ko"), Question("도서관 위치", "ko")), {"ko": "3층"}),
        Entry("b", (Question("Where is the gym?", "en"),), {"en": "Behind the main building."}),
    ]
    asked = ask_folds(two, 5, small_school.embedder(), seed=0, candidates=5)
    assert len(asked.folds) == 2
    assert fit_thresholds([c for fold in asked.cases for c in fold], asked.weights).calibrator == FALLBACK


def test_thresholds_come_back_from_their_file_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "thresholds.json"
    small_school.thresholds().save(path)
    assert Thresholds.load(path) == small_school.thresholds()


@pytest.mark.parametrize("cut", ["half", "key", "unknown", "kind", "list"])
def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path, cut: str) -> None:
    path = tmp_path / "thresholds.json"
    small_school.thresholds().save(path)
    whole = path.read_text(encoding="utf-8")
    saved = json.loads(whole)
    if cut == "key":
        del saved["calibrator"]["names"]
    elif cut == "unknown":
        saved["weights"]["tea leaves"] = 1.0
    elif cut == "kind":
        saved["auc"] = None
    damaged = {"half": whole[: len(whole) // 2], "list": "[]"}.get(cut) or json.dumps(saved)
    path.write_text(damaged, encoding="utf-8")
    with pytest.raises(RunError) as caught:
        Thresholds.load(path)
    assert str(path) in caught.value.message
    assert caught.value.hint


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"thresholds\.json"):
        Thresholds.load(tmp_path / "thresholds.json")


def test_general_questions_are_asked_of_their_own_sheet_and_near_misses_too() -> None:
    sheets = load_general("calibrate")
    few = [
        dataclasses.replace(s, entries=s.entries[:6], known=dict(list(s.known.items())[:6])) for s in sheets
    ]
    cases = ask_general(few[:1], small_school.embedder(), Weights(), seed=0)
    ids = {entry.id for entry in few[0].entries}
    assert all({passage.entry.id for passage in case.passages} <= ids for case in cases)
    assert len(cases) == 6 * 2 * 2
    assert [bool(case.right) for case in cases].count(True) == len(cases) / 2
    for case in cases:
        answered, missed = few[0].known[case.entry]
        assert case.question in (answered if case.right else missed)
