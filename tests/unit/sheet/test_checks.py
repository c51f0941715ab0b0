import json
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from schoolhelper.errors import SheetError
from schoolhelper.messages import catalogue
from schoolhelper.sheet import SEVERITY, Sheet, load_sheet, require_sound

Load = Callable[[str], Sheet]
Place = tuple[int | None, str | None]

CASES: list[tuple[str, str, Place]] = [
    ("empty-sheet", "질문,답변\n", (None, None)),
    ("missing-column", "질문,비고\n도서관?,2층\n", (None, "answer")),
    ("missing-column", "제목,답변\n도서관?,2층\n", (None, "question")),
    ("duplicate-column", "질문,답변,답\n도서관?,2층,1층\n", (1, "answer")),
    ("extra-cells", "질문,답변\n도서관?,2층,1층\n", (2, None)),
    ("broken-quotes", '질문,답변\n도서관?,"2층\n', (2, None)),
    ("split-cell", "질문,답변,출처\n도서관?,2층, 3층\n", (2, None)),
    ("broken-characters", "질문,답변\n도서관?,2\ufffd\n", (2, "answer")),
    ("excel-damage", "질문,답변,확인일\n도서관?,2층,########\n", (2, "confirmed_on")),
    ("excel-damage", "질문,답변\n도서관?,#REF!\n", (2, "answer")),
    ("excel-damage", "질문,답변,연락처\n도서관?,2층,2.13E+08\n", (2, "contact")),
    ("missing-question", "번호,질문,답변\n1,,2층\n", (2, "question")),
    ("missing-question", "번호,질문,답변,담당\n1,도서관?,2층,\n,,,사서\n", (3, "question")),
    ("missing-answer", "번호,질문,답변\n1,도서관?,\n1,책 빌리는 곳?,\n", (2, "answer")),
    ("orphan-wording", "번호,질문,답변\n1,도서관?,2층\n,책 빌리는 곳?,\n", (3, "answer")),
    ("bad-id", "번호,질문,답변\n1|2,도서관?,2층\n", (2, "id")),
    ("bad-id", "번호,질문,답변\nNone,도서관?,2층\n", (2, "id")),
    ("unknown-lang", "질문,답변,언어\n도서관?,2층,일본어\n", (2, "lang")),
    ("bad-audience", "질문,답변,대상\n도서관?,2층,신입생만\n", (2, "audience")),
    ("bad-date", "질문,답변,종료일\n도서관?,2층,내년 봄\n", (2, "valid_until")),
    ("dates-reversed", "질문,답변,시작일,종료일\n도서관?,2층,2026-05-02,2026-05-01\n", (2, "valid_until")),
    ("answers-disagree", "번호,질문,답변\n1,도서관?,2층\n1,책 빌리는 곳?,3층\n", (3, "answer")),
    ("conditions-disagree", "id,질문,답변,대상\n1,도서관?,2층,1학년\n1,책 빌려요?,,2학년\n", (3, "audience")),
    ("conditions-disagree", "id,Q,A,종료일\n1,도서관?,2층,2026-07-01\n1,책?,,20260702\n", (3, "valid_until")),
    ("same-wording", "번호,질문,답변\n1,도서관은 어디?,2층\n2,도서관은  어디,3층\n", (3, "question")),
    ("resident-number", "질문,답변\n내 번호?,900101-1234567\n", (2, "answer")),
    ("unknown-column", "질문,답변,비고\n도서관?,2층,확인함\n", (None, "비고")),
    ("formula-text", "질문,답변\n도서관?,=HYPERLINK(1)\n", (2, "answer")),
    ("formula-text", "질문,답변\n누리 소통망?,@hanul_high\n", (2, "answer")),
    ("control-character", "질문,답변\n도서관?,2\u200b층\n", (2, "answer")),
    ("duplicate-wording", "번호,질문,답변\n1,도서관?,2층\n1,도서관 ?,\n", (3, "question")),
    ("same-answer", "번호,질문,답변\n1,도서관?,2층\n2,책 빌리는 곳?,2층\n", (3, "answer")),
    ("details-differ", "번호,질문,답변,담당\n1,도서관?,2층,사서\n1,책 빌리는 곳?,,교무부\n", (3, "owner")),
    ("languages-disagree", "번호,질문,답변\n1,도서관?,2층\n1,Library?,on the 3rd floor\n", (2, "answer")),
    ("expired", "질문,답변,종료일\n도서관?,2층,2026-03-31\n", (2, "valid_until")),
    ("confirmed-in-future", "질문,답변,확인일\n도서관?,2층,2026-04-02\n", (2, "confirmed_on")),
    ("stale", "질문,답변,확인일\n도서관?,2층,2025-03-31\n", (2, "confirmed_on")),
    ("few-wordings", "번호,질문,답변\n1,도서관?,2층\n1,책 빌리는 곳?,\n1,Library?,2F\n", (2, "question")),
    ("long-question", f"질문,답변\n{'아' * 201},2층\n", (2, "question")),
    ("long-answer", f"질문,답변\n도서관?,{'아' * 601}\n", (2, "answer")),
    ("mobile-number", "질문,답변,연락처\n도서관?,2층,010-1234-5678\n", (2, "contact")),
    ("mobile-number", "질문,답변\n도서관?,+82 10 1234 5678로 전화\n", (2, "answer")),
    ("personal-email", "질문,답변\n도서관?,kim@naver.com으로 보내요\n", (2, "answer")),
    ("rows-above-header", "한울고 시트,\n질문,답변\n도서관?,2층\n", (2, None)),
    ("empty-row", "질문,답변\n도서관?,2층\n,\n급식실?,1층\n", (3, None)),
    ("decomposed-hangul", f"질문,답변\n{unicodedata.normalize('NFD', '도서관?')},2층\n", (2, "question")),
    ("not-yet-valid", "질문,답변,시작일\n도서관?,2층,2026-04-02\n", (2, "valid_from")),
    ("missing-language", "번호,질문,답변\n1,도서관?,2층\n1,Library?,2F\n2,급식실?,1층\n", (4, "answer")),
    ("one-language", "질문,답변\n도서관?,2층\n", (None, None)),
]  # fmt: skip
READING = {  # of files that are no CSV, or cannot be read: see test_reader and test_workbook
    "unreadable-file", "bad-line", "formula-without-value", "guessed-encoding", "other-sheets",
    "merged-cells", "formula-cell",
}  # fmt: skip


