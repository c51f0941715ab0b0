"""Which days a message asks about: tomorrow, next week, 3 December."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

from schoolhelper.sheet.facts import facts

_DAYS = {
    "그저께": -2, "그제": -2, "어제": -1, "오늘": 0, "내일": 1, "낼": 1, "모레": 2, "내일모레": 2, "글피": 3,
    "day before yesterday": -2, "yesterday": -1, "today": 0, "tonight": 0, "tomorrow": 1,
}  # fmt: skip
_DAY = re.compile("|".join(sorted((rf"(?<![가-힣a-z]){word}" for word in _DAYS), key=len, reverse=True)))
_SPAN = re.compile(
    r"(?P<ko>지난|저번|이번|요번|다음|담)\s*(?P<unit>주말|주|달|학기|년|해)"
    r"|\b(?P<en>last|this|next)\s+(?P<en_unit>weekend|week|month|semester|year)\b"
)
_STEP = {"지난": -1, "저번": -1, "last": -1, "이번": 0, "요번": 0, "this": 0, "다음": 1, "담": 1, "next": 1}


def days_meant(message: str, today: date) -> tuple[date, date]:
    """The first and last day that a message asks about; `today` where it names none.

    A date in figures stretches the days from today to it, since what is valid now may well speak of
    it. Semesters begin on 1 March and 1 September, as in Korean schools.
    """
    message = message.lower()
    if found := _DAY.search(message):
        day = today + timedelta(days=_DAYS[found[0]])
        return day, day
    if found := _SPAN.search(message):
        return _span(found["unit"] or found["en_unit"], _STEP[found["ko"] or found["en"]], today)
    for fact in facts(message):
        if fact.kind == "date" and isinstance(fact.value, tuple):
            year, month, number = fact.value
            named = date(year or today.year, month, max(1, min(number, 28)))
            return min(named, today), max(named, today)
    return today, today


def _span(unit: str, step: int, today: date) -> tuple[date, date]:
    if unit in ("주", "주말", "week", "weekend"):
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=step)
        return monday + timedelta(days=5 if unit in ("주말", "weekend") else 0), monday + timedelta(days=6)
    if unit in ("달", "month"):
        year, month = divmod(today.year * 12 + today.month - 1 + step, 12)
        return date(year, month + 1, 1), date(year, month + 1, calendar.monthrange(year, month + 1)[1])
    if unit in ("학기", "semester"):
        half = (today.year * 12 + today.month - 3) // 6 + step  # half years that begin in March
        year, month = divmod(half * 6 + 2, 12)
        following = divmod((half + 1) * 6 + 2, 12)
        return date(year, month + 1, 1), date(following[0], following[1] + 1, 1) - timedelta(days=1)
    return date(today.year + step, 1, 1), date(today.year + step, 12, 31)
