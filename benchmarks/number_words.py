"""Numbers, days and months in Korean and English words."""

from __future__ import annotations

from collections.abc import Sequence

NATIVE = ("영", "한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉", "열", "열한", "열두")
SINO = "영일이삼사오육칠팔구"
DAYS = ("", "하루", "이틀", "사흘", "나흘", "닷새", "엿새", "이레", "여드레", "아흐레", "열흘")
ENGLISH = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
ORDINAL = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip


def sino(number: int) -> str:
    """A number in Sino-Korean words."""
    if number >= 10_000:
        high = "" if number < 20_000 else sino(number // 10_000)
        return high + "만" + (sino(number % 10_000) if number % 10_000 else "")
    words = ""
    for unit, name in ((1000, "천"), (100, "백"), (10, "십")):
        digit, number = divmod(number, unit)
        words += ("" if digit == 1 else SINO[digit]) + name if digit else ""
    return words + (SINO[number] if number else "")


def said_otherwise(n: int, month: int) -> dict[str, str]:
    """The fields of wrong_answers.toml."""

    def word(words: Sequence[str], number: int) -> str:
        return words[number] if number < len(words) else ""

    return {
        "n": str(n),
        "sino": sino(n),
        "native": word(NATIVE, n),
        "days": word(DAYS, n),
        "en": word(ENGLISH, n),
        "next": word(ENGLISH, n % 12 + 1),
        "ord": word(ORDINAL, n),
        "won": f"{n},000",
        "sino_won": sino(n * 1000),
        "m": str(month),
        "month": MONTHS[month - 1],
        "sino_m": {6: "유월", 10: "시월"}.get(month, f"{sino(month)}월"),
    }
