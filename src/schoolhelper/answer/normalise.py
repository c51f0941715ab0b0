"""What the fingers meant: a message in the wrong keyboard layout, in initial consonants, in slang.

Character n-grams, the embedder and the judge forgive spelling and spacing; what is mended here they
cannot see through.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from schoolhelper.records import Entry
from schoolhelper.retrieve.lexical import morphemes

_NOISE = re.compile(r"[ㅋㅎㅠㅜ]{2,}|\^\^+|[~♡♥]+|(?<=[가-힣])[ㅋㅎㅠㅜ](?=\W|$)")
_LATIN = re.compile(r"[A-Za-z]+")
_JAMO = re.compile(r"(?<![가-힣ㄱ-ㅎㅏ-ㅣ])[ㄱ-ㅎ]{2,}(?![ㄱ-ㅎㅏ-ㅣ])")
_ASKING = re.compile(
    r"어디|언제|누구|뭐|무엇|무슨|얼마|어떻|어떡|어케|어딨|몇|왜|되나|돼|있[어나]|하나요|인가요|예요"
)

_INITIALS = {
    "ㅇㄷ": "어디", "ㅇㅈ": "언제", "ㅁㅅ": "몇 시", "ㄴㄱ": "누구", "ㅇㅉ": "어떻게", "ㄱㄴ": "가능",
    "ㅂㄱㄴ": "불가능", "ㄱㅅ": "감사", "ㅎㅇ": "안녕", "ㅂㅂ": "잘 가", "ㅈㅅ": "죄송", "ㄹㅇ": "정말",
    "ㅇㅋ": "알겠어", "ㅇㅇ": "응", "ㄴㄴ": "아니", "ㄱㄱ": "", "ㅈㄱㄴ": "제목이 곧 내용", "ㅁㄹ": "몰라",
}  # fmt: skip
"""Initial consonants that stand for one word wherever Koreans type."""

_SLANG = (
    (r"어케|어캐|어뜨케|어뜩해|우째", "어떻게 "),
    (r"어딨|어딧|어딛", "어디 있"),
    (r"머(임|야|에요|예요|죠|지)(?=\W|$)", r"뭐\1"),
    (r"셤", "시험"),
    (r"(?<![가-힣])쌤|(?<=[가-힣])쌤", "선생님"),
    (r"담탱이?", "담임 선생님"),
    (r"비번", "비밀번호"),
    (r"와파|와퐈", "와이파이"),
    (r"컴실", "컴퓨터실"),
    (r"양호실", "보건실"),
    (r"(?<![가-힣])야자(?!수)", "야간자율학습"),
    (r"생기부", "학교생활기록부"),
    (r"(?<![가-힣])모고(?![가-힣]{2})", "모의고사"),
    (r"(?<![가-힣])(중간|기말)(?=\W|$|은|는|이|도|언|때)", r"\1고사"),
    (r"(?<![가-힣])수행(?!평가|자|단|원|여행|능력|[하되했중])", "수행평가"),
    (r"(?<![가-힣])폰(?!트|드)", "휴대폰"),
    (r"동방(?!신기)(?=\W|$|은|이|에|어)", "동아리방"),
)


def vocabulary(entries: Iterable[Entry]) -> Counter[str]:
    """The words of a sheet's wordings, with the number of entries that use each."""
    return Counter(
        word
        for entry in entries
        for word in {word for question in entry.questions for word in morphemes(question.text)}
    )


def as_meant(message: str, words: Mapping[str, int]) -> str:
    """The message in plain letters and words; `words` are the sheet's (see `vocabulary`).

    Wrong keyboard layout (`ehtjrhks` for 도서관) and initial consonants (`ㄷㅅㄱ`) are only read so
    where a word of the sheet or a common one comes out.
    """
    message = _NOISE.sub(" ", " ".join(message.split())).strip() or message
    if _LATIN.search(message):
        message = _from_latin_layout(message, words)
    message = _JAMO.sub(lambda match: _from_initials(match[0], words), message)
    for pattern, plain in _SLANG:
        message = re.sub(pattern, plain, message)
    return " ".join(message.split())


def _from_latin_layout(message: str, words: Mapping[str, int]) -> str:
    from hangulpy import convert_qwerty_to_hangul

    if not re.search("[가-힣]", message):
        typed = _LATIN.sub(lambda match: convert_qwerty_to_hangul(match[0]), message)
        whole = not re.search("[ㄱ-ㅎㅏ-ㅣ]", re.sub("[ㅋㅎㅠㅜ]{2,}", "", typed))
        known = any(word in words for word in morphemes(typed) if re.search("[가-힣]{2}", word))
        return typed if whole and (known or _ASKING.search(typed)) else message

    def one(match: re.Match[str]) -> str:
        typed = str(convert_qwerty_to_hangul(match[0]))
        return typed if re.fullmatch("[가-힣]{2,}", typed) and typed in words else match[0]

    return _LATIN.sub(one, message)


def _from_initials(initials: str, words: Mapping[str, int]) -> str:
    from hangulpy import get_chosung_string

    if initials in _INITIALS:
        return _INITIALS[initials]
    alike = [word for word in words if len(word) == len(initials) and get_chosung_string(word) == initials]
    return max(alike, key=lambda word: words[word], default=initials)
