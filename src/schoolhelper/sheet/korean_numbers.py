"""Korean numbers, times and days said in words, rewritten in figures: `세 시 반`, `천오백 원`, `사흘`.

A syllable such as 이, 한 or 세 is a number only before something that is counted, so that `이번 주`,
`제한 시간` and `세부 사항` stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from hangulpy.hangul_number import hangul_to_number, native_korean_to_number, susa

_START = r"(?<![가-힣\d])(?<!\d )"
WORD_END = r"(?=$|[^가-힣]|[은는이가을를에의도만와과로으씩당간쯤까부마반전후뒤안내동째예나보라면뿐짜처입였])"
"""A word's end or a particle, so that `한 장소` holds no `한 장`."""

_DIGITS = "영일이삼사오육칠팔구"
_SINO = "[공영일이삼사오육륙칠팔구십백천만억]"
_NATIVE = "|".join(sorted({susa(n, short) for n in range(1, 100) for short in (True, False)}, key=len)[::-1])
_DAYS = {
    "하루": 1, "이틀": 2, "사흘": 3, "나흘": 4, "닷새": 5, "엿새": 6, "이레": 7, "여드레": 8, "아흐레": 9,
    "열흘": 10, "보름": 15,
}  # fmt: skip
_ABOUT = {
    "한두": "1~2", "두세": "2~3", "두서너": "2~4", "서너": "3~4", "네댓": "4~5", "너덧": "4~5",
    "대여섯": "5~6", "예닐곱": "6~7",
}  # fmt: skip
_MONTHS = {
    "십일": 11, "십이": 12, "일": 1, "이": 2, "삼": 3, "사": 4, "오": 5, "유": 6, "칠": 7, "팔": 8, "구": 9,
    "시": 10,
}  # fmt: skip

_SPACED = (  # after a native number and a space
    "시간|시|번째|번|명|분|사람|개월|개|달|주일|주간|주|권|장|부|대|곳|군데|가지|과목|학기|학년|학급|교시|층|차례|끼|벌|반"
    "|줄|단계|살|마리|팀|쌍|자루|켤레|잔|병|칸|건|종류|배|해|모둠|문제|문항|페이지|쪽|정거장|회"
)
_JOINED = "시간|시|번째|번|명|개월|개|달|주일|주간|권|가지|과목|학기|학년|층|살|군데|곳"
_HABIT = r"(?!한번(?!째)|한층|한시[적라름]|한 층 더|한 쪽|하나)(?<!다시 )"
_MANY = (  # after a Sino-Korean number of two syllables and more
    "호실|호|층|원|분(?!의)|초|개월|학년도|학년|년|학기|학점|교시|반|번째|번|명|개|퍼센트|프로|점|주일|주간|주|차시|차|회"
    "|장|권|과목|단계|미터|시간|페이지|쪽|세|관|동|번지|박|일간|일"
)
_ONE = "|".join(  # most single syllables that are numbers are also words, or parts of words
    (
        r"[일이삼사오육칠팔구]\s?(?:호실|호|층|개월|학년|학기|교시|퍼센트|과목|학점|단계|주일|주간)",
        r"[일삼사오육칠팔구]\s?(?:분(?!의)|번째|번)",
        r"[일삼사오육칠팔구]\s(?:명|개|권|점|차|회|장|반|시간|년|쪽|페이지)",
        r"이 년",
        r"[이삼사오육칠팔구]\s?주(?=\s?(?:간|동안|전|후|뒤|안|이내|더))",
        r"[삼사오육칠팔구]\s?일(?=\s?(?:간|동안|전|후|뒤|안|이내|더|까지|이상|이\s?걸))",
        r"[일이]\s?일(?=\s?(?:간|동안|안에|이내|전|후|뒤))",
        r"[십백천만]\s?(?:원|명|개|분|번|권|회|층|호|초|년|시간|퍼센트)",
    )
)


def korean_in_figures(text: str) -> str:
    """`text` with its Korean number words in figures; what is no number stays as it is."""
    for pattern, figures in _REWRITES:
        text = re.sub(pattern, figures, text)
    return text


def _spelled_digits(words: str) -> str:
    return "".join(str(_DIGITS.index(word)) for word in words.replace("공", "영"))


def _sino(match: re.Match[str]) -> str:
    words = match["n"].replace(" ", "").replace("륙", "육")
    if len(words) > 1 and not set(words) - set(_DIGITS + "공"):
        return _spelled_digits(words) + match["unit"]
    try:
        return f"{int(hangul_to_number(words))}{match['unit']}"
    except ValueError:
        return match[0]


def _native(match: re.Match[str]) -> str:
    counted = "개 " if match["unit"] in ("학년", "학기", "반") else ""  # 세 학년 is not 3학년
    return f"{native_korean_to_number(match['n'])}{counted}{match['unit']}"


def _order(match: re.Match[str]) -> str:
    return f"{1 if match['n'] == '첫' else native_korean_to_number(match['n'])}번째"


_REWRITES: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (
        rf"{_START}(?!일일이|사이이)[{_DIGITS}공]{{3,}}(?=$|[^가-힣]|[로으에번은는이가])",
        lambda match: _spelled_digits(match[0]),
    ),
    (
        rf"{_START}(?P<n>{'|'.join(_ABOUT)})\s?(?P<unit>{_SPACED}){WORD_END}",
        lambda match: _ABOUT[match["n"]] + match["unit"],
    ),
    (rf"{_START}(?P<n>첫|둘|셋|넷|다섯|여섯|일곱)(?:째|\s?번째)", _order),
    (rf"{_START}{_HABIT}(?P<n>{_NATIVE})\s(?P<unit>{_SPACED}){WORD_END}", _native),
    (rf"{_START}{_HABIT}(?P<n>{_NATIVE})(?P<unit>{_JOINED}){WORD_END}", _native),
    (
        rf"{_START}(?P<n>하나|둘|셋|넷|다섯|여섯|일곱|여덟|아홉|스물){WORD_END}",
        lambda match: f"{native_korean_to_number(match['n'])}개",
    ),
    (
        rf"{_START}(?<!좋은 )(?<!즐거운 )(?P<n>{'|'.join(_DAYS)})(?!빨리|\s?종일|살이)",
        lambda match: f"{_DAYS[match['n']]}일간",
    ),
    (
        rf"{_START}(?P<n>{'|'.join(_MONTHS)})월(?=$|[^가-힣]|[에은의부까말초중이])",
        lambda match: f"{_MONTHS[match['n']]}월",
    ),
    (rf"(?<=월)(?P<n>\s?{_SINO}+)(?P<unit>일){WORD_END}", _sino),
    (rf"{_START}(?=(?:{_ONE}){WORD_END})(?P<n>{_SINO})\s?(?P<unit>[가-힣]+?){WORD_END}", _sino),
    (r"(?<![가-힣])(?P<n>십[삼사오육칠팔구]|이십[일이삼]?)\s?(?P<unit>시)(?![오간])", _sino),
    (
        rf"{_START}(?<!\d)(?!만일|이십시|오십시|만점)(?P<n>{_SINO}(?:\s?{_SINO})+)\s?(?P<unit>{_MANY}){WORD_END}",
        _sino,
    ),
    (r"(?P<h>\d+)\s?시간\s?반(?![가-힣]{2})", lambda match: f"{match['h']}시간 30분"),
)
