"""The proper names in a text: rooms, buildings, people, organisations, services, in Korean and English.

A name is seen by its form: Kiwi's proper nouns, nouns that end as places and offices do, the word before
선생님, capitals inside a sentence, Latin letters inside Korean, what stands in quotation marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from schoolhelper.retrieve.lexical import tagged

_LINK = re.compile(
    r"(?:https?://|www\.)\S*[\w/]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?:[A-Za-z0-9-]+\.)+[a-z]{2,}(?:/[\w./-]*)?"
)
_QUOTED = re.compile(r"(?<![A-Za-z])['\"‘“「《<]([^'\"’”」》>\n]{2,40})['\"’”」》>](?![A-Za-z])")

_ENDING = re.compile(
    r".*(?:센터|클래스|포털|서비스|카페|캠퍼스|은행|병원|학원|구청|시청|군청|도청|교육청|경찰서|소방서|우체국|보건소|약국"
    r"|사무소|연구소|관리소|사무국|방송국|위원회|학생회|동아리방|회의방|대학|대학교|고등학교|중학교|초등학교|유치원|공원"
    r"|정류장|터미널|운동장|주차장|경기장|체육장|수영장|식당|강당|편의점|문구점|서점|분식점|기숙사|학사"
    r"|(?:식|관|습|사|학|험|육|활|술|의|정|숙|[A-Z])동|(?:교무|행정|학생|총무|사무|입학|기획|학사)처"
    r"|교장|교감|부장|실장|영양사|주무관|상담사|간호사|지킴이)|[가-힣A-Za-z]{2,}[관실부과홀역]|[본별신구동서남북전후]관|강당|식당|매점|서점|약국|로비|현관|옥상|[정후교동서남북쪽]문"
)
_COMMON = re.compile(
    r"(?:[가-힣]{2,})?(?:습관|기관|상관|보관|주관|연관|직관|사실|현실|확실|성실|충실|분실|과실|손실|결실|교실|대부분|대부|전부"
    r"|일부|내부|외부|여부|공부|납부|기부|첨부|당부|세부|기록부|출석부|장부|결과|성과|효과|통과|경과|초과|교과|일과|부과|지역|구역|영역"
    r"|통역|번역|전역|대역)"
)
_TITLES = ("선생", "교사", "교장", "교감", "부장", "실장", "회장", "반장", "주무관", "쌤")
_ANY_TEACHER = {"담당", "해당", "학교", "학생", "반", "과목"}
_NOUN = ("NNG", "NNP", "XSN", "XPN", "SL", "SN", "NR")

_HEADS_ALONE = {
    "library", "gym", "gymnasium", "cafeteria", "dormitory", "auditorium", "lobby", "playground",
    "annex", "librarian", "principal", "nurse", "counsellor", "counselor", "hospital", "pharmacy",
    "infirmary", "bookstore",
}  # fmt: skip
_HEADS = {
    "room", "building", "hall", "office", "department", "center", "centre", "gate", "store", "shop",
    "station", "committee", "teacher", "field", "lab", "laboratory", "lot", "court", "portal",
    "service", "desk",
}  # fmt: skip
_NO_MODIFIER = {
    "a", "an", "the", "this", "that", "these", "those", "your", "our", "their", "its", "his", "her",
    "my", "each", "every", "any", "some", "no", "same", "other", "another", "which", "what", "of", "in",
    "at", "to", "from", "by", "on", "near", "for", "with", "and", "or", "is", "are", "be", "right",
    "correct", "next", "nearby", "ask", "visit", "see", "tell", "use", "more", "all", "both",
    "two", "three", "also", "please", "find", "enter",
}  # fmt: skip
_COMMON_CAPITALS = {
    "i", "i'm", "i'll", "ok", "okay", "am", "pm", "korean", "english", "korea",
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "mon", "tue", "tues",
    "wed", "thu", "thur", "thurs", "fri", "sat", "sun", "january", "february", "march", "april", "may",
    "june", "july", "august", "september", "october", "november", "december", "jan", "feb", "mar",
    "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "krw",
}  # fmt: skip
_UNIT_LETTERS = {"am", "pm", "a.m", "p.m", "cm", "mm", "km", "kg", "gb", "mb", "krw"}
_WORD = re.compile(r"(?<![A-Za-z0-9])[A-Za-z](?:[A-Za-z0-9'’-]*[A-Za-z0-9])?")


@lru_cache(maxsize=20_000)
def names(text: str) -> frozenset[str]:
    """The names in `text`, as they are written there."""
    text = _LINK.sub(" ", text)
    korean = bool(re.search("[가-힣]", text))
    quoted = {match[1].strip(" .,") for match in _QUOTED.finditer(text)}
    return frozenset({*quoted, *(_korean(text) if korean else ()), *_latin(text, korean)})


class Mentioned:
    """What some texts mention, whatever the spaces, the case and the plural."""

    def __init__(self, texts: Iterable[str]) -> None:
        whole = "\n".join(texts)
        self._squeezed = _squeezed(whole)
        self._words = _words(whole)

    def __contains__(self, name: str) -> bool:
        return (
            _squeezed(name) in self._squeezed if re.search("[가-힣]", name) else _words(name) in self._words
        )


def _squeezed(text: str) -> str:
    return re.sub(r"[^0-9a-z가-힣\n]", "", text.lower())


def _words(text: str) -> str:
    """Its words in lower case and the singular, each between spaces."""
    return f" {' '.join(word.removesuffix('s') for word in re.findall('[0-9a-z]+', text.lower()))} "


class Vocabulary:
    """The names of a whole sheet, found wherever they begin a word, however Kiwi would read them.

    A capitalised word that the sheet also writes small is no name, nor is a short word that is not a
    place, such as 사서.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        small = {word for text in texts for word in re.findall(r"\b[a-z]+\b", text)}
        found = {name for text in texts for name in names(text)}
        korean = {name for name in found if re.fullmatch("[가-힣]+", name)}
        self._korean = {name for name in korean if len(name) > 2 or _is_name(name)}
        self._latin = {name for name in found if name[0].isupper() and name.lower() not in small}

    def found_in(self, text: str) -> Iterator[str]:
        for word in re.findall("[가-힣]+", text):
            yield from (word[:end] for end in range(2, len(word) + 1) if word[:end] in self._korean)
        yield from self._latin & {match[0] for match in _WORD.finditer(_LINK.sub(" ", text))}


