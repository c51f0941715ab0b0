"""Which days a message asks about: tomorrow, next week, 3 December."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from schoolhelper.sheet.facts import facts

Days = tuple[date, date]
"""The first and the last day, both included."""

_DAYS = {
    "그저께": -2, "그제": -2, "어제": -1, "오늘": 0, "내일": 1, "내일모레": 2, "모레": 2, "글피": 3,
    "the day before yesterday": -2, "yesterday": -1, "today": 0, "tonight": 0, "tomorrow": 1,
    "the day after tomorrow": 2,
}  # fmt: skip
_YEARS = {
    "작년": -1, "지난해": -1, "올해": 0, "내년": 1, "last year": -1, "this year": 0, "next year": 1,
}  # fmt: skip
_STEPS = {
    "지지난": -2, "지난": -1, "저번": -1, "이번": 0, "요번": 0, "이": 0, "다음": 1, "담": 1, "다다음": 2,
    "last": -1, "this": 0, "coming": 1, "next": 1,
}  # fmt: skip
_RECENT = timedelta(days=90)
_WEEKDAYS = "월화수목금토일"
_WEEKDAYS_EN = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _words(known: Iterable[str]) -> str:
    return rf"(?<![가-힣a-z])(?:{'|'.join(sorted(known, key=len, reverse=True))})(?![a-z])"


_DAY = re.compile(
    # 낼 is also `to hand in`: it is tomorrow only before what a day is asked for
    rf"{_words(_DAYS)}|(?<![가-힣])낼(?=\s?(?:급식(?!비)|점심|저녁|아침|학교|시험|수업|체육|뭐|몇)|모레|까지)",
    re.IGNORECASE,
)
_YEAR = re.compile(_words(_YEARS), re.IGNORECASE)
_SPAN = re.compile(
    r"(?<![가-힣])(?P<ko>지지난|지난|저번|이번|요번|다다음|다음|담|이(?=달))\s*"
    r"(?P<ko_unit>주말|주(?![가-힣]*[제소차민번문의])|달(?!리|력)|학기)(?:\s*(?P<ko_day>[월화수목금토일])(?:요일|욜))?"
    r"|\b(?P<en>last|this|coming|next)\s+"
    r"(?P<en_unit>weekend|week|month|semester|term|(?P<en_day>mon|tue|wed|thu|fri|sat|sun)[a-z]*day)\b",
    re.IGNORECASE,
)
_WEEKEND = re.compile(r"(?<![가-힣])주말|\bweekends?\b", re.IGNORECASE)
_SEMESTER = re.compile(
    r"(?<!\d)(?:1|(?P<ko>2))\s*학기|\b(?:first|1st|(?P<en>second|2nd)) (?:semester|term)\b", re.IGNORECASE
)
_SMALL_MONTH = re.compile(  # `march` and `may` are months only beside a number
    r"\b(?:january|february|april|june|july|august|september|october|november|december"
    r"|(?:march|may)(?=\s+\d)|(?<=\d\s)(?:march|may)|(?<=of\s)(?:march|may))\b"
)


def days_meant(message: str, today: date) -> Days:
    """The first and last day that a message asks about; `today` where it names none.

    This week begins today: what was valid only until Tuesday is out of date. What is past (`I was ill
    yesterday`) and what is numbered (3 December, the second semester) only stretch the days from today
    to them, since what is valid now may well speak of them. Semesters begin on 1 March and 1 September,
    as in Korean schools.
    """
    spans = [*_spoken(message, today), *_numbered(message, today)] or [(today, today)]
    ahead = [(max(first, today), last) if last >= today else (first, today) for first, last in spans]
    return min(first for first, _ in ahead), max(last for _, last in ahead)


def _spoken(message: str, today: date) -> Iterator[Days]:
    """Days named by their distance from today."""
    for word in _DAY.findall(message):
        day = today + timedelta(days=_DAYS.get(word.lower(), 1))
        yield day, day
    for word in _YEAR.findall(message):
        year = today.year + _YEARS[word.lower()]
        yield date(year, 1, 1), date(year, 12, 31)
    for found in _SPAN.finditer(message):
        step = _STEPS[(found["ko"] or found["en"]).lower()]
        if found["ko_day"]:
            day = _monday(today, step) + timedelta(days=_WEEKDAYS.index(found["ko_day"]))
            yield day, day
        elif found["en_day"]:
            yield _english_weekday(_WEEKDAYS_EN.index(found["en_day"].lower()), step, today)
        else:
            yield _span((found["ko_unit"] or found["en_unit"]).lower(), step, today)


def _numbered(message: str, today: date) -> Iterator[Days]:
    """Days named by a number or by the calendar, from today if they are ahead."""
    spans = [_span("weekend", 0, today)] if _WEEKEND.search(_SPAN.sub(" ", message)) else []
    for found in _SEMESTER.finditer(message):
        second = found["ko"] or found["en"]
        spans.append(_half_year(2 * (today.year - (today.month < 3)) + 1 if second else 2 * today.year))
    for fact in facts(_SMALL_MONTH.sub(lambda month: month[0].capitalize(), message)):
        if fact.kind == "date" and isinstance(fact.value, tuple):
            year, month, day = fact.value
            spans.append(_calendar_days(year, month, day, today))
    for first, last in spans:
        yield min(first, today), last


def _span(unit: str, step: int, today: date) -> Days:
    if unit in ("주", "week"):
        return _monday(today, step), _monday(today, step) + timedelta(days=6)
    if unit in ("주말", "weekend"):
        return _monday(today, step) + timedelta(days=5), _monday(today, step) + timedelta(days=6)
    if unit in ("달", "month"):
        year, month = divmod(today.year * 12 + today.month - 1 + step, 12)
        return _day(year, month + 1, 1), _day(year, month + 1, 31)
    return _half_year((today.year * 12 + today.month - 3) // 6 + step)


def _monday(today: date, step: int) -> date:
    """The Monday `step` weeks from this week's."""
    return today + timedelta(days=7 * step - today.weekday())


def _half_year(number: int) -> Days:
    """The semester that is `number` half years after March of year 0."""
    (year, month), (next_year, next_month) = (divmod(6 * n + 2, 12) for n in (number, number + 1))
    return date(year, month + 1, 1), date(next_year, next_month + 1, 1) - timedelta(days=1)


def _english_weekday(weekday: int, step: int, today: date) -> Days:
    """`next Friday` is the coming one to some, that of next week to others: from one to the other."""
    this = _monday(today, 0) + timedelta(days=weekday)
    other = this + timedelta(weeks=step)
    nearest = this if (this - today).days * step >= 0 and this != today else other
    return min(nearest, other), max(nearest, other)


def _calendar_days(year: int, month: int, day: int, today: date) -> Days:
    """A date or, with day 0, a month; without a year (0) the coming one, or one of the last three months."""
    years = [year] if year else [today.year - 1, today.year, today.year + 1]
    spans = [(_day(each, month, day or 1), _day(each, month, day or 31)) for each in years]
    return next((span for span in spans if span[1] >= today - _RECENT), spans[-1])


def _day(year: int, month: int, day: int) -> date:
    """That day, or the month's last where the month is shorter."""
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))
