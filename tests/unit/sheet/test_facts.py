import pytest

from schoolhelper.sheet.facts import differences


@pytest.mark.parametrize(
    ("korean", "english"),
    [
        ("점심시간은 오후 1시부터 2시까지입니다.", "Lunch is from 1 to 2 p.m."),
        ("점심시간은 12:30~13:20입니다.", "Lunch is 12:30-1:20 p.m."),
        ("오후 12시 30분부터 1시 20분까지", "from 12:30 to 1:20 p.m."),
        ("17:00까지 내 주세요.", "Hand it in by 5 p.m."),
        ("오전 8시 30분까지", "by 8:30 a.m."),
        ("8시 반까지", "until 8:30"),
        ("오후 두 시에 시작합니다.", "It starts at 2 p.m."),
        ("정오에 모입니다.", "We meet at 12 noon."),
        ("24시간 열려 있습니다.", "It is open 24 hours."),
        ("7월 18일(금)에 방학식을 합니다.", "The closing ceremony is on Friday, July 18."),
        ("2026년 7월 18일", "the 18th of July 2026"),
        ("2026-07-18까지", "until July 18"),
        ("7. 18.(토)까지", "until July 18th"),
        ("7/18까지", "by July 18"),
        ("7월 18~20일", "July 18–20"),
        ("7월 18일부터 20일까지", "from July 18 to 20"),
        ("3월부터 5월까지", "from March to May"),
        ("기숙사에 남을 수 있습니다.", "You may stay in the dormitory."),
        ("매주 화·목요일", "every Tuesday and Thursday"),
        ("월·수·금 4시", "Monday, Wednesday and Friday at 4:00"),
        ("월~목요일", "Mon to Thu"),
        ("4월 27일부터 30일까지", "27–30 April"),
        ("8시부터 20시 30분까지", "8:00-20:30"),
        ("월요일부터 금요일까지", "on weekdays"),
        ("도서관은 2층에 있습니다.", "The library is on floor 2."),
        ("도서관은 2층에 있습니다.", "The library is on the 2nd floor."),
        ("도서관은 2층에 있습니다.", "The library is on the second floor."),
        ("1학년은 3,000원을 냅니다.", "Grade 1 pays 3,000 won."),
        ("3천 원입니다.", "It is ₩3,000."),
        ("1만 2천원입니다.", "It is 12,000 won."),
        ("5천만 원", "50 million won"),
        ("50%", "50 percent"),
        ("하루 1회, 3일 안에", "once a day, within three days"),
        ("한 번만 낼 수 있습니다.", "You can hand in one only."),
        ("02-123-4567로 전화해 주세요.", "Call +82-2-123-4567."),
        ("031-123-4567", "(031) 123-4567"),
        ("hanul.hs.kr/lunch에서 볼 수 있습니다.", "See https://hanul.hs.kr/lunch."),
        ("www.hanul.hs.kr에서 신청합니다.", "Apply at hanul.hs.kr."),
        ("help@hanul.hs.kr로 보내 주세요.", "Mail help@hanul.hs.kr."),
    ],
)
def test_the_same_facts_in_two_languages(korean: str, english: str) -> None:
    assert differences(korean, english) == ((), ())


@pytest.mark.parametrize(
    ("korean", "english", "only_korean", "only_english"),
    [
        ("오후 1시에 시작합니다.", "It starts at 2 p.m.", ["오후 1시"], ["2 p.m."]),
        ("13:00에 모입니다.", "We meet at 1 a.m.", ["13:00"], ["1 a.m."]),
        ("9:00~17:00", "from 9:00 to 18:00", ["17:00"], ["18:00"]),
        ("7월 18일까지", "until July 19", ["7월 18일"], ["July 19"]),
        ("2026년 7월 18일", "July 18, 2025", ["2026년 7월 18일"], ["July 18, 2025"]),
        ("화요일마다", "every Thursday", ["화요일"], ["Thursday"]),
        ("2층에 있습니다.", "It is on the 3rd floor.", ["2"], ["3"]),
        ("3,000원입니다.", "It is 3,500 won.", ["3,000"], ["3,500"]),
        ("1만 2천 원", "10,200 won", ["1만 2천"], ["10,200"]),
        ("1학년과 2학년", "grades 1 and 3", ["2"], ["3"]),
        ("02-123-4567", "02-123-4568", ["02-123-4567"], ["02-123-4568"]),
        ("a@hanul.hs.kr로", "b@hanul.hs.kr", ["a@hanul.hs.kr"], ["b@hanul.hs.kr"]),
        ("hanul.hs.kr/a에서", "hanul.hs.kr/b", ["hanul.hs.kr/a"], ["hanul.hs.kr/b"]),
    ],
)
def test_facts_that_differ_are_shown_as_written(
    korean: str, english: str, only_korean: list[str], only_english: list[str]
) -> None:
    assert differences(korean, english) == (tuple(only_korean), tuple(only_english))
