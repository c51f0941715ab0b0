import unicodedata
from datetime import date

import pytest

from schoolhelper.sheet import detect_lang, parse_date, wording_key
from schoolhelper.sheet.values import clean_text, parse_lang, row_lang


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("급식 몇 시예요?", "ko"),
        ("wifi 비번", "ko"),
        ("ㅋㅋ", "ko"),
        ("When is lunch?", "en"),
        ("", "en"),
        ("123", "en"),
    ],
)
def test_any_hangul_is_korean(text: str, lang: str) -> None:
    assert detect_lang(text) == lang
    assert detect_lang(unicodedata.normalize("NFD", text)) == lang


def test_a_question_without_hangul_but_a_korean_answer_is_korean() -> None:
    assert row_lang("NEIS?", "나이스 누리집에서 볼 수 있습니다.") == "ko"
    assert row_lang("Who is the nurse?", "It is 김하늘, in the health room.") == "en"


@pytest.mark.parametrize(
    ("cell", "lang"), [("ko", "ko"), ("한국어", "ko"), (" English ", "en"), ("ja", None)]
)
def test_languages_by_name(cell: str, lang: str | None) -> None:
    assert parse_lang(cell) == lang


def test_clean_text_keeps_lines_and_letters() -> None:
    dirty = "  첫\u200b 줄\t입니다. \r\n\r\n\u00a0둘째\x07 줄\u3000👩\u200d🏫 "
    assert clean_text(unicodedata.normalize("NFD", dirty)) == "첫 줄 입니다.\n\n둘째 줄 👩\u200d🏫"


def test_wordings_are_the_same_up_to_case_space_and_punctuation() -> None:
    assert wording_key("급식실은 어디예요?") == wording_key(" 급식실은  어디예요 ")
    assert wording_key("Ｗｈｅｒｅ is it?") == wording_key("where is it")
    assert wording_key("C++ 수업") != wording_key("C 수업")
    assert wording_key("?") != wording_key("!")


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-02",
        "2026.3.2",
        "2026. 3. 2.",
        "2026. 3. 2.(월)",
        "2026/3/2",
        "2026년 3월 2일",
        "20260302",
        "2026-03-02 00:00:00",
    ],
)
def test_days_as_koreans_write_them(written: str) -> None:
    assert parse_date(written) == date(2026, 3, 2)


@pytest.mark.parametrize("written", ["3/2/2026", "2026-13-01", "2026-02-30", "내일", "46083", "20261301"])
def test_other_days_are_refused(written: str) -> None:
    with pytest.raises(ValueError):
        parse_date(written)
