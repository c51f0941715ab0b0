"""The facts in a text: numbers with what they count, dates, times, weekdays, phones, addresses.

Two languages of one entry must share them, and a generated text may state no other. Between languages
a number said as a word (`두 번`, `twice`) can excuse a missing one but never raises an alarm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

from schoolhelper.sheet.english_numbers import english_in_figures
from schoolhelper.sheet.fact_patterns import IN_WORDS, WRITTEN, Kind, Reader, Value
from schoolhelper.sheet.korean_numbers import korean_in_figures
from schoolhelper.sheet.units import ORDINAL, unit_after, unit_before

_RANGE = re.compile(r"\s*(?:\([^)]*\))?\s*(?:부터|에서|[~∼–-]|to|through|until|till|and)?\s*")
_LIST = re.compile(r"(?:\s|[~∼–,·/&-]|부터|에서|및|와|과|이?나|또는|혹은|or|and|to)+")
_KOREAN_HALF = re.compile("오전|오후|아침|저녁|새벽|밤|낮")
_HALF = re.compile(rf"{_KOREAN_HALF.pattern}|\d\s?[ap]\.?m\b|morning|afternoon|evening|night")
_SCHOOL_HOUR = 7
_DAY_FIRST = re.compile(r"\d{1,2}(?:st|nd|rd|th)?\s(?:of\s)?[A-Z][a-z]{2}")
_DAY_LIST = re.compile(r"(?:\s|\([^)]*\)|일|부터|에서|와|과|및|[~∼–,·-]|to|through|until|and)+")

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
_BEFORE_COUNTERS = {1: "한", 2: "두", 3: "세", 4: "네"}
_COUNTERS = r"\s?(?:번|개|명|시|주|달|장|권|부|곳|가지|과목|학기|층|분|차례|사람|대|회|끼|반|줄|단계)"


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact in a form that does not depend on the language; `shown` is how it was written.

    date: (year or 0, month, day or 0); time: (hour, minute, 1 if morning or afternoon is certain);
    weekday: the days, Monday is 0; half: am or pm. `unit` is what a number counts, see `units`.
    """

    kind: Kind
    value: Value
    shown: str = field(compare=False)
    unit: str = ""
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)

    @property
    def parts(self) -> tuple[int, ...]:
        """The value of a date, time or weekday."""
        return self.value if isinstance(self.value, tuple) else ()


def facts(text: str, *, words: bool = False) -> list[Fact]:
    """Every fact in `text`, in its order.

    With `words` also those said in words: `세 시 반`, `three days`, `평일`, `오전`, `무료`; `shown` then
    has figures for them.
    """
    if words:
        text = english_in_figures(korean_in_figures(text))
    found = list(_read(text, (*WRITTEN, *IN_WORDS) if words else WRITTEN))
    found = _days_of_months(text, _counted(text, sorted(found, key=lambda fact: fact.start)))
    return _clocks(text, found, _SCHOOL_HOUR if words else 10)


def _read(text: str, readers: tuple[tuple[Kind, str, Reader], ...]) -> Iterator[Fact]:
    rest = text
    for kind, pattern, read in readers:
        for match in re.finditer(pattern, rest):
            for value in read(match):
                if value is not None:
                    rest = rest[: match.start()] + "\0" * len(match[0]) + rest[match.end() :]
                    yield Fact(kind, value, match[0].strip(), start=match.start(), end=match.end())


def _counted(text: str, found: list[Fact]) -> list[Fact]:
    """The numbers with their units, which lists share: `rooms 301 and 302`, `1·2학년`."""
    named_before: set[int] = set()
    for place, fact in enumerate(found):
        if fact.kind != "number":
            continue
        unit = unit_before(text, fact.start)
        previous = found[place - 1] if place else None
        if unit:
            named_before.add(fact.start)
        elif not re.search(r"\d", fact.shown):  # 무료
            unit = "won"
        else:
            unit = unit_after(text, fact.end)
            if not unit and previous and previous.start in named_before and _in_list(text, previous, fact):
                unit = previous.unit
                named_before.add(fact.start)
        found[place] = replace(fact, unit=unit)
    for place in range(len(found) - 2, -1, -1):
        fact, following = found[place : place + 2]
        if (
            fact.kind == following.kind == "number"
            and following.value
            and following.start not in named_before
        ):
            alone = not fact.unit or ORDINAL.match(text, fact.end)
            unit = following.unit if alone and _in_list(text, fact, following) else fact.unit
            found[place] = replace(fact, unit=unit)
    return found


def _in_list(text: str, one: Fact, next_one: Fact) -> bool:
    ordinal = ORDINAL.match(text, one.end)
    return bool(_LIST.fullmatch(text, ordinal.end() if ordinal else one.end, next_one.start))


def _days_of_months(text: str, found: list[Fact]) -> list[Fact]:
    """`4월 27일부터 30일까지`, `April 27 to 30` and `27–30 April` state two dates."""
    for place in range(1, len(found)):
        first, fact = found[place - 1 : place + 1]
        if _is_day(first) and _DAY_FIRST.match(fact.shown) and _RANGE.fullmatch(text, first.end, fact.start):
            found[place - 1] = replace(first, kind="date", value=(*fact.parts[:2], int(first.shown)))
        if first.kind != "date" or not first.parts[2] or not _DAY_LIST.fullmatch(text, first.end, fact.start):
            continue
        year, month, _ = first.parts
        if _is_day(fact):
            found[place] = replace(fact, kind="date", value=(year, month, int(fact.shown)), unit="")
        elif fact.kind == "date" and not fact.parts[0] and fact.parts[1] >= month:
            found[place] = replace(fact, value=(year, *fact.parts[1:]))
        elif fact.kind == "date" and fact.parts[0] and not year:
            its_year = fact.parts[0] - (month > fact.parts[1])
            found[place - 1] = replace(first, value=(its_year, *first.parts[1:]))
    return found


