"""What the fingers meant: a message in the wrong keyboard layout, in initial consonants, in slang.

Character n-grams, the embedder and the judge forgive misspelt words and a missing space; what is mended
here they cannot see through.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache, partial

from schoolhelper.answer.distress import crisis
from schoolhelper.records import Entry
from schoolhelper.retrieve.lexical import morphemes, spaced, tagged

_NOISE = re.compile(  # the tilde of 3~5교시 is none
    r"\s*(?:(?<![ㄱ-ㅎㅏ-ㅣ])(?:[ㅋㅎㅠㅜ]+|ㅡ{2,})(?![ㄱ-ㅎㅏ-ㅣ])|\^\^+|;;+|[♡♥]+|~+(?=\W|$))"
)
_LATIN = re.compile(r"[A-Za-z]+")
_JAMO = re.compile(r"(?<![가-힣ㄱ-ㅎㅏ-ㅣ])[ㄱ-ㅎ]{2,}(?![ㄱ-ㅎㅏ-ㅣ])")

_LIKELY = -6.5
"""Kiwi's log probability a syllable from which a text reads as Korean. Of 600 real English words that
are whole syllables in the other layout (`theory`: 소대교) one reaches it, of Korean questions nearly all."""

_CROWDED = 5
"""Syllables a word beyond which a message was written without spaces."""

_INITIALS = {"ㅇㄷ": "어디", "ㅇㅈ": "언제", "ㄴㄱ": "누구", "ㄱㄴ": "가능", "ㅂㄱㄴ": "불가능"}
"""Initial consonants that mean one word in a question, whatever the school."""

_CHAT = {"ㄱㅅ", "ㅈㅅ", "ㅎㅇ", "ㅂㅂ", "ㅂㅇ", "ㅅㄱ", "ㅇㅋ", "ㅇㅇ", "ㄴㄴ", "ㄱㄱ", "ㄹㅇ", "ㅁㄹ"}
"""Initial consonants of everyday chat (`ㄱㅅ`: thanks), never a word of the sheet."""

_PARTICLES = {"은": "은/는", "는": "은/는", "이": "이/가", "가": "이/가", "을": "을/를", "를": "을/를"}

_SLANG = tuple(
    (re.compile(rf"(?:{pattern})(?P<particle>[{''.join(_PARTICLES)}](?![가-힣]))?"), plain)
    for pattern, plain in (
        (r"어케|어캐|어뜨케|어뜩해|우째", "어떻게 "),
        (r"어캄", "어떡함"),
        (r"어카(?=[지죠나냐])", "어떡하"),
        (r"어[딨딧딛]", "어디 있"),
        (r"(?:(?<![가-힣])|(?<=[이그저][거게건]))머(?=(?:임|야|에요|예요|죠|지|냐)(?:\W|$))", "뭐"),
        (r"담탱이?|(?<![가-힣])담쌤", "담임 선생님"),
        (r"쌤", "선생님"),
        (r"셤", "시험"),
        (r"(?<![가-힣])모고(?=\W|$|[는은를도]|언제|몇|성적|점수|날짜|일정|범위)", "모의고사"),
        (r"(?<![가-힣])중간(?=[은는]?\s?(?:언제|몇|며칠|날짜|일정|범위|기간|성적|점수))", "중간고사"),
        (r"(?<![가-힣])기말(?!\s?(?:과제|평가|보고서))(?=[\s?은이도에때언몇날일범기성점끝]|$)", "기말고사"),
        (
            r"(?<![가-힣])수행(?=[은도이을]?\s?(?:언제|몇|며칠|뭐|범위|점수|일정|안내|날짜|못|빠지|$))",
            "수행평가",
        ),
        (r"(?<![가-힣])생기부(?!금)", "학교생활기록부"),
        (r"(?<![가-힣])세특(?!별)", "세부능력 및 특기사항"),
        (r"(?<![가-힣])자소서", "자기소개서"),
        (r"학폭(?!위)", "학교폭력"),
        (r"(?<![가-힣])야자(?!수|타임)", "야간자율학습"),
        (r"(?<![가-힣])여방", "여름방학"),
        (r"(?<![가-힣])겨방", "겨울방학"),
        (r"(?<![가-힣])동방(?=\W|$|[은이에]|어디)", "동아리방"),
        (r"(?<![가-힣])컴실", "컴퓨터실"),
        (r"(?<![가-힣])컴싸", "컴퓨터용 사인펜"),
        (r"양호실", "보건실"),
        (r"비번(?!호)", "비밀번호"),
        (r"(?<![가-힣])와[파퐈]", "와이파이"),
        (r"(?<![가-힣])폰(?!트|드)", "휴대폰"),
    )
)


def vocabulary(entries: Iterable[Entry]) -> Counter[str]:
    """The nouns of a sheet, with the number of wordings that use each."""
    wordings = (question.text for entry in entries for question in entry.questions)
    return Counter(noun for wording in wordings for noun in _nouns(wording))


def as_meant(message: str, words: Mapping[str, int]) -> str:
    """The message in plain letters and words; `words` are the sheet's (see `vocabulary`).

    The wrong keyboard layout (`ehtjrhks` for 도서관) is read only where Korean comes out, initial
    consonants (`ㄷㅅㄱ`) only where they are those of one word of the sheet.
    """
    message = unicodedata.normalize("NFC", message)
    if _LATIN.search(message):
        message = _from_latin_layout(message, words)
    message = _without_noise(message) or message
    message = _JAMO.sub(lambda match: _from_initials(match[0], words), message)
    for pattern, plain in _SLANG:
        message = pattern.sub(partial(_plain, plain), message)
    return " ".join(message.split())


def respaced(message: str) -> str:
    """The message with spaces where it was written without them, for searching and judging.

    Kiwi cuts names too, so what looks for names reads the message as it stands.
    """
    crowded = len(re.findall("[가-힣]", message)) > _CROWDED * len(message.split())
    return spaced(message) if crowded else message


def _without_noise(message: str) -> str:
    """Laughing, crying and drawn-out marks left out: 뭐야ㅠㅠ? is 뭐야?"""
    return _NOISE.sub(lambda noise: "" if noise.string[noise.end() :][:1] in "?!.," else " ", message).strip()


def _plain(word: str, slang: re.Match[str]) -> str:
    """The word, its particle in the form that it asks for: 비번은, but 비밀번호는."""
    from hangulpy import josa

    return josa(word, _PARTICLES[slang["particle"]]) if slang["particle"] else word


@lru_cache(maxsize=1 << 17)  # a changed sheet shares nearly all of them
def _nouns(wording: str) -> frozenset[str]:
    """Every noun, and those that are written together (급식 + 실) as one, too."""
    found: set[str] = set()
    whole, end = "", -1
    for token in tagged(wording):
        if token.tag.startswith(("NN", "XSN")):
            whole = whole + token.form if token.start == end else token.form
            end = token.end
            found |= {token.form, whole}
    return frozenset(found)


def _from_latin_layout(message: str, words: Mapping[str, int]) -> str:
    """The message as the Korean layout would have written it, where that makes sense."""
    readings = _typed_in_korean(message)
    for reading in readings:
        if crisis(reading) and not crisis(message):
            return reading
    if re.search("[가-힣]", message):
        return _LATIN.sub(lambda match: _known_word(match[0], words), message)
    sensible = [reading for reading in readings if _is_korean(reading, words)]
    return max(sensible, key=_likelihood, default=message)


def _typed_in_korean(message: str) -> list[str]:
    """What the same keys write in the Korean layout: as they stand, and with caps lock taken back."""
    from hangulpy import convert_qwerty_to_hangul

    return [
        _LATIN.sub(lambda match: convert_qwerty_to_hangul(match[0]), each)
        for each in (message, message.swapcase())
    ]


def _known_word(typed: str, words: Mapping[str, int]) -> str:
    """A word within a Korean message: read only if the sheet has it."""
    readings = _typed_in_korean(typed)
    return next((each for each in readings if re.fullmatch("[가-힣]{2,}", each) and each in words), typed)


def _is_korean(reading: str, words: Mapping[str, int]) -> bool:
    plain = _without_noise(reading)
    if re.search("[ㄱ-ㅎㅏ-ㅣ]", plain):
        return False
    known = any(
        re.fullmatch("[가-힣]{2,}", word) and (word in words or word in _INITIALS.values())
        for word in morphemes(plain)
    )
    return known or (len(re.findall("[가-힣]", plain)) > 2 and _likelihood(plain) > _LIKELY)


def _likelihood(text: str) -> float:
    """Kiwi's log probability a syllable."""
    korean = re.sub(r"[^가-힣 ]", " ", text)
    return float(sum(token.score for token in tagged(korean))) / max(1, len(korean.replace(" ", "")))


def _from_initials(initials: str, words: Mapping[str, int]) -> str:
    """The one word they stand for; among several, one that is used twice as often as the next."""
    from hangulpy import get_chosung_string

    if initials in _CHAT:
        return initials
    if initials in _INITIALS:
        return _INITIALS[initials]
    alike = [word for word in words if len(word) == len(initials) and get_chosung_string(word) == initials]
    first, second, *_ = (*sorted(alike, key=lambda word: -words[word]), initials, initials)
    return first if words.get(first, 0) >= 2 * words.get(second, 0) else initials
