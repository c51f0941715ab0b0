import hashlib
from collections.abc import Callable
from datetime import date

from schoolhelper.records import Question
from schoolhelper.sheet import Sheet
from schoolhelper.sheet.entries import generated_id

Load = Callable[[str], Sheet]


def test_rows_with_one_id_are_one_entry(load: Load) -> None:
    sheet = load(
        "번호,질문,답변,분류,대상,시작일,종료일,담당,연락처,출처,확인일,첨부\n"
        'lunch,점심시간은 언제예요?,12시 30분부터입니다.,급식,"1,2학년",2026. 3. 2.,2026-12-31,'
        "급식부,02-123-4567,학교 안내,2026-03-05,급식.png\n"
        "lunch,밥 언제 먹어?,,,,,,,,,2026-03-02,\n"
        "lunch,When is lunch?,It starts at 12:30.,Meals,,,,,,,,\n"
        "lunch,Lunch time?,,,,,,,,,,\n"
    )
    assert sheet.errors == ()
    (entry,) = sheet.entries
    assert entry.id == "lunch"
    assert entry.questions == (
        Question("점심시간은 언제예요?", "ko", 2),
        Question("밥 언제 먹어?", "ko", 3),
        Question("When is lunch?", "en", 4),
        Question("Lunch time?", "en", 5),
    )
    assert entry.answers == {"ko": "12시 30분부터입니다.", "en": "It starts at 12:30."}
    assert entry.topic == "급식"
    assert entry.audience == (("grade", ("1", "2")),)
    assert (entry.valid_from, entry.valid_until) == (date(2026, 3, 2), date(2026, 12, 31))
    assert (entry.owner, entry.contact, entry.source) == ("급식부", "02-123-4567", "학교 안내")
    assert entry.confirmed_on == date(2026, 3, 2), "an entry is as fresh as its oldest part"
    assert entry.attachment == "급식.png"
    assert entry.rows == (2, 3, 4, 5)


def test_without_ids_rows_with_one_answer_are_one_entry(load: Load) -> None:
    sheet = load(
        "question,answer\n도서관 어디예요?,2층입니다.\n책 빌리는 곳은?, 2층입니다. \n급식실은?,1층입니다.\n"
    )
    assert [(len(entry.questions), entry.rows) for entry in sheet.entries] == [(2, (2, 3)), (1, (4,))]
    assert sheet.entries[0].id == "e-" + hashlib.sha256("2층입니다.".encode()).hexdigest()[:8]


def test_generated_ids_do_not_depend_on_the_place_in_the_sheet(load: Load) -> None:
    one = load("질문,답변\n도서관?,2층입니다.\n급식실?,1층입니다.\n")
    other = load("질문,답변\n급식실?,1층입니다.\n매점?,지하 1층입니다.\n도서관?,2층입니다.\n")
    assert {entry.id for entry in one.entries} < {entry.id for entry in other.entries}


def test_a_row_without_id_joins_the_entry_that_has_its_answer(load: Load) -> None:
    sheet = load(
        "번호,질문,답변\n도서관,도서관?,2층입니다.\n,책 빌리는 곳?,2층입니다.\n,급식실?,1층입니다.\n"
    )
    assert [(entry.id, entry.rows) for entry in sheet.entries] == [
        ("도서관", (2, 3)),
        (generated_id("1층입니다."), (4,)),
    ]


def test_an_entry_may_have_one_language_only(load: Load) -> None:
    sheet = load("번호,질문,답변\n1,도서관?,2층입니다.\n1,Where is the library?,\n")
    (entry,) = sheet.entries
    assert sheet.errors == ()
    assert entry.answers == {"ko": "2층입니다."}
    assert [question.lang for question in entry.questions] == ["ko", "en"]


def test_the_language_column_decides(load: Load) -> None:
    sheet = load(
        "번호,질문,답변,언어\n1,Wi-Fi?,비밀번호는 교무실에 있습니다.,한국어\n"
        "1,Wi-Fi password?,Ask at the office (교무실).,en\n"
    )
    (entry,) = sheet.entries
    assert entry.answers == {"ko": "비밀번호는 교무실에 있습니다.", "en": "Ask at the office (교무실)."}


def test_answers_keep_their_lines_and_questions_are_one_line(load: Load) -> None:
    sheet = load('질문,답변\n"준비물은\n뭐예요?","1. 실내화\n2. 체육복"\n')
    assert sheet.entries[0].questions[0].text == "준비물은 뭐예요?"
    assert sheet.entries[0].answers["ko"] == "1. 실내화\n2. 체육복"


def test_rows_with_errors_leave_the_sound_entries(load: Load) -> None:
    sheet = load(
        "번호,질문,답변,종료일\n1,도서관?,2층입니다.,언젠가\n2,매점?,,\n3,,1층입니다.,\n"
        "4,체육관?,본관 뒤입니다.,\n"
    )
    assert [entry.id for entry in sheet.entries] == ["1", "4"]
    assert {error.code for error in sheet.errors} == {"bad-date", "missing-answer", "missing-question"}
