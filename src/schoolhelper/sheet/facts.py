"""The facts in a text that two languages must share: numbers, dates, times, phones, addresses.

Both languages' patterns apply to every text, since a text may mix them. What is written as a word
(`두 번`, `twice`) can excuse a missing number but never raises an alarm.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["email", "url", "phone", "date", "time", "weekday", "number"]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\b\.?"
)
_BEFORE_MONTHS = ("in", "of", "from", "to", "until", "by", "and", "early", "late")
_MAY_IS_A_MONTH = "(?:" + "".join(rf"(?<=\b{word} )|" for word in _BEFORE_MONTHS) + r"(?!May\b))"
_CLOCK = r"(?P<h>\d{1,2})(?::(?P<mi>\d{2}))?"
_MORNING = ("오전", "아침", "새벽")
_AFTERNOON = ("오후", "저녁")
_WEEKDAYS = {"월": "mon", "화": "tue", "수": "wed", "목": "thu", "금": "fri", "토": "sat", "일": "sun"}

_UNITS = {"억": 1e8, "만": 1e4, "천": 1e3, "백": 1e2}

_WORDS = {  # number -> how it may stand in a text as a word
    0: r"\bno\b|\bfree\b|\bzero\b|무료|없",
    0.5: r"\bhalf\b|절반|반나절",
    1: r"\bone\b|\bfirst\b|\bonce\b|\bsingle\b|\beach\b|\bevery\b|\bper\b|\bdaily\b|\bweekly\b|\bmonthly\b"
    r"|\byearly\b|\bannual|\ban? (?:hour|day|week|month|year|semester|person|time)\b"
    r"|하나|첫|하루|매[일주월년]",
    2: r"\btwo\b|\bsecond\b|\btwice\b|\bboth\b|둘|이틀|격주",
    3: r"\bthree\b|\bthird\b|셋|사흘", 4: r"\bfour(?:th)?\b|넷|나흘", 5: r"\bfive\b|\bfifth\b|다섯|닷새",
    6: r"\bsix(?:th)?\b|여섯", 7: r"\bseven(?:th)?\b|일곱|일주일|\bweek", 8: r"\beighth?\b|여덟",
    9: r"\bnine\b|\bninth\b|아홉", 10: r"\bten(?:th)?\b|열흘|열 ", 11: r"\beleven(?:th)?\b|열한",
    12: r"\btwelve\b|\btwelfth\b|열두", 15: r"보름|\bfifteen\b", 20: r"\btwenty\b|스무|스물",
    30: r"\bhalf\b|\bthirty\b|반", 100: r"\bhundred\b|백",
}  # fmt: skip
_COUNTED = {1: "한", 2: "두", 3: "세", 4: "네"}
_COUNTERS = r"\s?(?:번|개|명|시|주|달|장|권|부|곳|가지|과목|학기|층|분|차례|사람|대|회|끼|반|줄|단계)"


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact in a form that does not depend on the language; `shown` is how it was written.

    date: (year or 0, month, day or 0); time: (hour, minute, 1 if morning or afternoon is certain).
    """

    kind: Kind
    value: str | float | tuple[int, ...]
    shown: str = field(compare=False)


def facts(text: str) -> list[Fact]:
    """Every fact in `text`, in the order of the kinds."""
    found: list[Fact] = []
    rest = text
    for kind, pattern, read in _READERS:

        def take(match: re.Match[str], kind: Kind = kind, read: _Reader = read) -> str:
            values = [value for value in read(match) if value is not None]
            found.extend(Fact(kind, value, match[0].strip()) for value in values)
            return " " * len(match[0]) if values else match[0]

        rest = re.sub(pattern, take, rest)
    return found


def differences(one: str, other: str) -> tuple[list[str], list[str]]:
    """The facts that only `one` states and those that only `other` does, as they are written there."""
    mine, yours = facts(one), facts(other)
    return _missing(mine, yours, other), _missing(yours, mine, one)


def _missing(wanted: list[Fact], given: list[Fact], text: str) -> list[str]:
    missing = (fact.shown for fact in wanted if not _stated(fact, given, text))
    return list(dict.fromkeys(missing))