@pytest.mark.parametrize(("code", "content", "place"), CASES)
def test_each_problem_is_found_where_it_is(load: Load, code: str, content: str, place: Place) -> None:
    found = [issue for issue in load(content).issues if issue.code == code]
    assert [(issue.row, issue.column) for issue in found] == [place]
    assert found[0].severity == SEVERITY[code]
    assert found[0].text
    assert found[0].hint


def test_every_code_has_a_case() -> None:
    assert {code for code, _, _ in CASES} | READING == set(SEVERITY)


@pytest.mark.parametrize("code", SEVERITY)
def test_every_code_is_worded_in_both_languages(code: str) -> None:
    for key in (code, code + "-hint"):
        worded = catalogue("sheet")[key.replace("-", "_")]
        assert worded["ko"]
        assert worded["en"]


SOUND = """id,question,answer,topic,contact,confirmed_on
lunch,점심시간은 언제예요?,점심시간은 12시 30분부터입니다.,급식,02-123-4567,2026-03-02
lunch,밥 언제 먹어요?,,,,
lunch,점심 몇 시예요?,,,,
lunch,When is lunch?,Lunch starts at 12:30 p.m.,Meals,+82-2-123-4567,2026-03-03
"""


def test_a_sound_sheet_has_nothing_to_report(load: Load) -> None:
    sheet = load(SOUND)
    assert sheet.issues == ()
    require_sound(sheet)
    assert sheet.summary() == {
        "entries": 1,
        "wordings": {"ko": 3, "en": 1},
        "topics": ["급식"],
        "issues": {"error": 0, "warning": 0, "info": 0},
    }


@pytest.mark.parametrize(
    "conditions",
    [
        ("1학년,,", "2학년,,"),
        (",2026-03-02,2026-06-30", ",2026-07-01,2026-12-31"),
    ],
)
def test_one_question_may_have_two_answers_for_different_people_or_times(
    load: Load, conditions: tuple[str, str]
) -> None:
    sheet = load(
        "번호,질문,답변,대상,시작일,종료일\n"
        f"1,하교 시각은?,16시 10분입니다.,{conditions[0]}\n2,하교 시각은?,16시 20분입니다.,{conditions[1]}\n"
    )
    assert sheet.errors == ()
    assert len(sheet.entries) == 2


def test_personal_data_is_masked_in_the_report(load: Load) -> None:
    sheet = load("질문,답변\n담임 선생님?,900101-1234567 010-1234-5678 kimhaneul@gmail.com\n")
    report = json.dumps([issue.to_json() for issue in sheet.issues], ensure_ascii=False)
    assert "900101-*******" in report
    for secret in ("1234567", "5678", "kimhaneul"):
        assert secret not in report


def test_numbers_that_only_look_personal_are_left_alone(load: Load) -> None:
    sheet = load("질문,답변\n학교 전화?,02-123-4567 1588-1234 2026-03-02 1234567890123\n")
    assert {issue.code for issue in sheet.issues} == {"few-wordings", "one-language"}


def test_the_worst_comes_first_and_all_at_once(load: Load) -> None:
    sheet = load("번호,질문,답변,비고\n1,도서관?,,\n\n2,,1층,x\n3,급식실?,1층,\n4,급식실?,지하,\n")
    severities = [issue.severity for issue in sheet.issues]
    assert severities == sorted(severities, key=["error", "warning", "info"].index)
    assert {"missing-answer", "missing-question", "same-wording", "unknown-column", "empty-row"} <= {
        issue.code for issue in sheet.issues
    }


def test_an_unreadable_sheet_is_an_issue_too(tmp_path: Path) -> None:
    sheet = load_sheet(tmp_path / "nowhere.csv")
    assert [error.code for error in sheet.errors] == ["unreadable-file"]
    assert "nowhere.csv" in sheet.errors[0].text


def test_require_sound_counts_shows_and_names_the_command(load: Load) -> None:
    with pytest.raises(SheetError) as caught:
        require_sound(load("번호,질문,답변\n1,도서관?,\n2,급식실?,\n3,매점?,\n4,체육관?,\n"))
    first, *shown = caught.value.message.splitlines()
    assert "4" in first
    assert len(shown) == 3
    assert "schoolhelper check" in caught.value.hint


def test_texts_follow_the_language(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHOOLHELPER_LANG", "en")
    (error,) = load("번호,질문,답변\n1,도서관?,\n").errors
    assert error.text == "The entry 1 has no answer."
    monkeypatch.setenv("SCHOOLHELPER_LANG", "ko")
    (error,) = load("번호,질문,답변\n1,도서관?,\n").errors
    assert error.text == "항목 1에 답변이 하나도 없습니다."
