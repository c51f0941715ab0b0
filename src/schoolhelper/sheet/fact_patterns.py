"""How facts are written in Korean and English: one pattern and one reader a form.

Both languages' patterns apply to every text, since a text may mix them. The patterns are tried in
turn, and each leaves only what it did not take to the next.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Literal

Kind = Literal["email", "url", "phone", "date", "time", "half", "weekday", "days", "number"]
Value = str | float | tuple[int, ...]
Reader = Callable[[re.Match[str]], Iterable[Value | None]]

WEEKDAYS = (0, 1, 2, 3, 4)
WEEKEND = (5, 6)
EVERY_DAY = (*WEEKDAYS, *WEEKEND)

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\b\.?)(?![a-z])"
)
_BEFORE_MONTHS = ("in", "of", "from", "to", "until", "by", "and", "early", "late")
_MAY_IS_A_MONTH = "(?:" + "".join(rf"(?<=\b{word} )|" for word in _BEFORE_MONTHS) + r"(?!May\b))"
_CLOCK = r"(?P<h>\d{1,2})(?::(?P<mi>\d{2}))?"
_PART = r"(?:(?P<ap>오전|오후|아침|저녁|새벽|밤|낮)\s*)?"
_BEFORE_CLOCKS = "|".join(
    rf"(?<=\b{word} )" for word in ("at", "by", "from", "until", "till", "to", "before")
)
_MORNING = ("오전", "아침", "새벽", "am", "in the morning")
_AFTERNOON = ("오후", "저녁", "pm", "in the afternoon", "in the evening")
_KOREAN_DAYS = "월화수목금토일"
_KOREAN_DAY = rf"[{_KOREAN_DAYS}]"
_ENGLISH_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ENGLISH_DAY = (
    r"\b(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?"
    r"|(?:Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)\.?)(?![a-z])"
)
_TO = r"\s*(?:[~∼–-]|부터|에서|to|through|until|till)\s*"
_UNITS = {"억": 1e8, "만": 1e4, "천": 1e3, "백": 1e2}
_TOP_LEVEL = "kr|com|net|org|edu|gov|io|example|info|app|dev|site|online|link|page|xyz|me|co"
_PRICES = "요금|비용|수수료|연체료|사용료|이용료|참가비|회비|값|돈"


def _text(match: re.Match[str]) -> Iterator[Value]:
    yield re.sub(r"^https?://|^www\.", "", match[0].casefold()).rstrip(".,;:!?)'\"/")


def _phone(match: re.Match[str]) -> Iterator[Value]:
    digits = re.sub(r"\D", "", re.sub(r"^\+82", "0", match[0]))
    yield digits if re.match("1[568]", digits) else "0" + digits.lstrip("0")


def _date(match: re.Match[str]) -> Iterator[Value | None]:
    named = match.groupdict()
    month = named["month"] or ""
    m = int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1
    y, d = int(named.get("y") or named.get("y2") or 0), int(named.get("d") or 0)
    yield (y, m, d) if 1 <= m <= 12 and d <= 31 else None


def _clock(match: re.Match[str]) -> Iterator[Value | None]:
    named = match.groupdict()
    hour, minute = int(named["h"]), 30 if named.get("half") else int(named.get("mi") or 0)
    part = (named.get("ap") or "").lower().replace(".", "")
    sure = bool(part or hour > 12 or named["h"].startswith("0"))
    night, noon = part in ("밤", "at night"), part == "낮"
    if hour <= 12:
        if part in _AFTERNOON or (night and 5 < hour < 12) or (noon and hour < 7):
            hour = hour % 12 + 12
        elif part in _MORNING or (night and hour == 12):
            hour %= 12
    yield (hour, minute, int(sure)) if hour <= 24 and minute < 60 else None


def _noon(match: re.Match[str]) -> Iterator[Value]:
    yield (12 if match[0].lower() in ("noon", "정오") else 0, 0, 1)


def _part_of_day(match: re.Match[str]) -> Iterator[Value]:
    yield "am" if match[0].lower() in ("오전", "아침", "새벽", "morning", "mornings", "a.m", "am") else "pm"


def _korean_days(match: re.Match[str]) -> Iterator[Value]:
    for char in match[0].removesuffix("요일"):
        if char in _KOREAN_DAYS:
            yield (_KOREAN_DAYS.index(char),)


def _english_day(match: re.Match[str]) -> Iterator[Value]:
    yield (_ENGLISH_DAYS.index(match[0][:3].lower()),)


def _days_from_to(match: re.Match[str]) -> Iterator[Value]:
    first, last = (
        _KOREAN_DAYS.index(day[0]) if day[0] in _KOREAN_DAYS else _ENGLISH_DAYS.index(day[:3].lower())
        for day in (match["first"], match["last"])
    )
    yield tuple((first + step) % 7 for step in range((last - first) % 7 + 1))


def _day_group(match: re.Match[str]) -> Iterator[Value]:
    said = match[0].lower()
    if said.startswith(("평일", "주중", "weekday", "weeknight")):
        yield WEEKDAYS
    else:
        yield WEEKEND if said.startswith(("주말", "weekend")) else EVERY_DAY


def _korean_number(match: re.Match[str]) -> Iterator[Value]:
    total = 0.0
    for digits, units in re.findall(r"(\d[\d,]*(?:\.\d+)?)\s*([억만천백]*)", match[0]):
        total += math.prod((float(digits.replace(",", "")), *(_UNITS[unit] for unit in units)))
    yield total


def _number(match: re.Match[str]) -> Iterator[Value]:
    scale = {"thousand": 1e3, "million": 1e6}.get((match["scale"] or "").lower(), 1.0)
    yield float(match["n"].replace(",", "")) * scale


def _free(match: re.Match[str]) -> Iterator[Value]:
    yield 0.0


WRITTEN: tuple[tuple[Kind, str, Reader], ...] = (
    ("email", r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", _text),
    ("url", r"(?i)(?:https?://|www\.)[A-Za-z0-9_.~:/?#@!$&'()*+,;=%-]+", _text),
    (
        "url",
        rf"(?i)(?<![\w.])(?:[a-z0-9-]+\.)+(?:(?:{_TOP_LEVEL})(?![A-Za-z0-9-])(?:/[a-z0-9._~/?#=&%-]*)?"
        r"|[a-z]{2,}/[a-z0-9._~/?#=&%-]+)|(?<![\w.])(?:[a-z0-9-]{2,}\.){2,}[a-z]{2,}(?![a-z0-9])",
        _text,
    ),
    ("phone", r"(?<!\d)(?:\+82[-\s]?\(?0?|\(?0)\d{1,2}\)?[-.\s]?\d{3,4}[-.\s]?\d{4}(?!\d)", _phone),
    ("phone", r"(?<!\d)1[568]\d{2}-\d{4}(?!\d)", _phone),
    ("date", r"(?<!\d)(?P<y>\d{4})[-./]\s?(?P<month>\d{1,2})[-./]\s?(?P<d>\d{1,2})(?!\d)\.?", _date),
    (
        "date",
        r"(?:(?P<y>\d{4})년\s*)?(?<!\d)(?P<month>\d{1,2})월\s*(?P<d>\d{1,2})(?:일|(?=\s*(?:[~∼–-]|부터)))",
        _date,
    ),
    ("date", r"(?<!\d)(?P<month>\d{1,2})(?=\s*(?:[~∼–·-]|부터)\s*\d{1,2}월)", _date),
    ("date", r"(?:(?P<y>\d{4})년\s*)?(?<!\d)(?P<month>\d{1,2})월", _date),
    (
        "date",
        rf"\b{_MONTH}\s+(?P<d>\d{{1,2}})(?!\d|:)(?:st|nd|rd|th)?"
        r"(?:,?\s+(?P<y>\d{4})|(?=\s*(?:[–-]|to|through|and)\s*\d{1,2}(?:st|nd|rd|th)?,?\s(?P<y2>\d{4})))?",
        _date,
    ),
    ("date", rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}(?:,?\s+(?P<y>\d{{4}}))?", _date),
    ("date", rf"\b{_MAY_IS_A_MONTH}{_MONTH}(?:\s+(?P<y>\d{{4}}))?", _date),
    ("date", r"(?<![\d/.])(?P<month>\d{1,2})/(?P<d>\d{1,2})(?![\d/])", _date),
    ("date", r"(?<![\d.])(?P<month>\d{1,2})\.(?:\s(?P<d>\d{1,2})\.)(?!\d)", _date),
    ("time", rf"(?i){_CLOCK}\s*(?:[-–~]|to|and)\s*(?=\d{{1,2}}(?::\d{{2}})?\s*[ap]\.?m(?![a-z]))", _clock),
    ("time", rf"(?i)(?<!\d){_CLOCK}\s*(?P<ap>[ap]\.?m(?![a-z])\.?)", _clock),
    (
        "time",
        rf"(?i)(?<!\d)(?:{_BEFORE_CLOCKS}|(?=\d+:)){_CLOCK}\s"
        r"(?P<ap>in the (?:morning|afternoon|evening)|at night)",
        _clock,
    ),
    ("time", r"(?<!\d)(?P<h>\d{1,2})\s*(?:[-–~])\s*(?=\d{1,2}시(?![간수]))", _clock),
    (
        "time",
        rf"{_PART}(?<!\d)(?P<h>\d{{1,2}})시(?![간수])(?:\s*(?P<mi>\d{{1,2}})분|\s*(?P<half>반)(?=$|[^가-힣]|[에까부이은는을과와로의도만쯤정입]))?",
        _clock,
    ),
    ("time", rf"{_PART}(?<![\d:])(?P<h>\d{{1,2}}):(?P<mi>\d{{2}})(?![\d:])", _clock),
    ("time", r"(?i)\b(?P<h>\d{1,2})\s*o['’]clock", _clock),
    ("time", r"(?i)\bnoon\b|\bmidnight\b|정오|자정", _noon),
    (
        "weekday",
        rf"(?<![가-힣\d])(?P<first>{_KOREAN_DAY})(?:요일)?{_TO}(?P<last>{_KOREAN_DAY})(?:요일|(?![가-힣])|(?=[은는이을의에까과와도만]))",
        _days_from_to,
    ),
    ("weekday", rf"(?P<first>{_ENGLISH_DAY}){_TO}(?P<last>{_ENGLISH_DAY})", _days_from_to),
    (
        "weekday",
        rf"(?:(?<![가-힣\d]){_KOREAN_DAY}(?:\s*[·,/]\s*{_KOREAN_DAY})+|{_KOREAN_DAY})요일",
        _korean_days,
    ),
    ("weekday", rf"(?<=\(){_KOREAN_DAY}(?=\))", _korean_days),
    (
        "weekday",
        rf"(?<![가-힣\d]){_KOREAN_DAY}(?:\s?[·/,]\s?{_KOREAN_DAY})+(?=$|[^가-힣]|[은는이을의에과와도만])",
        _korean_days,
    ),
    ("weekday", _ENGLISH_DAY, _english_day),
    ("number", r"(?:\d[\d,]*(?:\.\d+)?\s*[억만천백]+\s*)+(?:\d[\d,]*)?", _korean_number),
    (
        "number",
        r"(?i)(?P<n>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?:\s+(?P<scale>thousand|million)\b)?",
        _number,
    ),
)
"""Facts in figures and names of days, in the order in which they are looked for."""

IN_WORDS: tuple[tuple[Kind, str, Reader], ...] = (
    ("url", r"(?<![\w.@/-])[a-z0-9-]{2,}\.[a-z]{2,4}(?![\w/@]|\.\w)", _text),
    (
        "days",
        r"(?i)평일|주중|주말|매일|날마다|연중무휴|\bweeknights?\b|\beach day\b"
        r"|\bweekdays?\b|\bweekends?\b|\bdaily\b|\bevery ?day\b|\b7 days a week\b",
        _day_group,
    ),
    (
        "half",
        r"(?i)오전|오후|새벽|(?:아침|저녁)(?=에|마다|부터|까지|\s?시간|\s\d)|(?<![가-힣])밤(?![가-힣]{2})"
        r"|\bmornings?\b|\bafternoons?\b|\bevenings?\b|\b[ap]\.?m\b",
        _part_of_day,
    ),
    (
        "number",
        rf"무료|무상|공짜|(?:{_PRICES})[은는이가을를도만]?\s?(?:따로\s)?(?:없|안\s?[내받들]|내지\s않|받지\s않|들지\s않)",
        _free,
    ),
    (
        "number",
        r"(?i)(?<!feel )(?<!-)\bfree\b(?! (?:to|of(?! charge)|time|period)\b)"
        r"|\bno (?:\w+ )?(?:fees?|charges?|costs?)\b|\bwithout charge\b"
        r"|\b(?:do|does|need|have to|must)(?:n['’]t| not) (?:have to |need to )?pay\b",
        _free,
    ),
)
"""Facts without figures: names of files, groups of days, the half of the day, what costs nothing."""