def _stated(fact: Fact, given: list[Fact], text: str) -> bool:
    """Whether the other text states `fact`, in whatever form."""
    same_kind = [other.value for other in given if other.kind == fact.kind]
    numbers = {other.value for other in given if other.kind == "number"}
    value = fact.value
    if value in same_kind or (fact.kind == "weekday" and not same_kind):  # 평일, 월~금 name no weekday
        return True
    if fact.kind == "number" and isinstance(value, float):
        parts: set[object] = set()
        for other in given:
            if isinstance(other.value, tuple):
                parts |= {*other.value, other.value[0] % 12} if other.kind == "time" else {*other.value}
        return value in parts or _in_words(value, text)
    if fact.kind == "date" and isinstance(value, tuple):
        year, month, day = value
        dates = [other for other in same_kind if isinstance(other, tuple)]
        near = any(m == month and d == day and 0 in (y, year) for y, m, d in dates)
        in_full = day == 0 and any(m == month for _, m, _ in dates)
        return near or in_full or (month in numbers and (not day or day in numbers))
    if fact.kind == "time" and isinstance(value, tuple):
        hour, minute, sure = value
        clocks = [other for other in same_kind if isinstance(other, tuple)]
        near = any(
            m == minute and (h == hour if sure and other_sure else h % 12 == hour % 12)
            for h, m, other_sure in clocks
        )
        said = {hour, hour % 12 or 12}
        return near or (minute == 0 and (bool(said & numbers) or any(_in_words(h, text) for h in said)))
    return False


def _in_words(number: float, text: str) -> bool:
    counted = _COUNTED.get(int(number)) if number == int(number) else None
    if counted and re.search(rf"(?<![가-힣]){counted}{_COUNTERS}", text):
        return True
    words = _WORDS.get(int(number) if number == int(number) else number)
    return bool(words and re.search(words, text, re.IGNORECASE))


_Value = str | float | tuple[int, ...] | None
_Reader = Callable[[re.Match[str]], Iterable[_Value]]


def _text(match: re.Match[str]) -> Iterator[_Value]:
    yield re.sub(r"^https?://|^www\.", "", match[0].casefold()).rstrip(".,;:!?)'\"/")


def _phone(match: re.Match[str]) -> Iterator[_Value]:
    yield "0" + re.sub(r"\D", "", re.sub(r"^\+82", "", match[0])).lstrip("0")


def _date(match: re.Match[str]) -> Iterator[_Value]:
    named = match.groupdict()
    month = named["month"] or ""
    m = int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1
    y, d = int(named.get("y") or 0), int(named.get("d") or 0)
    yield (y, m, d) if 1 <= m <= 12 and d <= 31 else None


def _clock(match: re.Match[str]) -> Iterator[_Value]:
    named = match.groupdict()
    hour, minute = int(named["h"]), 30 if named.get("half") else int(named.get("mi") or 0)
    half = (named.get("ap") or "").lower().replace(".", "")
    sure = bool(half in (*_MORNING, *_AFTERNOON, "am", "pm") or hour > 12 or named["h"].startswith("0"))
    if hour <= 12 and half in (*_AFTERNOON, "pm"):
        hour = hour % 12 + 12
    elif hour <= 12 and half in (*_MORNING, "am"):
        hour %= 12
    yield (hour, minute, int(sure)) if hour <= 24 and minute < 60 else None


def _noon(match: re.Match[str]) -> Iterator[_Value]:
    yield (12 if match[0].lower() in ("noon", "정오") else 0, 0, 1)


def _korean_days(match: re.Match[str]) -> Iterator[_Value]:
    for char in match[0].removesuffix("요일"):
        yield _WEEKDAYS.get(char)


def _english_day(match: re.Match[str]) -> Iterator[_Value]:
    yield match[0][:3].lower()


def _korean_number(match: re.Match[str]) -> Iterator[_Value]:
    total = 0.0
    for digits, units in re.findall(r"(\d[\d,]*(?:\.\d+)?)\s*([억만천백]*)", match[0]):
        total += math.prod((float(digits.replace(",", "")), *(_UNITS[unit] for unit in units)))
    yield total


