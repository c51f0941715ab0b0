"""What a number counts or numbers, named alike in Korean and English: `3층`, `floor 3`, `the 3rd floor`."""

from __future__ import annotations

import re

from schoolhelper.sheet.korean_numbers import WORD_END

# unit: (Korean, after the number, between spaces; English, after it; English, before it)
_UNITS: dict[str, tuple[str, str, str]] = {
    "exit": (r"번\s?출구", "exits?", "exits?"),
    "line": ("호선", "", "lines?"),
    "room": ("호실 호", "", r"rooms?|rm\.?"),
    "basement": ("", "basement(?: floors?| levels?)?", "지하|basement(?: floors?| levels?)?"),
    "floor": ("층", "floors?|stor(?:e?ys?|ies)", "floors?"),
    "period": ("교시", "periods?", "periods?"),
    "school year": ("학년도", "(?:school|academic) years?", ""),
    "grades": (r"개\s?학년", "grades", ""),
    "grade": ("학년", "grade|graders?", "grades?"),
    "classes": (r"개\s?반 학급", "classes", ""),
    "class": ("반", "class", "class"),
    "semesters": (r"개\s?학기", "semesters|terms", ""),
    "semester": ("학기", "semester|term", "semesters?|terms?"),
    "won": ("원어치 원", "won|krw", "₩|￦|krw"),
    "percent": ("% 퍼센트 프로(?!그)", "percent|per cent", ""),
    "minute": ("분(?!의)", "minutes?|mins?", ""),
    "hour": ("시간", "hours?|hrs?", ""),
    "second": ("초", "seconds?|secs?", ""),
    "day": (r"일(?=간|\s?(?:동안|안에|내로|이내|전|후|뒤|만에|이상|이하|더|씩|넘|걸)|이\s걸)", "days?", ""),
    "day or date": ("일(?=입니다|이에요|이[고며]|이라|인데)", "", ""),
    "date": ("일", "", ""),
    "nth week": ("주차", "", "week"),
    "week": ("주일 주간 주", "weeks?", ""),
    "month": ("개월 달", "months?", ""),
    "age": ("세 살", "years old|year[- ]olds?", "ages?|aged"),
    "level": ("급", "", "levels?"),
    "year": ("년", "years?", ""),
    "order": ("번째 째", "", ""),
    "number": ("번 회 차례", "times?", r"number|no\.|bus(?:es)?|gates?|counters?"),
    "person": (
        "명 사람 인(?=실|용|당)",
        "people|persons?|students?|pupils?|teachers?|members?|participants?|users?",
        "",
    ),
    "item": ("개", "items?|pieces?", ""),
    "book": ("권", "books?|volumes?", ""),
    "device": ("대", "devices?|computers?|vehicles?|cars?|machines?", ""),
    "subject": ("과목", "subjects?", ""),
    "page": ("쪽 페이지", "pages?", "pages?"),
    "sheet": ("장 매 부(?!터)", "sheets?|cop(?:y|ies)", ""),
    "credit": ("학점", "credits?", ""),
    "point": ("점", "points?", ""),
    "set": ("벌 세트", "sets?", ""),
    "meal": ("끼", "meals?", ""),
    "place": ("곳 군데", "places?", ""),
    "seat": ("석 자리", "seats?", ""),
    "kind": ("가지 종류 종", "kinds?|types?", ""),
    "lesson": ("차시", "lessons?", "lessons?"),
    "round": ("차", "rounds?", "exam|rounds?"),
    "question": ("문항 문제", "questions?", "questions?"),
    "step": ("단계", "steps?|stages?", "steps?|stages?"),
    "rank": ("위", "", ""),
    "team": ("팀 조 모둠", "teams?", "teams?"),
    "row": ("줄", "rows?", "rows?"),
    "block": ("동", "", "block"),
    "hall": ("관", "", "hall"),
    "times as much": ("배", "", ""),
    "stop": ("정거장 정류장", "stops?", ""),
    "case": ("건", "cases?", ""),
    "address": ("번지", "", ""),
    "kg": ("kg 킬로그램", "kg|kilograms?", ""),
    "km": ("km 킬로미터", "km|kilomet(?:er|re)s?", ""),
    "cm": ("cm 센티미터", "cm|centimet(?:er|re)s?", ""),
    "m": ("m 미터", "m|met(?:er|re)s?", ""),
    "degree": ("℃ °C", "degrees?", ""),
    "GB": ("GB 기가", "gb|gigabytes?", ""),
    "MB": ("MB 메가", "mb|megabytes?", ""),
}
_KOREAN = {form: unit for unit, (korean, _, _) in _UNITS.items() for form in korean.split()}
_BY_LENGTH = sorted(_KOREAN, key=len, reverse=True)
_AFTER_KOREAN = [
    (re.compile(rf"(?:{form}|\s(?:{form}){WORD_END})(?![A-Za-z])"), _KOREAN[form]) for form in _BY_LENGTH
]
_AFTER_ENGLISH = [(re.compile(english), unit) for unit, (_, english, _) in _UNITS.items() if english]
_BEFORE = re.compile(
    r"(?:^|(?<![A-Za-z]))(?:"
    + "|".join(f"(?P<u{n}>{before})" for n, (_, _, before) in enumerate(_UNITS.values()) if before)
    + r")\s?(?:no\.?\s?|number\s|#)?$",
    re.IGNORECASE,
)
ORDINAL = re.compile("st|nd|rd|th")
"""What makes a figure an English ordinal."""

_WORDS_AFTER = re.compile(r"[\s-]*([A-Za-z]+)(?:[\s-]+([A-Za-z]+))?")
_NAMES = tuple(_UNITS)
_NO_ADJECTIVE = {
    "a", "an", "and", "are", "as", "at", "be", "before", "after", "by", "can", "each", "every",
    "for", "from", "if", "in", "into", "is", "it", "of", "on", "or", "per", "please", "than",
    "that", "the", "then", "to", "until", "was", "were", "when", "where", "who", "will", "with",
    "within", "you", "your",
}  # fmt: skip


def unit_before(text: str, start: int) -> str:
    """The English unit named right before a number: `floor 3`, `rooms 301`; or nothing."""
    found = _BEFORE.search(text, max(0, start - 20), start)
    return _NAMES[int(next(name for name, value in found.groupdict().items() if value)[1:])] if found else ""


def unit_after(text: str, end: int) -> str:
    """The unit right after a number: `3층`, `3rd floor`, `2 penalty points`; or nothing."""
    for pattern, unit in _AFTER_KOREAN:
        if pattern.match(text, end):
            return unit
    ordinal = ORDINAL.match(text, end)
    words = _WORDS_AFTER.match(text, ordinal.end() if ordinal else end)
    if words:
        first, second = words[1].lower(), (words[2] or "").lower()
        for said in (f"{first} {second}", first, "" if first in _NO_ADJECTIVE else second):
            for pattern, unit in _AFTER_ENGLISH if said else ():
                if pattern.fullmatch(said):
                    return unit
    return "date" if ordinal else ""
