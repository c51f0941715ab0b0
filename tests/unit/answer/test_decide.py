import random

import pytest

import small_school
from schoolhelper.answer.decide import Calibrator, candidate_features, decide, fit_calibrator, rejudged
from schoolhelper.records import Entry, Passage

ORDER = ("answer", "clarify", "abstain")


def passage(entry: Entry | str, score: float, **scores: float) -> Passage:
    found = small_school.entry(entry) if isinstance(entry, str) else entry
    return Passage(found, found.questions[0].text, scores, score)


@pytest.mark.parametrize(
    ("confidence", "action"),
    [(1.0, "answer"), (0.6, "answer"), (0.599, "clarify"), (0.3, "clarify"), (0.299, "abstain")],
)
def test_caution_and_its_half_are_the_thresholds(confidence: float, action: str) -> None:
    assert decide(confidence, 0.6) == action


def test_without_caution_everything_is_answered_and_with_all_of_it_only_the_certain() -> None:
    assert decide(0.0, 0.0) == "answer"
    assert decide(0.999, 1.0) == "clarify"
    assert decide(1.0, 1.0) == "answer"


def test_more_caution_never_says_more_and_more_confidence_never_less() -> None:
    grid = [step / 50 for step in range(51)]
    for fixed in grid:
        by_caution = [ORDER.index(decide(fixed, caution)) for caution in grid]
        by_confidence = [ORDER.index(decide(confidence, fixed)) for confidence in grid]
        assert by_caution == sorted(by_caution)
        assert by_confidence == sorted(by_confidence, reverse=True)


def test_the_margin_is_the_lead_over_the_next_different_answer() -> None:
    grades = [passage("lunch-2", 30.0), passage("lunch-1", 29.5), passage("nurse", 27.0)]
    assert candidate_features(grades)["margin"] == pytest.approx(3.0)
    plain = [passage("library", 30.0, words=0.5), passage("nurse", 29.0)]
    assert candidate_features(plain) == {"words": 0.5, "fused": 30.0, "margin": 1.0}


def test_a_lone_candidate_leads_by_the_most() -> None:
    assert candidate_features([passage("library", 3.0)])["margin"] == 10.0
    assert candidate_features([passage("library", 99.0), passage("nurse", 1.0)])["margin"] == 10.0


def test_the_judge_can_change_the_order() -> None:
    found = [passage("library", 10.0, words=0.5), passage("nurse", 9.0, words=0.2)]
    kept, turned = rejudged(found, [-2.0, 2.0], 0.0), rejudged(found, [-2.0, 2.0], 1.0)
    assert [each.entry.id for each in kept] == ["library", "nurse"]
    assert [(each.entry.id, each.score) for each in turned] == [("nurse", 11.0), ("library", 8.0)]
    assert turned[0].scores == {"words": 0.2, "judge": 2.0}


def test_a_calibrator_gives_chances_and_finds_what_tells_right_from_wrong() -> None:
    rng = random.Random(0)
    right = [place % 3 > 0 for place in range(120)]
    rows = [
        {"fused": rng.gauss(float(good), 0.4), "margin": rng.gauss(0.0, 1.0), "words": 0.5} for good in right
    ]
    fitted = fit_calibrator(rows[:80], right[:80])
    chances = [fitted.probability(row) for row in rows[80:]]
    assert all(0.0 <= chance <= 1.0 for chance in chances)
    hits = sum((chance > 0.5) == good for chance, good in zip(chances, right[80:], strict=True))
    assert hits / 40 > 0.8
    assert fitted.names == ("fused", "margin")
    assert abs(fitted.weights[0]) > abs(fitted.weights[1])
    assert sum(chances) / 40 == pytest.approx(2 / 3, abs=0.1)


def test_far_off_features_stay_chances() -> None:
    steep = Calibrator(("x",), (1.0,), 0.0)
    assert steep.probability({"x": -2000.0}) == pytest.approx(0.0)
    assert steep.probability({"x": 2000.0}) == pytest.approx(1.0)


@pytest.mark.parametrize("right", [[True, True], [False, False]])
def test_calibration_needs_right_and_wrong_cases(right: list[bool]) -> None:
    with pytest.raises(ValueError, match="right and wrong"):
        fit_calibrator([{"fused": 1.0}, {"fused": 2.0}], right)
