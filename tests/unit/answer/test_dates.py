import random
import re
from datetime import date, timedelta

import pytest

from schoolhelper.answer.dates import days_meant

WEDNESDAY = date(2026, 4, 1)


def days(message: str, today: date = WEDNESDAY) -> tuple[str, str]:
    first, last = days_meant(message, today)
    return first.isoformat(), last.isoformat()


@pytest.mark.parametrize(
    "message",
    [
        "급식 뭐 나와요?",
        "오늘 급식 뭐 나와요?",
        "What's for lunch today?",
        "안내일정 알려 주세요",
        "부담 주나요?",
        "다음 주제는 뭐예요?",
        "다음 주소로 보내면 돼요?",
        "다음 달리기 대회는요?",
        "결석계는 언제까지 낼 수 있어요?",
        "낼 급식비가 얼마예요?",
        "May I march in the parade?",
        "A mayor marches",
        "",
    ],
)
def test_a_message_that_names_no_other_day_means_today(message: str) -> None:
    assert days(message) == ("2026-04-01", "2026-04-01")


@pytest.mark.parametrize(
    ("message", "first", "last"),
    [
        ("내일 급식 뭐예요?", "2026-04-02", "2026-04-02"),
        ("낼 급식 뭐임", "2026-04-02", "2026-04-02"),
        ("낼까지 내야 돼?", "2026-04-02", "2026-04-02"),
        ("모레 학교 가요?", "2026-04-03", "2026-04-03"),
        ("내일모레 시험이에요?", "2026-04-03", "2026-04-03"),
        ("글피에 뭐 해요?", "2026-04-04", "2026-04-04"),
        ("이번 주 급식", "2026-04-01", "2026-04-05"),
        ("다음 주에 뭐 해요?", "2026-04-06", "2026-04-12"),
        ("담주 급식 뭐임", "2026-04-06", "2026-04-12"),
        ("다다음 주 일정", "2026-04-13", "2026-04-19"),
        ("다음 주 월요일 시간표", "2026-04-06", "2026-04-06"),
        ("담주 화욜에 학교 가?", "2026-04-07", "2026-04-07"),
        ("이번 주 금요일 급식", "2026-04-03", "2026-04-03"),
        ("이번 주말에 도서관 열어요?", "2026-04-04", "2026-04-05"),
        ("다음 주말은요?", "2026-04-11", "2026-04-12"),
        ("이번 달 행사", "2026-04-01", "2026-04-30"),
        ("이달의 행사", "2026-04-01", "2026-04-30"),
        ("다음 달 석식 신청", "2026-05-01", "2026-05-31"),
        ("담달 석식 신청", "2026-05-01", "2026-05-31"),
        ("이번 학기 방과후", "2026-04-01", "2026-08-31"),
        ("다음 학기 기숙사", "2026-09-01", "2027-02-28"),
        ("내년 교복값", "2027-01-01", "2027-12-31"),
        ("올해 축제", "2026-04-01", "2026-12-31"),
        ("Is there school tomorrow?", "2026-04-02", "2026-04-02"),
        ("What about the day after tomorrow?", "2026-04-03", "2026-04-03"),
        ("this week's menu", "2026-04-01", "2026-04-05"),
        ("Next week?", "2026-04-06", "2026-04-12"),
        ("this Friday", "2026-04-03", "2026-04-03"),
        ("next Friday", "2026-04-03", "2026-04-10"),
        ("next monday", "2026-04-06", "2026-04-06"),
        ("this weekend", "2026-04-04", "2026-04-05"),
        ("next month", "2026-05-01", "2026-05-31"),
        ("next semester", "2026-09-01", "2027-02-28"),
        ("next year's uniform", "2027-01-01", "2027-12-31"),
        ("오늘이랑 내일 급식", "2026-04-01", "2026-04-02"),
    ],
)
def test_days_named_by_their_distance(message: str, first: str, last: str) -> None:
    assert days(message) == (first, last)


