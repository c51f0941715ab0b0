"""What a visitor sees and does, on the real pipeline."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from browser_chat import answer_number, ask, box

# Gradio's queue sets pandas options that pandas 3 no longer has.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:gradio.queueing")

PHONE, NARROW = (390, 844), (360, 640)
OpenPage = Callable[..., Page]
Shot = Callable[[Page, str], None]


def scrolls_sideways(page: Page) -> bool:
    wide: bool = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    return wide


def test_korean_question_is_answered_with_its_source(open_page: OpenPage, shot: Shot) -> None:
    page = open_page()
    expect(page).to_have_title("한울고등학교")
    shot(page, "desktop-start")
    answer = ask(page, "도서관은 몇 시까지 열어요?")
    expect(answer).to_contain_text("17:30")
    expect(answer).to_contain_text("출처: 도서관 이용 안내문")
    expect(answer).to_contain_text(re.compile(r"2026년 \d+월 \d+일 확인"))
    expect(answer).to_contain_text("담당: 도서관")
    shot(page, "desktop-answer")


def test_english_question_is_answered_in_english(open_page: OpenPage) -> None:
    answer = ask(open_page(), "When does the library close?")
    expect(answer).to_have_attribute("lang", "en")
    expect(answer).to_contain_text("17:30")
    expect(answer).to_contain_text("Source:")


def test_follow_up_is_understood_from_the_conversation(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, "통학버스는 몇 시에 출발해요?")
    expect(ask(page, "그럼 요금은 얼마예요?")).to_contain_text("통학버스는 한울역")
    ask(page, "도서관은 어디에 있어요?")
    ask(page, "그럼 몇 시에 닫아?")
    last = page.locator("#sh-chat .message-wrap").inner_text().rpartition("그럼 몇 시에 닫아?")[2]
    assert "도서관" in last, "answered, or the first thing to choose from"


def test_new_conversation_forgets(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, "통학버스는 몇 시에 출발해요?")
    page.get_by_role("button", name="새 대화").click()
    expect(page.locator(".sh-question")).to_have_count(0)
    expect(box(page)).to_be_focused()
    expect(ask(page, "그럼 요금은 얼마예요?")).not_to_contain_text("통학버스는 한울역")


def test_unanswerable_question_names_whom_to_ask(open_page: OpenPage, shot: Shot) -> None:
    page = open_page(size=PHONE)
    answer = ask(page, "학교에 수영장 있어요?")
    expect(answer).to_contain_text("교무실(본관 2층, 031-555-0101)")
    expect(answer).not_to_contain_text("출처")
    choices = page.locator("#sh-chat .option")
    assert choices.count() > 0
    shot(page, "phone-abstain")
    first = choices.first.inner_text()
    choices.first.click()
    expect(page.locator(".sh-question").nth(1)).to_have_text(first)
    expect(answer_number(page, 2)).to_contain_text("출처")


def test_example_question_is_a_click_away(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_role("button", name="도서관은 몇 시까지 열어요?").click()
    expect(answer_number(page, 1)).to_contain_text("17:30")
    expect(box(page)).to_be_focused()


def test_switch_changes_every_text_at_once(open_page: OpenPage, shot: Shot) -> None:
    page = open_page()
    page.get_by_label("English").check()
    expect(page).to_have_title("Hanul High School")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("button", name="Where is the health room?")).to_be_visible()
    expect(page.get_by_role("log", name="Conversation")).to_be_visible()
    expect(page.get_by_label("Your question")).to_be_visible()
    page.get_by_role("button", name="About me (optional)").click()
    expect(page.get_by_label("Grade 1")).to_be_visible()
    page_text = page.locator("body").inner_text().replace("한국어", "")
    assert re.findall(r"[가-힣]+", page_text) == []
    shot(page, "desktop-english")
    page.get_by_label("한국어").check()
    expect(page).to_have_title("한울고등학교")


def test_address_opens_the_page_in_english(open_page: OpenPage) -> None:
    page = open_page("?lang=en")
    expect(page.locator(".sh-welcome")).to_contain_text("Hello")
    expect(page.get_by_label("English")).to_be_checked()
    expect(ask(page, "?!")).to_have_attribute("lang", "en")


def test_keyboard_alone_is_enough(open_page: OpenPage) -> None:
    page = open_page()
    box(page).focus()
    page.keyboard.type("도서관은 몇 시까지 열어요?")
    page.keyboard.press("Enter")
    expect(answer_number(page, 1)).to_contain_text("17:30")
    expect(box(page)).to_be_focused()
    expect(box(page)).to_have_value("")
    page.keyboard.type("학교에 수영장 있어요?")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="보내기")).to_be_focused()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    answer_number(page, 2)
    expect(box(page)).to_be_focused()
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.className").startswith("option")
    page.keyboard.press("Enter")
    answer_number(page, 3)


def test_syllable_being_composed_is_not_sent_twice(open_page: OpenPage) -> None:
    page = open_page()
    box(page).focus()
    keyboard = page.context.new_cdp_session(page)
    keyboard.send("Input.imeSetComposition", {"text": "급식", "selectionStart": 2, "selectionEnd": 2})
    keyboard.send("Input.insertText", {"text": "급식은 언제 먹어요?"})
    page.keyboard.press("Enter")
    answer_number(page, 1)
    expect(page.locator(".sh-question")).to_have_text(["급식은 언제 먹어요?"])
    expect(box(page)).to_have_value("")


def test_empty_and_too_long_messages_are_not_sent(open_page: OpenPage) -> None:
    page = open_page()
    box(page).fill("   ")
    box(page).press("Enter")
    page.wait_for_timeout(1500)  # the page takes one message at a time
    long = "도서관은 몇 시까지 열어요? " * 40
    box(page).fill(long)
    box(page).press("Enter")
    expect(page.locator(".sh-refusal")).to_contain_text("500자")
    expect(box(page)).to_have_value(long)
    expect(page.locator(".sh-question")).to_have_count(0)
    ask(page, "도서관은 몇 시까지 열어요?")
    expect(page.locator(".sh-refusal")).to_have_count(0)


def test_markup_is_shown_as_text(open_page: OpenPage) -> None:
    page = open_page()
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    question = '<img src=x onerror="alert(1)"> <script>alert(2)</script> **도서관** $x$ `a`'
    ask(page, question)
    expect(page.locator(".sh-question")).to_have_text(question)
    assert page.locator("#sh-chat img").count() == 0


def test_profile_is_kept_between_questions(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_role("button", name="내 정보 (선택)").click()
    page.get_by_label("2학년").check()
    ask(page, "도서관은 몇 시까지 열어요?")
    expect(page.get_by_label("2학년")).to_be_checked()


@pytest.mark.parametrize("size", [PHONE, NARROW])
@pytest.mark.parametrize("dark", [False, True])
def test_phone_never_scrolls_sideways(
    open_page: OpenPage, shot: Shot, size: tuple[int, int], dark: bool
) -> None:
    page = open_page(size=size, dark=dark)
    assert not scrolls_sideways(page)
    name = f"phone-{size[0]}-{'dark' if dark else 'light'}"
    shot(page, f"{name}-start")
    ask(page, "도서관은 몇 시까지 열어요?")
    ask(page, "가" * 200)
    ask(page, "https://hanul.example/" + "a" * 200)
    assert not scrolls_sideways(page)
    ask(page, "이번 달 급식 식단은 어디서 봐요?")
    shot(page, name)
    page.get_by_role("button", name="내 정보 (선택)").click()
    assert not scrolls_sideways(page)
    shot(page, f"{name}-profile")
