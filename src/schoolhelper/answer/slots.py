"""A generated text may state only what the cited entries state."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from schoolhelper.answer.names import Mentioned, Vocabulary, names
from schoolhelper.records import Entry
from schoolhelper.sheet.facts import Fact, facts

_IN_DAYS = {"week": 7, "day": 1}
_IN_MINUTES = {"hour": 60, "minute": 1}


class SlotCheck:
    """Finds what a generated text states beyond the entries it cites.

    `entries` are the whole sheet, whose names are known wherever they stand; `always` are names that
    need no citation, such as the school's own.
    """

    def __init__(self, entries: Sequence[Entry], always: Sequence[str] = ()) -> None:
        self.entries = entries
        self.always = always

    def unsupported(self, generated: str, cited: Sequence[Entry]) -> list[str]:
        """What `generated` states and no cited entry does, in the order facts, names.

        A number counts as stated only with the same unit, a time only in the same half of the day, a
        range of days only as the same range; a doubtful one is reported, since the verified text is
        always at hand. Facts must stand in an answer of a cited entry, in either language; names may
        also stand in its wordings. Numbers said in words are shown in figures.
        """
        answers = [answer for entry in cited for answer in entry.answers.values()]
        stated = Stated(tuple(fact for answer in answers for fact in facts_of(answer)))
        wrong = [fact.shown for fact in facts_of(generated) if not stated.has(fact)]
        wordings = (question.text for entry in cited for question in entry.questions)
        mentioned = Mentioned((*answers, *wordings, *self.always))
        said = {*names(generated), *self._vocabulary.found_in(generated)}
        return wrong + sorted(name for name in said if name not in mentioned)

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        return Vocabulary([answer for entry in self.entries for answer in entry.answers.values()])


@dataclass(frozen=True)
class Stated:
    """The facts of the cited answers, and whether they cover another."""

    facts: tuple[Fact, ...]

    def has(self, fact: Fact) -> bool:
        """Whether `fact` is stated, perhaps in another form."""
        same = [other for other in self.facts if other.kind == fact.kind]
        if fact.kind == "number":
            return self._has_number(fact)
        if fact.kind == "date":
            return any(_same_date(fact.parts, other.parts) for other in same)
        if fact.kind == "time":
            return any(_same_time(fact.parts, other.parts) for other in same)
        if fact.kind in ("weekday", "days"):
            return self._has_days(fact)
        if fact.kind == "half":
            hours = (other.parts[0] for other in self.facts if other.kind == "time" and other.parts[2])
            return fact in same or fact.value in {"am" if hour % 24 < 12 else "pm" for hour in hours}
        return fact in same

    def _has_number(self, fact: Fact) -> bool:
        dates = [other.parts for other in self.facts if other.kind == "date"]
        stated = {
            *(form for other in self.facts if other.kind == "number" for form in _counted(other)),
            *((day, "date") for _, _, day in dates),
            *((year, "year") for year, _, _ in dates),
        }
        return not stated.isdisjoint(_counted(fact))

    def _has_days(self, fact: Fact) -> bool:
        """A day must be named, alone or at the end of a range; several days be said to be just these."""
        named = [other.parts for other in self.facts if other.kind == "weekday"]
        groups = [other.parts for other in self.facts if other.kind == "days"]
        if len(fact.parts) == 1:
            return fact.parts[0] in {day for days in named for day in (days[0], days[-1])}
        singles = {days[0] for days in named if len(days) == 1}
        return set(fact.parts) in [singles, *map(set, named), *map(set, groups)]


def _counted(fact: Fact) -> set[tuple[float, str]]:
    """What a number may count; durations in days or minutes, so that `1시간` is `60분`."""
    value, unit = float(fact.value if isinstance(fact.value, float) else 0), fact.unit
    if unit in _IN_DAYS:
        return {(value * _IN_DAYS[unit], "day")}
    if unit in _IN_MINUTES:
        return {(value * _IN_MINUTES[unit], "minute")}
    if unit == "day or date":
        return {(value, "day"), (value, "date")}
    if not unit and re.fullmatch(r"(?:19|20)\d\d", fact.shown):
        return {(value, "year")}
    return {(value, unit)}


def _same_date(said: Sequence[int], stated: Sequence[int]) -> bool:
    (year, month, day), (its_year, its_month, its_day) = said, stated
    return month == its_month and year in (0, its_year) and day in (0, its_day)


def _same_time(said: Sequence[int], stated: Sequence[int]) -> bool:
    (hour, minute, sure), (its_hour, its_minute, its_sure) = said, stated
    if minute != its_minute:
        return False
    if sure:
        return bool(its_sure) and hour % 24 == its_hour % 24
    return hour % 12 == its_hour % 12


@lru_cache(maxsize=20_000)
def facts_of(text: str) -> tuple[Fact, ...]:
    """The facts of a text, number words read as well."""
    return tuple(facts(text, words=True))