@pytest.mark.parametrize(
    ("message", "first", "last"),
    [
        ("12월 3일에 뭐 해요?", "2026-04-01", "2026-12-03"),
        ("What happens on the 3rd of December?", "2026-04-01", "2026-12-03"),
        ("exams on december 3", "2026-04-01", "2026-12-03"),
        ("on 3 may", "2026-04-01", "2026-05-03"),
        ("5/8에 학교 가요?", "2026-04-01", "2026-05-08"),
        ("2027년 1월 5일에 졸업식 해요?", "2026-04-01", "2027-01-05"),
        ("3월 2일에 뭐 했어요?", "2026-03-02", "2026-04-01"),
        ("4월 27일이랑 5월 2일", "2026-04-01", "2026-05-02"),
        ("5월에 체육대회 해요?", "2026-04-01", "2026-05-31"),
        ("2월 31일", "2026-02-28", "2026-04-01"),
        ("2학기 중간고사 언제예요?", "2026-04-01", "2027-02-28"),
        ("1학기 기말고사", "2026-04-01", "2026-08-31"),
        ("When does the second semester begin?", "2026-04-01", "2027-02-28"),
        ("주말에도 열어요?", "2026-04-01", "2026-04-05"),
        ("open on weekends?", "2026-04-01", "2026-04-05"),
        ("이번 주 월요일에 뭐 했어요?", "2026-03-30", "2026-04-01"),
        ("어제 아파서 못 왔어요. 서류는요?", "2026-03-31", "2026-04-01"),
        ("지난주에 우산을 잃어버렸어요", "2026-03-23", "2026-04-01"),
        ("작년에 졸업했는데 증명서 떼려고요", "2025-01-01", "2026-04-01"),
        ("I was sick yesterday", "2026-03-31", "2026-04-01"),
        ("last Friday", "2026-03-27", "2026-04-01"),
    ],
)
def test_what_is_past_or_numbered_reaches_to_today(message: str, first: str, last: str) -> None:
    assert days(message) == (first, last)


def test_a_date_without_a_year_is_the_coming_one_unless_it_has_just_been() -> None:
    assert days("1월 5일", date(2026, 12, 20)) == ("2026-12-20", "2027-01-05")
    assert days("12월 28일", date(2027, 1, 3)) == ("2026-12-28", "2027-01-03")
    assert days("3월 급식", date(2026, 11, 1)) == ("2026-11-01", "2027-03-31")
    assert days("3월 급식", date(2026, 5, 1)) == ("2026-03-01", "2026-05-01")


@pytest.mark.parametrize(
    ("today", "this", "following"),
    [
        (date(2026, 2, 28), ("2026-02-28", "2026-02-28"), ("2026-03-01", "2026-08-31")),
        (date(2026, 3, 1), ("2026-03-01", "2026-08-31"), ("2026-09-01", "2027-02-28")),
        (date(2026, 8, 31), ("2026-08-31", "2026-08-31"), ("2026-09-01", "2027-02-28")),
        (date(2026, 9, 1), ("2026-09-01", "2027-02-28"), ("2027-03-01", "2027-08-31")),
        (date(2027, 12, 31), ("2027-12-31", "2028-02-29"), ("2028-03-01", "2028-08-31")),
    ],
)
def test_semesters_begin_in_march_and_september(
    today: date, this: tuple[str, str], following: tuple[str, str]
) -> None:
    assert days("이번 학기", today) == this
    assert days("다음 학기", today) == following


def test_a_numbered_semester_is_the_coming_or_present_one() -> None:
    assert days("1학기 개학", date(2027, 1, 10)) == ("2027-01-10", "2027-08-31")
    assert days("1학기 성적", date(2026, 10, 1)) == ("2026-03-01", "2026-10-01")
    assert days("2학기 성적", date(2027, 1, 10)) == ("2027-01-10", "2027-02-28")


def test_weeks_begin_on_monday_and_years_turn() -> None:
    assert days("이번 주", date(2026, 4, 5)) == ("2026-04-05", "2026-04-05")
    assert days("다음 주", date(2026, 4, 6)) == ("2026-04-13", "2026-04-19")
    assert days("다음 달", date(2026, 12, 15)) == ("2027-01-01", "2027-01-31")
    assert days("next friday", date(2026, 4, 3)) == ("2026-04-10", "2026-04-10")


def test_any_text_has_days_and_the_first_is_not_after_the_last() -> None:
    chance = random.Random(0)
    words = re.findall(
        r"\S+",
        "다음 이번 지난 담 주 달 학기 월요일 주말 내일 2월 31일 13월 0000년 99/99 next this friday may 3rd",
    )
    for _ in range(500):
        message = chance.choice(["", " "]).join(chance.choices(words, k=chance.randrange(6)))
        today = WEDNESDAY + timedelta(days=chance.randrange(1000))
        first, last = days_meant(message, today)
        assert first <= last, message