def _is_day(fact: Fact) -> bool:
    """Whether a number may be the day of a month named beside it."""
    plain = fact.kind == "number" and fact.unit in ("", "date", "day or date") and fact.shown.isdigit()
    return plain and 1 <= int(fact.shown) <= 31


def _clocks(text: str, found: list[Fact], surest: int) -> list[Fact]:
    """Morning or afternoon where the text makes it certain: `오후 2시부터 4시`, `9:00~17:00`, `10:30`.

    Where it names neither, hours from `surest` to 12 are read as on the 24-hour clock.
    """
    if not _HALF.search(text):
        times = [fact for fact in found if fact.kind == "time"]
        whole_day = any(":" in time.shown and _hour_is_sure(time) for time in times)
        plain = [time for time in times if surest < 10 or re.fullmatch(r"\d+:\d+", time.shown)]
        sure = [time for time in plain if surest <= time.parts[0] <= 12 or (whole_day and ":" in time.shown)]
        found = [_at(fact, fact.parts[0]) if fact in sure else fact for fact in found]
    for place in range(1, len(found)):
        before, after = found[place - 1 : place + 1]
        if not before.kind == after.kind == "time" or not _RANGE.fullmatch(text, before.end, after.start):
            continue
        if _hour_is_sure(before) and not _hour_is_sure(after):
            later = [hour for hour in _hours(after, before) if (hour, after.parts[1]) > before.parts[:2]]
            found[place] = _at(after, min(later)) if later else after
        elif _hour_is_sure(after) and not _hour_is_sure(before) and not _KOREAN_HALF.search(after.shown):
            earlier = [hour for hour in _hours(before, after) if (hour, before.parts[1]) < after.parts[:2]]
            found[place - 1] = _at(before, max(earlier)) if earlier else before
    return found


def _hour_is_sure(time: Fact) -> bool:
    return bool(time.parts[2])


def _hours(time: Fact, beside: Fact) -> tuple[int, ...]:
    """The hours a time may mean; beside one on the 24-hour clock it is on that too."""
    if re.fullmatch(r"[\d:시분반\s–~-]+", beside.shown):
        return (time.parts[0],)
    return time.parts[0] % 12, time.parts[0] % 12 + 12


def _at(time: Fact, hour: int) -> Fact:
    return replace(time, value=(hour, time.parts[1], 1))


@lru_cache(maxsize=1 << 17)  # a saved sheet is checked whole again
def differences(one: str, other: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The facts that only `one` states and those that only `other` does, as they are written there."""
    mine, yours = facts(one), facts(other)
    return _missing(mine, yours, other), _missing(yours, mine, one)


def _missing(wanted: list[Fact], given: list[Fact], text: str) -> tuple[str, ...]:
    same_days = _days(wanted) == _days(given)
    missing = (
        fact.shown
        for fact in wanted
        if not (fact.kind == "weekday" and same_days) and not _stated(fact, given, text)
    )
    return tuple(dict.fromkeys(missing))


def _days(found: list[Fact]) -> set[int]:
    return {day for fact in found if fact.kind == "weekday" for day in fact.parts}


def _stated(fact: Fact, given: list[Fact], text: str) -> bool:
    """Whether the other text states `fact`, in whatever form."""
    same_kind = [other for other in given if other.kind == fact.kind]
    numbers = {other.value for other in given if other.kind == "number"}
    if any(other.value == fact.value for other in same_kind):
        return True
    if fact.kind == "weekday":  # where there is no same kind, it may say 평일
        return not same_kind or set(fact.parts) <= _days([day for day in same_kind if len(day.parts) == 1])
    if fact.kind == "number" and isinstance(fact.value, float):
        hours = {other.parts[0] % 12 for other in given if other.kind == "time"}
        parts = {part for other in given if other.kind != "weekday" for part in other.parts}
        return fact.value in parts | hours or _in_words(fact.value, text)
    if fact.kind == "date":
        year, month, day = fact.parts
        near = any(m == month and d == day and 0 in (y, year) for y, m, d in (o.parts for o in same_kind))
        months = {other.parts[1] for other in same_kind} | numbers
        return near or (month in months and (not day or day in numbers))
    if fact.kind == "time":
        hour, minute, sure = fact.parts
        near = any(
            m == minute and (h == hour if sure and other_sure else h % 12 == hour % 12)
            for h, m, other_sure in (other.parts for other in same_kind)
        )
        said = {hour, hour % 12 or 12}
        return near or (minute == 0 and (bool(said & numbers) or any(_in_words(h, text) for h in said)))
    return False


def _in_words(number: float, text: str) -> bool:
    counted = _BEFORE_COUNTERS.get(int(number)) if number == int(number) else None
    if counted and re.search(rf"(?<![가-힣]){counted}{_COUNTERS}", text):
        return True
    words = _WORDS.get(int(number) if number == int(number) else number)
    return bool(words and re.search(words, text, re.IGNORECASE))
