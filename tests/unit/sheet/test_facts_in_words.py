"""Numbers, times and days in words, and what a number counts."""

import pytest

from schoolhelper.sheet.english_numbers import english_in_figures
from schoolhelper.sheet.facts import facts
from schoolhelper.sheet.korean_numbers import korean_in_figures


@pytest.mark.parametrize(
    ("said", "figures"),
    [
        ("두 시 반에", "2시 반에"),
        ("오후 네시", "오후 4시"),
        ("열두 시까지", "12시까지"),
        ("십사 시", "14시"),
        ("한 시간 반", "1시간 30분"),
        ("삼십 분", "30분"),
        ("한 명", "1명"),
        ("서른다섯 번", "35번"),
        ("두세 명", "2~3명"),
        ("사흘 안에", "3일간 안에"),
        ("일주일 안에", "1주일 안에"),
        ("이 주 안에", "2주 안에"),
        ("천오백 원", "1500원"),
        ("만 이천 원", "12000원"),
        ("5만 원", "5만 원"),
        ("이층", "2층"),
        ("삼백이 호", "302호"),
        ("이공삼호", "203호"),
        ("십일월 삼일", "11월3일"),
        ("시월에", "10월에"),
        ("둘째 주", "2번째 주"),
        ("세 학년", "3개 학년"),
        ("공삼일 오오오 공일삼오", "031 555 0135"),
    ],
)
def test_korean_words_become_figures(said: str, figures: str) -> None:
    assert korean_in_figures(said) == figures


@pytest.mark.parametrize(
    "said",
    [
        "이번 주", "이 분이", "세부 사항", "한번 확인해 보세요", "다시 한 번", "제한 시간", "오십시오",
        "만일", "사회 과목", "이 일은", "책을 사 주세요", "한 장소", "네, 번호", "일부", "사장님",
        "만점", "하루 종일", "좋은 하루 되세요",
    ],
)  # fmt: skip
def test_korean_words_that_are_no_numbers_stay(said: str) -> None:
    assert korean_in_figures(said) == said


@pytest.mark.parametrize(
    ("said", "figures"),
    [
        ("half past two", "2:30"),
        ("a quarter to nine", "8:45"),
        ("ten past four", "4:10"),
        ("two thirty p.m.", "2:30 p.m."),
        ("two o'clock", "2 o'clock"),
        ("half an hour", "30 minutes"),
        ("twenty minutes", "20 minutes"),
        ("one day", "1 day"),
        ("within a week", "within 1 week"),
        ("twice a day", "2 times a day"),
        ("the third floor", "the 3rd floor"),
        ("second floor", "2nd floor"),
        ("July third", "July 3rd"),
        ("the twenty-first of May", "the 21st of May"),
        ("three hundred and fifty won", "350 won"),
        ("five thousand eight hundred won", "5800 won"),
        ("3.2 million won", "3.2 million won"),
        ("at one.", "at 1."),
    ],
)
def test_english_words_become_figures(said: str, figures: str) -> None:
    assert english_in_figures(said) == figures


@pytest.mark.parametrize(
    "said",
    [
        "this one",
        "one by one",
        "first, ask",
        "from 9 to 5",
        "someone",
        "once you have it",
        "often",
        "5 to 30",
    ],
)
def test_english_words_that_are_no_numbers_stay(said: str) -> None:
    assert english_in_figures(said) == said


@pytest.mark.parametrize(
    ("korean", "english"),
    [
        ("3층", "the third floor"),
        ("3층", "floor 3"),
        ("102호", "room 102"),
        ("5,000원", "5,000 won"),
        ("5천 원", "five thousand won"),
        ("30분", "30 minutes"),
        ("사흘 동안", "three days"),
        ("2학년", "grade 2"),
        ("1·2학년", "grades 1 and 2"),
        ("301호와 302호", "rooms 301 and 302"),
        ("7교시", "period 7"),
        ("5권", "five books"),
        ("5명", "5 students"),
        ("벌점 2점", "2 penalty points"),
        ("2번 출구", "exit 2"),
        ("매월 20일까지", "by the 20th"),
        ("무료입니다", "free of charge"),
        ("요금은 없습니다", "there is no fee"),
        ("지하 1층", "basement level 1"),
        ("평일", "on weekdays"),
        ("매일", "every day"),
        ("월~목", "Monday to Thursday"),
        ("화·목요일", "Tuesday and Thursday"),
        ("두 시 반", "half past two"),
        ("오후 2시부터 4시", "from 2 to 4 p.m."),
        ("4월 27일부터 30일까지", "from April 27 to 30"),
        ("4월 27~30일", "27–30 April"),
        ("2027년 1월 9일부터 2월 28일까지", "from January 9 to February 28, 2027"),
        ("3~5월", "from March to May"),
    ],
)
def test_both_languages_state_the_same(korean: str, english: str) -> None:
    assert facts(korean, words=True) == facts(english, words=True) != []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("3일 전", "3층"),
        ("3주", "3일 안에"),
        ("3층", "3호"),
        ("5권", "5명"),
        ("30일 동안", "30일까지"),
        ("3학년", "세 학년"),
        ("지하 1층", "1층"),
        ("평일", "매일"),
        ("월~목", "월~금"),
        ("오전 8시", "오후 8시"),
    ],
)
def test_a_unit_is_part_of_a_number(one: str, other: str) -> None:
    assert facts(one, words=True) != facts(other, words=True)


def test_days_beside_other_facts_are_read_apart() -> None:
    found = facts("평일 9시, 토요일 10시. 공휴일, 일요일은 쉽니다.", words=True)
    assert [fact.parts for fact in found if fact.kind in ("weekday", "days")] == [(0, 1, 2, 3, 4), (5,), (6,)]


def test_the_hour_is_certain_where_the_text_tells() -> None:
    def times(text: str) -> list[tuple[int, ...]]:
        return [fact.parts for fact in facts(text) if fact.kind == "time"]

    assert times("오후 2시부터 4시 30분까지") == [(14, 0, 1), (16, 30, 1)]
    assert times("오전 11시~2시") == [(11, 0, 1), (14, 0, 1)]
    assert times("9:00~17:00") == [(9, 0, 1), (17, 0, 1)]
    assert times("8시부터 20시 30분까지")[1] == (20, 30, 1)
    assert times("밤 10시, 낮 12시") == [(22, 0, 1), (12, 0, 1)]
    assert times("2시") == [(2, 0, 0)]
