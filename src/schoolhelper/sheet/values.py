"""What single cells mean: language, clean text, dates, and keys by which texts are compared."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import lru_cache

from schoolhelper.records import Lang

_HANGUL = re.compile(r"[가-힣ㄱ-ㆎᄀ-ᇿ]")
_CONTROL = re.compile(
    # C0 and C1 but tab and line feed; soft hyphen, zero-width space, direction marks, byte order mark
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
_LANGS: dict[str, Lang] = {
    "ko": "ko", "kr": "ko", "kor": "ko", "korean": "ko", "한국어": "ko", "국문": "ko", "한글": "ko",
    "en": "en", "eng": "en", "english": "en", "영어": "en", "영문": "en",
}  # fmt: skip
_DATE = re.compile(
    r"(?P<y>\d{4})\s*(?:[-./]|년)\s*(?P<m>\d{1,2})\s*(?:[-./]|월)\s*(?P<d>\d{1,2})\s*(?:\.|일)?"
    r"(?:\s*\([월화수목금토일]\))?(?:[ T]00:00(?::00)?)?"
    r"|(?P<compact>\d{8})"
)


def detect_lang(text: str) -> Lang:
    """`ko` if there is any Hangul, else `en`."""
    return "ko" if _HANGUL.search(text) else "en"


def parse_lang(text: str) -> Lang | None:
    """The language a cell names (`ko`, `한국어`, `English`), None if it is none of ours."""
    return _LANGS.get(text.strip().casefold())


def row_lang(question: str, answer: str) -> Lang:
    """The language of a row that does not name it: the question's.

    A question without Hangul whose answer is mainly Korean (`NEIS?`) is a Korean one.
    """
    if detect_lang(question) == "ko":
        return "ko"
    korean = len(_HANGUL.findall(unicodedata.normalize("NFC", answer)))
    return "ko" if korean > len(re.findall(r"[A-Za-z]", answer)) else "en"


def has_control(text: str) -> bool:
    """Whether there are characters that nobody sees and that `clean_text` removes."""
    return bool(_CONTROL.search(text.replace("\r\n", "\n")))


@lru_cache(maxsize=1 << 18)  # a saved sheet is read whole again, and most of it is as it was
def clean_text(text: str) -> str:
    """NFC, without control characters, lines trimmed and inner spaces single; line breaks stay."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    lines = _CONTROL.sub("", re.sub(r"\r|\u2028|\u2029", "\n", text)).split("\n")
    return "\n".join(re.sub(r"\s+", " ", line).strip() for line in lines).strip()


def clean_line(text: str) -> str:
    """`clean_text` on one line."""
    return " ".join(clean_text(text).split())


def wording_key(text: str) -> str:
    """What makes two wordings the same: NFKC without case, spaces and punctuation."""
    plain = unicodedata.normalize("NFKC", clean_text(text)).casefold()
    return "".join(char for char in plain if unicodedata.category(char)[0] not in "PZC") or plain


def parse_date(text: str) -> date | None:
    """A day written year first: `2026-03-02`, `2026. 3. 2.(월)`, `2026년 3월 2일`, `20260302`.

    Raises:
        ValueError: it is none of these, or no day of the calendar. An empty text is None.
    """
    text = clean_line(text)
    if not text:
        return None
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError(text)
    if compact := match["compact"]:
        return date(int(compact[:4]), int(compact[4:6]), int(compact[6:]))
    return date(int(match["y"]), int(match["m"]), int(match["d"]))
