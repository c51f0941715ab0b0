"""`schoolhelper serve` as a teacher uses it: the sheet is edited while students ask."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

import small_school


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small_school.make_folder(tmp_path / "school")


@pytest.fixture
def address(folder: Path) -> Iterator[str]:
    """Where the command serves the small school, in a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [sys.executable, "-m", "schoolhelper", "serve", str(folder), "--port", port]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as server:
        url, deadline = f"http://127.0.0.1:{port}/", time.monotonic() + 60
        while time.monotonic() < deadline and server.poll() is None:
            try:
                httpx.get(f"{url}health", timeout=5)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield url
        server.terminate()
        said = server.communicate(timeout=20)[0].decode()
    assert "질문표가 바뀌어" in said
    assert "Traceback" not in said


def asked_anew(browser: Browser, address: str, question: str) -> Page:
    """The page of a new visitor who asked a question."""
    page = browser.new_page()
    page.goto(address)
    page.locator("#sh-box textarea").fill(question)
    page.locator("#sh-box textarea").press("Enter")
    expect(page.locator(".sh-question")).to_have_count(1)
    expect(page.locator(".sh-thinking")).to_have_count(0, timeout=20_000)
    return page


def test_a_saved_change_is_answered_without_a_restart(browser: Browser, folder: Path, address: str) -> None:
    sheet = folder / "sheet.csv"
    question = "도서관은 몇 시까지 열어요?"
    expect(asked_anew(browser, address, question).locator("#sh-chat")).to_contain_text("17:30")
    changed = sheet.read_text(encoding="utf-8-sig").replace("17:30", "18:45")
    sheet.write_text(changed, encoding="utf-8-sig")
    time.sleep(4)
    expect(asked_anew(browser, address, question).locator("#sh-chat")).to_contain_text("18:45")
