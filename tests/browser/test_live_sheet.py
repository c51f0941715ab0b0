"""`schoolhelper serve` as a teacher uses it: the sheet is edited while students ask."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import psutil
import pytest
from playwright.sync_api import Browser, Locator, expect

import small_school
from browser_chat import ask, free_port


@pytest.fixture(autouse=True)
def closed_pages(browser: Browser) -> Iterator[None]:
    yield
    for context in browser.contexts:
        context.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small_school.make_folder(tmp_path / "school")


class Served(NamedTuple):
    """Where a command serves, what it writes, and its process."""

    url: str
    log: Path
    process: subprocess.Popen[bytes]


@pytest.fixture
def opened(folder: Path) -> Iterator[Served]:
    """The small school served by the command, in a process of its own, as soon as the page is there."""
    port = str(free_port())
    command = [sys.executable, "-m", "schoolhelper", "serve", str(folder), "--port", port]
    log = folder / "serve.log"
    with log.open("w") as out:
        server = subprocess.Popen(
            command, stdout=out, stderr=subprocess.STDOUT, env={**os.environ, "SCHOOLHELPER_LANG": "ko"}
        )
    url = f"http://127.0.0.1:{port}/"
    until(lambda: server.poll() is not None or gives(url), 60)
    assert server.poll() is None, log.read_text(encoding="utf-8")
    yield Served(url, log, server)
    server.terminate()  # while pages are open
    server.wait(timeout=20)
    assert "Traceback" not in log.read_text(encoding="utf-8")


@pytest.fixture
def served(opened: Served) -> Served:
    """The same when it answers."""
    until(lambda: gives(f"{opened.url}health"), 60)
    return opened


def until(true: Callable[[], bool], seconds: float) -> None:
    """Wait until something is true, or for so long."""
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.1)


def gives(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def asked_anew(browser: Browser, url: str, question: str) -> Locator:
    """The chat of a new visitor who asked a question."""
    page = browser.new_page()
    page.goto(url)
    ask(page, question)
    return page.locator("#sh-chat")


def test_a_question_that_comes_before_all_is_loaded_is_answered(browser: Browser, opened: Served) -> None:
    url, log, _ = opened
    assert "준비가 끝나" not in log.read_text(encoding="utf-8")
    expect(asked_anew(browser, url, "도서관은 몇 시까지 열어요?")).to_contain_text("17:30", timeout=60_000)
    until(lambda: "준비가 끝나" in log.read_text(encoding="utf-8"), 10)
    assert "준비가 끝나" in log.read_text(encoding="utf-8")


def test_ctrl_c_ends_it_quietly_while_it_loads(opened: Served) -> None:
    opened.process.send_signal(signal.SIGINT)
    assert opened.process.wait(timeout=20) == 0
    assert len(opened.log.read_text(encoding="utf-8").splitlines()) == 2  # untrained, and the address


def chatbots(command: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """The processes of a command that answer."""
    return [each for each in psutil.Process(command.pid).children() if "spawn_main" in str(each.cmdline())]


def test_a_chatbot_that_dies_ends_the_page_and_says_so(opened: Served) -> None:
    (chatbot,) = chatbots(opened.process)
    chatbot.kill()
    assert opened.process.wait(timeout=20) == 1
    assert "챗봇이 갑자기 멈췄습니다." in opened.log.read_text(encoding="utf-8")


def test_no_chatbot_is_left_of_a_command_that_was_killed(served: Served) -> None:
    (chatbot,) = chatbots(served.process)
    served.process.kill()
    until(lambda: not chatbot.is_running() or chatbot.status() == psutil.STATUS_ZOMBIE, 20)
    assert not chatbot.is_running() or chatbot.status() == psutil.STATUS_ZOMBIE


def test_ctrl_c_ends_it_quietly_while_a_page_is_open(browser: Browser, served: Served) -> None:
    expect(asked_anew(browser, served.url, "도서관은 몇 시까지 열어요?")).to_contain_text("17:30")
    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(timeout=20) == 0
    assert served.log.read_text(encoding="utf-8").splitlines()[-1].startswith("준비가 끝나")


def test_a_saved_change_is_answered_without_a_restart(browser: Browser, folder: Path, served: Served) -> None:
    url, log, _ = served
    sheet, question = folder / "sheet.csv", "도서관은 몇 시까지 열어요?"
    expect(asked_anew(browser, url, question)).to_contain_text("17:30")
    changed = sheet.read_text(encoding="utf-8-sig").replace("17:30", "18:45")
    sheet.write_text(changed, encoding="utf-8-sig")
    until(lambda: "질문표가 바뀌어" in log.read_text(encoding="utf-8"), 30)
    expect(asked_anew(browser, url, question)).to_contain_text("18:45")
    sheet.write_text("아무 열도 아님\n", encoding="utf-8-sig")
    until(lambda: "고칠 곳이 있어" in log.read_text(encoding="utf-8"), 30)
    expect(asked_anew(browser, url, question)).to_contain_text("18:45")
    assert "Traceback" not in log.read_text(encoding="utf-8")
