import pytest

import small_school
from schoolhelper.answer import unsupported
from schoolhelper.records import Entry, Question

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
    ],
)
def test_a_fact_that_the_entry_does_not_state_is_caught(said: str, wrong: str) -> None:
    assert unsupported(said, [ENTRY]) == [wrong]


@pytest.mark.parametrize(
    "said",
    [
        "본관 3층 302호로 오세요.",
        "월요일 오후 2시부터 문을 열고, 검사비는 12,000원이에요.",
        "검사비는 1만 2천 원입니다.",
        "031-555-0170으로 전화하거나 wee@haetsal.hs.kr로 메일을 보내 주세요.",
        "https://counsel.haetsal.hs.kr 에서 신청해 주세요.",
        "Room 302, on April 6 from 2 p.m.",
        "14:00에 열어요.",
        "상담실에 편하게 들러 주세요.",
        "",
    ],
)
def test_right_facts_pass_in_either_language(said: str) -> None:
    assert unsupported(said, [ENTRY]) == []


def test_the_same_number_of_another_kind_is_no_excuse() -> None:
    assert unsupported("3시에 열어요.", [ENTRY]) == ["3시"]
    assert unsupported("302-0000-0000 말고 3월 2일에 오세요.", [ENTRY])[0] == "3월 2일"


def test_every_cited_entry_counts() -> None:
    assert unsupported("보건실은 102호예요.", [ENTRY]) == ["102"]
    assert unsupported("보건실은 102호예요.", [ENTRY, small_school.entry("nurse")]) == []


def test_verified_answers_support_themselves() -> None:
    for entry in small_school.entries():
        for answer in entry.answers.values():
            assert unsupported(answer, [entry]) == []


def test_a_wrong_fact_is_reported_with_nothing_to_cite() -> None:
    assert unsupported("7시예요.", []) == ["7시"]
