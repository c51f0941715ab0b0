from collections.abc import Sequence
from pathlib import Path

import pytest

import small_school
from schoolhelper.answer.slots import SlotCheck
from schoolhelper.records import Entry, Question
from schoolhelper.sheet import load_sheet

EXAMPLE = Path(__file__).parents[3] / "examples" / "hanul-high" / "sheet.csv"

ENTRY = Entry(
    "counsel",
    (Question("상담실은 어디예요?", "ko"),),
    {
        "ko": "상담실은 본관 3층 302호이고 4월 6일 월요일 오후 2시부터 4시 30분까지 엽니다. "
        "검사비는 12,000원입니다. 전화 031-555-0170, https://counsel.haetsal.hs.kr, wee@haetsal.hs.kr",
        "en": "The counselling room is room 302 on floor 3; it is open on Monday, April 6 from 2 p.m. "
        "to 4:30 p.m. The test costs 12,000 won. Phone 031-555-0170.",
    },
)


def unsupported(said: str, cited: Sequence[Entry]) -> list[str]:
    """What a check that knows no other entry finds."""
    return SlotCheck(()).unsupported(said, cited)


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("상담실은 본관 203호예요.", "203"),
        ("상담실은 본관 5층에 있어요.", "5"),
        ("오후 5시에 문을 열어요.", "오후 5시"),
        ("4시 40분까지 열어요.", "4시 40분"),
        ("전화는 031-555-0171이에요.", "031-555-0171"),
        ("검사비는 15,000원이에요.", "15,000"),
        ("검사비는 1만 5천 원이에요.", "1만 5천"),
        ("4월 7일에 열어요.", "4월 7일"),
        ("화요일에 열어요.", "화요일"),
        ("https://counsel.other.kr 에서 신청하세요.", "https://counsel.other.kr"),
        ("wee@other.hs.kr로 보내 주세요.", "wee@other.hs.kr"),
        ("It is in room 320.", "320"),
        ("It opens at 3 p.m.", "3 p.m."),
        ("Call 031-555-0710.", "031-555-0710"),
        ("It costs 21,000 won.", "21,000"),
        ("It is open on April 16.", "April 16"),
        ("It is open on Friday.", "Friday"),
        ("See www.counsel.com for more.", "www.counsel.com"),
        ("오후 세 시에 문을 열어요.", "오후 3시"),
        ("오후 두 시 반에 문을 열어요.", "오후 2시 반"),
        ("오전 2시에 문을 열어요.", "오전 2시"),
        ("오 층에 있어요.", "5"),
        ("사흘 전에 예약해 주세요.", "3"),
        ("세 명까지 들어올 수 있어요.", "3"),
        ("검사비는 천오백 원이에요.", "1500"),
        ("상담은 3일 걸립니다.", "3"),
        ("매일 열어요.", "매일"),
        ("검사는 무료예요.", "무료"),
        ("별관 3층에 있어요.", "별관"),
        ("도서관 옆에 있어요.", "도서관"),
        ("김민지 선생님께 말씀하세요.", "김민지"),
        ("나이스에서 신청하세요.", "나이스"),
        ("It opens at half past two.", "2:30"),
        ("It opens at 2 a.m.", "2 a.m."),
        ("It takes twenty minutes.", "20"),
        ("It is on the second floor.", "2"),
        ("Ask at the staff room.", "staff room"),
        ("Ask for help at Maple.", "Maple"),
    ],
)
def test_a_fact_that_the_entry_does_not_state_is_caught(said: str, wrong: str) -> None:
    assert unsupported(said, [ENTRY]) == [wrong]


@pytest.mark.parametrize(
    "said",
    [
        "본관 3층 302호로 오세요.",
        "본관 삼층에 있는 상담실이에요.",
        "월요일 오후 2시부터 문을 열고, 검사비는 12,000원이에요.",
        "4월 6일 오후 두 시부터 네 시 반까지 열어요.",
        "검사비는 1만 2천 원입니다.",
        "검사비는 만 이천 원이에요.",
        "031-555-0170으로 전화하거나 wee@haetsal.hs.kr로 메일을 보내 주세요.",
        "https://counsel.haetsal.hs.kr 에서 신청해 주세요.",
        "Room 302, on April 6 from 2 p.m.",
        "It's on the third floor and closes at half past four.",
        "14:00에 열어요.",
        "상담실에 편하게 들러 주세요. 이번 주에 한번 와 보세요.",
        "Feel free to visit us. See you there!",
        "",
    ],
)
def test_right_facts_pass_in_either_language(said: str) -> None:
    assert unsupported(said, [ENTRY]) == []


def test_the_same_number_of_another_kind_is_no_excuse() -> None:
    assert unsupported("3시에 열어요.", [ENTRY]) == ["3시"]
    assert unsupported("302-0000-0000 말고 3월 2일에 오세요.", [ENTRY])[-1] == "3월 2일"


def test_a_range_of_days_must_be_the_same() -> None:
    entry = Entry("hours", (Question("언제 열어요?", "ko"),), {"ko": "평일 9시, 토요일 10시에 엽니다."})
    assert unsupported("월요일부터 금요일까지 9시에 엽니다.", [entry]) == []
    assert unsupported("월~토 9시에 엽니다.", [entry]) == ["월~토"]
    assert unsupported("주말에 엽니다.", [entry]) == ["주말"]


def test_a_name_of_the_wordings_may_be_said() -> None:
    entry = Entry("loans", (Question("도서관 책은 언제까지 빌려요?", "ko"),), {"ko": "14일 동안 빌립니다."})
    assert unsupported("도서관 책은 14일 동안 빌려요.", [entry]) == []
    assert unsupported("학급문고센터 책은 14일 동안 빌려요.", [entry]) == ["학급문고센터"]


def test_names_of_the_sheet_are_known_and_the_school_may_name_itself() -> None:
    check = SlotCheck(small_school.entries(), always=("작은고등학교", "Small High School"))
    library = small_school.entry("library")
    assert check.unsupported("보건실로 오세요.", [library]) == ["보건실"]
    assert check.unsupported("작은고등학교 도서관으로 오세요.", [library]) == []
    assert check.unsupported("At Small High School, visit the library.", [library]) == []


def test_every_cited_entry_counts() -> None:
    assert unsupported("보건실은 102호예요.", [ENTRY]) == ["102", "보건실"]
    assert unsupported("보건실은 102호예요.", [ENTRY, small_school.entry("nurse")]) == []


def test_verified_answers_support_themselves() -> None:
    sheets = [small_school.entries(), load_sheet(EXAMPLE).entries]
    for entries in sheets:
        check = SlotCheck(entries)
        for entry in entries:
            for answer in entry.answers.values():
                alone = Entry(entry.id, entry.questions, {"ko": answer})
                assert check.unsupported(answer, [entry]) == [], entry.id
                assert check.unsupported(answer, [alone]) == [], entry.id


def test_a_wrong_fact_is_reported_with_nothing_to_cite() -> None:
    assert unsupported("7시예요.", []) == ["7시"]
