"""English numbers and times said in words, rewritten in figures: `half past two`, `twenty minutes`.

`one`, `first` and `second` are numbers only beside what is counted or numbered, so that `this one`,
`first, ask` and `a second time` differ.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_NUMBERS = {
    **{word: n for n, word in enumerate(_SMALL)},
    **{word: 10 * n for n, word in enumerate(_TENS, 2)},
    "hundred": 100, "thousand": 1000, "million": 1_000_000,
}  # fmt: skip
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fifth": 5, "eighth": 8, "ninth": 9, "twelfth": 12,
    **{f"{word}th": n for n, word in enumerate(_SMALL) if n in (4, 6, 7, 10, 11) or n > 12},
    "twentieth": 20, "thirtieth": 30,
}  # fmt: skip
_WORD = "(?:" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + ")"
_ORDINAL = "(?:" + "|".join(sorted(_ORDINALS, key=len, reverse=True)) + ")"
_COUNTED = (
    r"(?:hours?|minutes?|seconds?|days?|weeks?|months?|years?|times?|floors?|stor(?:e?y|ies)|rooms?|grades?|graders?"
    r"|periods?|semesters?|terms?|exams?|exits?|class(?:es)?|won|percent|people|persons?|students?|teachers?|books?"
    r"|subjects?|points?|devices?|cop(?:y|ies)|sheets?|pages?|meals?|sets?|places?|kinds?|types?|items?|pieces?|rounds?)"
)
_NUMBERED = (
    r"(?:rooms?|floors?|grades?|periods?|semesters?|exits?|exams?|class|bus|line|number|page|week|level)"
)
_MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_IS_ONE = rf"(?:[\s-](?:\w+[\s-])?{_COUNTED}\b|[\s-]{_WORD}\b|\s?o['’]clock|\s?[ap]\.?m\b)"
_FIRST = rf"(?:(?<=a )|(?!hundred|thousand|million)){_WORD}"
_RUN = rf"{_FIRST}(?:(?:[\s-]|(?<=hundred)\sand\s|(?<=thousand)\sand\s){_WORD})*"


def english_in_figures(text: str) -> str:
    """`text` with its English number words in figures; what is no number stays as it is."""
    for pattern, figures in _REWRITES:
        text = re.sub(pattern, figures, text, flags=re.IGNORECASE)
    return text


def _cardinal(match: re.Match[str]) -> str:
    """A number, a run of single digits, or a time said as `two thirty`."""
    values = [_NUMBERS[word] for word in re.findall("[a-z]+", match[0].lower()) if word in _NUMBERS]
    if len(values) > 2 and max(values) < 10:
        return "".join(map(str, values))
    minutes = sum(values[1:])
    if len(values) in (2, 3) and 0 < values[0] <= 12 and 10 <= values[1] < 60 and minutes < 60:
        return f"{values[0]}:{minutes:02}"
    total = group = 0
    for value in values:
        if value >= 1000:
            total, group = total + (group or 1) * value, 0
        else:
            group = (group or 1) * value if value == 100 else group + value
    return str(total + group)


def _ordinal(match: re.Match[str]) -> str:
    tens, _, last = re.sub(r"\s", "-", match[0].lower()).rpartition("-")
    number = _NUMBERS.get(tens, 0) + _ORDINALS[last]
    return f"{number}{'th' if 10 < number < 14 else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def _clock(match: re.Match[str]) -> str:
    """`half past two`, `quarter to nine`, `ten minutes past 3`."""
    said = match["minutes"].lower()
    words = re.findall(r"\d+|[a-z]+", said)
    minutes = 30 if "half" in said else 15 if "quarter" in said else sum(map(_value, words))
    hour = _value(match["hour"].lower())
    if hour > 12:
        return match[0]
    if match["side"].lower() not in ("past", "after"):
        hour, minutes = (hour - 1) or 12, 60 - minutes
    return f"{hour}:{minutes:02}"


def _value(word: str) -> int:
    return int(word) if word.isdigit() else _NUMBERS.get(word, 0)


def _named_day(match: re.Match[str]) -> str:
    return re.sub(rf"(?:(?:twenty|thirty)[- ])?{_ORDINAL}", _ordinal, match[0], flags=re.IGNORECASE)


_REWRITES: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (
        r"\b(?<!from )"
        r"(?P<minutes>half|(?:a )?quarter|(?:five|ten|twenty(?:-five)?)(?: minutes)?|\d\d? minutes) "
        rf"(?P<side>past|to) (?P<hour>\d{{1,2}}|{_WORD})\b(?!:\d|[\s-]{_COUNTED}\b)",
        _clock,
    ),
    (rf"\b(?P<minutes>(?:a )?quarter) (?P<side>after|of|before) (?P<hour>\d{{1,2}}|{_WORD})\b", _clock),
    (r"\bhalf an hour\b", lambda _: "30 minutes"),
    (r"\b(?:a )?quarter of an hour\b", lambda _: "15 minutes"),
    (r"\ban hour and a half\b", lambda _: "1 hour 30 minutes"),
    (r"\ba fortnight\b", lambda _: "2 weeks"),
    (r"\btwice\b", lambda _: "2 times"),
    (r"\bonce (?=(?:an?|per|every|each)\b)", lambda _: "1 time "),
    (r"\ba couple of\b", lambda _: "2"),
    (r"\ba dozen\b", lambda _: "12"),
    (
        r"\b(?P<before>within|in|for|after|about|takes?|lasts?) an? "
        r"(?P<unit>hour|day|week|month|year|semester|minute)\b",
        lambda match: f"{match['before']} 1 {match['unit']}",
    ),
    (
        r"(?<!one )\b(?P<before>at|by|until|till|from|before|after|around) one\b"
        r"(?! (?:of|another|time|who|that)\b)",
        lambda match: f"{match['before']} 1",
    ),
    (rf"\b(?P<before>{_NUMBERED}) one\b", lambda match: f"{match['before']} 1"),
    (rf"\b{_MONTH} (?:(?:twenty|thirty)[- ])?{_ORDINAL}\b", _named_day),
    (rf"\b(?:(?:twenty|thirty)[- ])?{_ORDINAL}(?= of {_MONTH}\b)", _ordinal),
    (rf"\b(?:(?:twenty|thirty)[- ])?{_ORDINAL}(?=[\s-](?:\w+[\s-])?{_COUNTED}\b)", _ordinal),
    (rf"\b(?:twenty|thirty)[- ]{_ORDINAL}\b", _ordinal),
    (rf"\b(?!first\b|second\b){_ORDINAL}\b", _ordinal),
    (rf"\b(?:a (?=(?:hundred|thousand|million)\b))?(?!one\b(?!{_IS_ONE})){_RUN}\b", _cardinal),
)