def _number(match: re.Match[str]) -> Iterator[_Value]:
    scale = {"thousand": 1e3, "million": 1e6}.get((match["scale"] or "").lower(), 1.0)
    yield float(match["n"].replace(",", "")) * scale


_READERS: tuple[tuple[Kind, str, _Reader], ...] = (
    ("email", r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", _text),
    ("url", r"(?i)(?:https?://|www\.)[A-Za-z0-9_.~:/?#@!$&'()*+,;=%-]+", _text),
    (
        "url",
        r"(?i)(?<![\w.])(?:[a-z0-9-]+\.)+(?:kr|com|net|org|io)(?![A-Za-z0-9-])(?:/[A-Za-z0-9._~/?#=&%-]*)?",
        _text,
    ),
    ("phone", r"(?<!\d)(?:\+82[-\s]?\(?0?|\(?0)\d{1,2}\)?[-.\s]?\d{3,4}[-.\s]?\d{4}(?!\d)", _phone),
    ("date", r"(?<!\d)(?P<y>\d{4})[-./]\s?(?P<month>\d{1,2})[-./]\s?(?P<d>\d{1,2})(?!\d)\.?", _date),
    (
        "date",
        r"(?:(?P<y>\d{4})년\s*)?(?<!\d)(?P<month>\d{1,2})월\s*(?P<d>\d{1,2})(?:일|(?=\s*[~∼–-]))",
        _date,
    ),
    ("date", r"(?:(?P<y>\d{4})년\s*)?(?<!\d)(?P<month>\d{1,2})월", _date),
    ("date", rf"\b{_MONTH}\s+(?P<d>\d{{1,2}})(?!\d|:)(?:st|nd|rd|th)?(?:,?\s+(?P<y>\d{{4}}))?", _date),
    ("date", rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}(?:,?\s+(?P<y>\d{{4}}))?", _date),
    ("date", rf"\b{_MAY_IS_A_MONTH}{_MONTH}(?:\s+(?P<y>\d{{4}}))?", _date),
    ("date", r"(?<![\d/.])(?P<month>\d{1,2})/(?P<d>\d{1,2})(?![\d/])", _date),
    ("date", r"(?<![\d.])(?P<month>\d{1,2})\.(?:\s(?P<d>\d{1,2})\.)(?!\d)", _date),
    ("time", rf"(?i){_CLOCK}\s*(?:[-–~]|to|and)\s*(?=\d{{1,2}}(?::\d{{2}})?\s*[ap]\.?m(?![a-z]))", _clock),
    ("time", rf"(?i)(?<!\d){_CLOCK}\s*(?P<ap>[ap]\.?m(?![a-z])\.?)", _clock),
    ("time", r"(?<!\d)(?P<h>\d{1,2})\s*(?:[-–~])\s*(?=\d{1,2}시(?![간수]))", _clock),
    (
        "time",
        r"(?:(?P<ap>오전|오후|아침|저녁|새벽)\s*)?(?<!\d)(?P<h>\d{1,2})시(?![간수])"
        r"(?:\s*(?P<mi>\d{1,2})분|\s*(?P<half>반))?",
        _clock,
    ),
    (
        "time",
        r"(?:(?P<ap>오전|오후|아침|저녁|새벽)\s*)?(?<![\d:])(?P<h>\d{1,2}):(?P<mi>\d{2})(?![\d:])",
        _clock,
    ),
    ("time", r"(?i)\b(?P<h>\d{1,2})\s*o['’]clock", _clock),
    ("time", r"(?i)\bnoon\b|\bmidnight\b|정오|자정", _noon),
    ("weekday", r"[월화수목금토일](?:\s*[·,/]\s*[월화수목금토일])*요일", _korean_days),
    ("weekday", r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?\b", _english_day),
    ("number", r"(?:\d[\d,]*(?:\.\d+)?\s*[억만천백]+\s*)+(?:\d[\d,]*)?", _korean_number),
    (
        "number",
        r"(?i)(?P<n>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?:\s+(?P<scale>thousand|million)\b)?",
        _number,
    ),
)
