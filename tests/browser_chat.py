"""What tests do with a chat page in a browser, and a place to serve it."""

from __future__ import annotations

import socket

from playwright.sync_api import Locator, Page, expect


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def box(page: Page) -> Locator:
    return page.locator("#sh-box textarea")


def ask(page: Page, question: str) -> Locator:
    """Type a question, send it with Enter, and wait for the complete answer."""
    before = page.locator(".sh-question").count()
    box(page).fill(question)
    box(page).press("Enter")
    return answer_number(page, before + 1)


def answer_number(page: Page, number: int) -> Locator:
    expect(page.locator(".sh-question")).to_have_count(number)
    expect(page.locator(".sh-thinking")).to_have_count(0, timeout=20_000)
    return page.locator("#sh-chat .sh-answer").nth(number)
