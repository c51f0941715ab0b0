import dataclasses
from datetime import date

import pytest

import small_school
from schoolhelper.answer.resolve import is_follow_up, mentioned, resolve, usable, variants
from schoolhelper.records import Entry, Question, Turn

HISTORY = (
    Turn("user", "보건실은 어디에 있어요?"),
    Turn("assistant", "본관 1층 102호입니다."),
    Turn("user", "도서관은 몇 시까지 열어요?"),
    Turn("assistant", "17:30까지 엽니다."),
)


@pytest.mark.parametrize(
    ("message", "lang"),
    [
        ("급식실은 어디예요?", "ko"),
        ("Where is the library?", "en"),
        ("wifi 비번", "ko"),
        ("ㅠㅠ", "ko"),
        ("NEIS?", "en"),
    ],
)
def test_the_language_is_the_messages_own(message: str, lang: str) -> None:
    assert resolve(message, (), None)[0].lang == lang


def test_a_chosen_language_wins() -> None:
    assert resolve("Where is the library?", (), "ko")[0].lang == "ko"


def test_spaces_do_not_matter() -> None:
    assert resolve("  급식실은 \n 어디예요? ", (), None)[0].message == "급식실은 어디예요?"


@pytest.mark.parametrize(
    "message",
    ["그럼 주말에는요?", "주말은?", "방학 때도요?", "거기 전화번호 알려 주세요", "언제 닫아?", "토요일"],
)
def test_a_korean_follow_up_takes_the_latest_question_along(message: str) -> None:
    (resolved,) = resolve(message, HISTORY, None)
    assert resolved.texts == (message, f"도서관은 몇 시까지 열어요? {message}")
    assert resolved.message == message


@pytest.mark.parametrize("message", ["What about weekends?", "And on Saturday?", "How late is it open?"])
def test_an_english_follow_up_takes_it_along_too(message: str) -> None:
    (resolved,) = resolve(message, HISTORY, None)
    assert len(resolved.texts) == 2


@pytest.mark.parametrize(
    "message",
    [
        "재학증명서를 발급받으려면 어떻게 해야 하나요?",
        "또래상담 동아리에는 어떻게 신청하나요?",
        "여기저기 아픈데 조퇴하려면 누구 허락이 필요해요?",
        "How do I get a certificate of enrollment?",
        "Is there a bus from City Hall to the school in the morning?",
        "Are there any scholarships for students of the second grade?",
    ],
)
def test_a_full_new_question_stands_alone_but_may_lean_on_the_earlier_one(message: str) -> None:
    alone, following = resolve(message, HISTORY, None)
    assert alone.texts == (message,)
    assert following.texts[-1] == f"도서관은 몇 시까지 열어요? {message}"


def test_a_chain_of_follow_ups_keeps_its_topic() -> None:
    history = (Turn("user", "도서관은 몇 시까지 열어요?"), Turn("user", "주말은?"))
    (resolved,) = resolve("전화번호는?", history, None)
    assert resolved.texts[-1] == "도서관은 몇 시까지 열어요? 주말은? 전화번호는?"


@pytest.mark.parametrize(
    "message", ["2학년이요", "저는 3학년이에요", "소프트웨어과입니다", "I'm in grade 8", "8th grader"]
)
def test_who_only_says_who_they_are_asks_the_earlier_question_again(message: str) -> None:
    (resolved,) = resolve(message, HISTORY, None)
    assert resolved.texts == ("도서관은 몇 시까지 열어요?",)


def test_without_an_earlier_question_nothing_is_a_follow_up() -> None:
    for history in ((), (Turn("assistant", "안녕하세요!"),)):
        (resolved,) = resolve("그럼 주말에는요?", history, None)
        assert resolved.texts == ("그럼 주말에는요?",)


def test_a_short_message_is_a_follow_up() -> None:
    assert is_follow_up("전화번호")
    assert not is_follow_up("도서관에서 노트북을 빌려 갈 수 있는지 궁금합니다")


def test_entries_are_usable_from_the_first_to_the_last_day() -> None:
    midterm = small_school.entry("midterm")
    days = [date(2026, 3, 1), date(2026, 3, 2), date(2026, 4, 30), date(2026, 5, 1)]
    assert [usable([midterm], {}, (day, day))[0] for day in days] == [False, True, True, False]


def test_an_open_end_has_no_end() -> None:
    from_march = dataclasses.replace(small_school.entry("midterm"), valid_until=None)
    until_april = dataclasses.replace(small_school.entry("midterm"), valid_from=None)
    assert usable([from_march, until_april], {}, (date(2030, 1, 1), date(2030, 1, 1))) == [True, False]
    assert usable([from_march, until_april], {}, (date(2020, 1, 1), date(2020, 1, 1))) == [False, True]


def test_entries_for_others_are_not_usable_but_unknown_never_rules_out() -> None:
    entries = [small_school.entry(name) for name in ("lunch-1", "lunch-2", "nurse")]
    assert usable(entries, {"grade": "2"}, (small_school.TODAY, small_school.TODAY)) == [False, True, True]
    assert usable(entries, {"department": "소프트웨어과"}, (small_school.TODAY, small_school.TODAY)) == [
        True,
        True,
        True,
    ]
    assert usable(entries, {}, (small_school.TODAY, small_school.TODAY)) == [True, True, True]


def ids(first: str, profile: dict[str, str]) -> list[str]:
    return [entry.id for entry in variants(small_school.entry(first), small_school.entries(), profile)]


def test_the_other_grades_answers_are_variants_unless_the_grade_is_known() -> None:
    assert ids("lunch-2", {}) == ["lunch-1", "lunch-3"]
    assert ids("lunch-2", {"department": "소프트웨어과"}) == ["lunch-1", "lunch-3"]
    assert ids("lunch-2", {"grade": "2"}) == []
    assert ids("library", {}) == []


def made(name: str, topic: str, *grades: str) -> Entry:
    question = Question(f"{name} 질문이에요?", "ko")
    return Entry(name, (question,), {"ko": "답변입니다."}, topic, (("grade", grades),))


def test_variants_share_the_topic_and_nobody_belongs_to_two() -> None:
    first = made("a", "급식", "1", "2")
    others = [made("b", "급식", "2", "3"), made("c", "시설", "3"), made("d", "급식", "3")]
    assert [entry.id for entry in variants(first, others, {})] == ["d"]


@pytest.mark.parametrize(
    ("message", "named"),
    [
        ("3학년점심배식몇시부터예요", {"grade": "3"}),
        ("고2인데 점심 언제야?", {"grade": "2"}),
        ("What time does grade 1 eat?", {"grade": "1"}),
        ("1학년이랑 2학년 점심시간이 달라요?", {}),
        ("2026학년도 시험 언제예요?", {}),
        ("점심 언제야?", {}),
        ("디자인과 실습실 어디야?", {"department": "디자인과"}),
        ("디자인과랑 소프트웨어과 실습실 어디야?", {}),
    ],
)
def test_a_message_may_name_whom_it_is_about(message: str, named: dict[str, str]) -> None:
    rooms = [
        Entry(name, (), {"ko": "실습실"}, audience=(("department", (name,)),))
        for name in ("디자인과", "소프트웨어과")
    ]
    assert mentioned(message, rooms) == named
