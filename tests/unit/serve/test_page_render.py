"""What stands under an answer, and that nobody's words become markup."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from schoolhelper.config import Both, Config, SchoolConfig, ServeConfig
from schoolhelper.records import Answer, Entry, Question
from schoolhelper.serve.conversation import Exchange
from schoolhelper.serve.render import (
    answer_html,
    chat_messages,
    exchange_html,
    header_html,
    linked_html,
    plain_html,
    refusal_html,
    sources_html,
)

CONFIG = Config(
    Path(),
    SchoolConfig(name=Both("한울고등학교", "Hanul High School"), contact=Both("교무실", "the staff room")),
    serve=ServeConfig(examples_ko=("급식은 언제 먹어요?",), examples_en=("When is lunch?",)),
)
ENTRY = Entry(
    "library",
    (Question("도서관은 몇 시까지 해요?", "ko"),),
    {"ko": "평일 17:30까지 엽니다."},
    source="도서관 이용 안내문",
    confirmed_on=date(2026, 3, 2),
    owner="도서관",
    contact="031-555-0140",
)
ANSWER = Answer("평일 17:30까지 엽니다.", "ko", "answer", entries=(ENTRY,))
EVIL = '<img src=x onerror=alert(1)>\n\n**굵게** </div><script>alert("x")</script>'


def test_source_line_says_where_when_and_who() -> None:
    html = sources_html(ENTRY, "ko")
    for fact in ("출처: 도서관 이용 안내문", "2026년 3월 2일 확인", "담당: 도서관", "연락처: "):
        assert fact in html
    assert '<a href="tel:031-555-0140">031-555-0140</a>' in html
    assert "confirmed 2026-03-02" in sources_html(ENTRY, "en")


def test_unknown_facts_leave_no_trace() -> None:
    bare = replace(ENTRY, source="", owner="", contact="", confirmed_on=None)
    assert sources_html(bare, "ko") == ""
    assert "·" not in sources_html(replace(bare, owner="도서관"), "ko")


@pytest.mark.parametrize(("mode", "mark"), [("verified", "학교가 확인한 답변"), ("generated", "AI가")])
def test_answer_says_who_worded_it(mode: str, mark: str) -> None:
    answer = Answer(
        "평일 17:30까지 엽니다.", "ko", "answer", "generated" if mode == "generated" else "verified"
    )
    assert mark in answer_html(answer, CONFIG)


def test_growing_answer_shows_no_source_yet() -> None:
    growing = answer_html(replace(ANSWER, mode="generated"), CONFIG, done=False)
    assert "출처" not in growing
    assert "살펴보고 있어요" in growing
    assert "살펴보고 있어요" not in answer_html(replace(ANSWER, mode="generated"), CONFIG)


def test_abstention_names_whom_to_ask_once() -> None:
    answer = Answer("잘 모르겠어요.", "ko", "abstain", suggestions=("급식은 언제 먹어요?",))
    assert "교무실" in answer_html(answer, CONFIG)
    named = replace(answer, text="잘 모르겠어요. 교무실에 물어봐 주세요.")
    assert answer_html(named, CONFIG).count("교무실") == 1
    assert "출처" not in answer_html(replace(answer, entries=(ENTRY,)), CONFIG)


@pytest.mark.parametrize("show", [plain_html, linked_html, refusal_html])
def test_markup_stays_text(show: object) -> None:
    assert callable(show)
    html = show(EVIL)
    assert "<img" not in html
    assert "<script" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;" in html


def test_no_line_end_lets_the_chat_read_markdown() -> None:
    entry = replace(ENTRY, source=EVIL, owner=EVIL, attachment="javascript:alert(1)")
    exchange = Exchange(EVIL, "done", replace(ANSWER, text=EVIL + "\r\n\u2028\x0b\x85", entries=(entry,)))
    for message in chat_messages((exchange,), CONFIG, "ko"):
        assert len(message["content"].splitlines()) == 1
        assert message["content"].startswith("<div")
        assert "<script" not in message["content"]
        assert 'href="javascript' not in message["content"]


def test_web_address_ends_before_korean_and_full_stop() -> None:
    html = linked_html("식단은 https://hanul.example/meals?a=1&b=2에서 봅니다.\n끝 https://hanul.example.")
    assert 'href="https://hanul.example/meals?a=1&amp;b=2"' in html
    assert "</a>에서 봅니다.<br>끝 " in html
    assert html.endswith("</a>.")
    assert 'rel="noopener noreferrer"' in html


@pytest.mark.parametrize(
    ("attachment", "shown"),
    [
        ("https://hanul.example/map.PNG", '<img src="https://hanul.example/map.PNG" alt="첨부: map.PNG"'),
        ("https://hanul.example/form.hwp", ">첨부: form.hwp</a>"),
        ("https://hanul.example/map", ">첨부: hanul.example/map</a>"),
        ("http://[map", ">첨부: [map</a>"),
        ("club-list.pdf", ">첨부: club-list.pdf</div>"),
        ("javascript:alert(1)", ">첨부: javascript:alert(1)</div>"),
        ('https://hanul.example/"><script>.png', 'src="https://hanul.example/&quot;&gt;&lt;script&gt;.png"'),
    ],
)
def test_attachment_is_a_picture_a_link_or_a_name(attachment: str, shown: str) -> None:
    assert shown in answer_html(replace(ANSWER, entries=(replace(ENTRY, attachment=attachment),)), CONFIG)


def test_choices_stand_under_the_last_message_only() -> None:
    first = chat_messages((), CONFIG, "en")
    assert first[0]["options"] == [{"value": "When is lunch?", "label": "When is lunch?"}]
    unsure = Answer(
        "어느 쪽인가요?", "ko", "clarify", suggestions=("급식실은 어디예요?", "급식은 언제 먹어요?")
    )
    later = chat_messages((Exchange("급식", "done", unsure),), CONFIG, "ko")
    assert "options" not in later[0]
    assert "이렇게 물어볼" not in later[0]["content"]
    assert [option["value"] for option in later[-1]["options"]] == list(unsure.suggestions)
    assert chat_messages((Exchange("급식"),), CONFIG, "ko")[-1]["options"] == []


def test_waiting_and_failed_exchanges_speak_the_page_language() -> None:
    assert "찾고 있어요" in exchange_html(Exchange("?"), CONFIG, "ko")
    assert "Sorry" in exchange_html(Exchange("?", "failed"), CONFIG, "en")


def test_head_carries_the_language_and_the_school() -> None:
    assert 'lang="en"' in header_html(CONFIG, "en")
    assert "Hanul High School" in header_html(CONFIG, "en")