def _korean(text: str) -> Iterator[str]:
    """Proper nouns, nouns with a name's ending, and who is called 선생님."""
    tokens = tagged(text)
    for first, end in _noun_runs(tokens):
        run, after = tokens[first:end], tokens[end] if end < len(tokens) else None
        begin = re.search("[가-힣]*$", text[: run[0].start])  # Kiwi may read a name's beginning as a verb
        said = text[begin.start() if begin else 0 : run[-1].end].removesuffix("으")
        verb = after and after.tag.startswith(("XSV", "XSA")) and after.start == run[-1].end
        if not verb and (any(token.tag == "NNP" for token in run) or _is_name(said)):
            yield said
        title = next((token for token in (*run[1:], after) if token and token.form in _TITLES), None)
        titled = text[run[0].start : min(run[-1].end, title.start)] if title and title.tag == "NNG" else ""
        if titled and titled not in _ANY_TEACHER:
            yield titled


def _noun_runs(tokens: Sequence[Any]) -> Iterator[tuple[int, int]]:
    """The first and the last place, exclusive, of nouns that touch one another."""
    first = 0
    while first < len(tokens):
        end = first
        while end < len(tokens) and tokens[end].tag in _NOUN:
            if end > first and tokens[end - 1].end != tokens[end].start:
                break
            end += 1
        if end > first:
            yield first, end
        first = max(end, first + 1)


def _is_name(noun: str) -> bool:
    return bool(_ENDING.fullmatch(noun) and not _COMMON.fullmatch(noun))


def _latin(text: str, korean: bool) -> Iterator[str]:
    words = list(_WORD.finditer(text))
    for place, match in enumerate(words):
        word = match[0].removesuffix("'s").removesuffix("’s")
        form = word.lower()
        if korean:
            if len(word) > 1 and form not in _UNIT_LETTERS:
                yield word
            continue
        capital = word[0].isupper() and form.removesuffix("s") not in _COMMON_CAPITALS
        if capital and (not _begins(text, match.start()) or re.match("[A-Z]{2}", word)):
            yield word
        head = form.removesuffix("s")
        if head in _HEADS_ALONE:
            yield word
        elif head in _HEADS and place:
            before = words[place - 1]
            adjacent = text[before.end() : match.start()] in (" ", "-")
            numbered = word == match[0] and re.match(r"\s\d\d", text[match.end() :])
            if adjacent and not numbered and before[0].lower() not in _NO_MODIFIER:
                yield f"{before[0]} {word}"


def _begins(text: str, start: int) -> bool:
    """Whether a sentence begins here."""
    before = text[:start]
    titled = re.search(r"\b(?:Mr|Mrs|Ms|Dr)\.\s$", before)
    return not titled and bool(re.search(r"(?:^|[.!?:;\n])\s*['\"‘“(]?$", before))
