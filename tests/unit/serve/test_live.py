from __future__ import annotations

import dataclasses
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from schoolhelper.errors import SheetError, UserError
from schoolhelper.records import Answer, Turn
from schoolhelper.serve import live as module
from schoolhelper.serve.live import LiveBackend


@dataclasses.dataclass
class Said:
    """A backend that says what was in the file when it was made."""

    text: str

    def stream(self, question: str, **asked: Any) -> Any:
        yield Answer(f"{self.text}: {question} {len(asked.get('history', ()))}", "ko", "answer")


def answer_of(live: LiveBackend) -> str:
    (answer,) = live.stream("언제?")
    return answer.text


class School:
    """A file, the backend that follows it, and what was told of its changes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.told: list[UserError | None] = []
        self.built = 0
        self.locked = False
        self.save("먼저")
        self.live = LiveBackend(self.build, path, tell=self.told.append)
        self.live.load("처음")

    def save(self, text: str) -> None:
        self.path.write_text(text, encoding="utf-8")
        os.utime(self.path, ns=(time.time_ns(), time.time_ns()))

    def build(self) -> Said:
        self.built += 1
        if self.locked:
            raise SheetError("시트를 열 수 없습니다", "엑셀을 닫아 주세요")
        text = self.path.read_text(encoding="utf-8")
        if "?" in text:
            raise SheetError("빈 칸이 있습니다", "채워 주세요")
        return Said(text)

    def says(self) -> str:
        return answer_of(self.live)


@pytest.fixture
def school(tmp_path: Path) -> School:
    return School(tmp_path / "sheet.csv")


def test_a_change_is_live_once_it_is_settled(school: School) -> None:
    school.live.look()
    assert school.says() == "먼저: 언제? 0"
    school.save("나중에")
    school.live.look()
    assert school.says() == "먼저: 언제? 0"
    school.live.look()
    assert school.says() == "나중에: 언제? 0"
    school.live.look()
    assert (school.told, school.built) == ([None], 2)


def test_history_and_growing_answers_come_through(school: School) -> None:
    (answer,) = school.live.stream("언제?", history=(Turn("user", "도서관은?"),))
    assert answer.text == "먼저: 언제? 1"


def test_a_sheet_with_mistakes_is_told_once_and_the_one_before_answers(school: School) -> None:
    school.save("나중에?")
    for _ in range(4):
        school.live.look()
    assert school.says() == "먼저: 언제? 0"
    assert [str(each) for each in school.told] == ["빈 칸이 있습니다\n채워 주세요"]
    school.save("고침")
    school.live.look()
    school.live.look()
    assert school.says() == "고침: 언제? 0"
    assert school.told[1:] == [None]


def test_a_file_that_was_locked_is_taken_over_later(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    school.locked = True
    school.save("나중에")
    for _ in range(4):
        school.live.look()
    assert len(school.told) == 1
    assert school.built == 2, "it is not tried at every look"
    school.locked = False
    monkeypatch.setattr(school.live, "retry_at", 0.0)
    school.live.look()
    assert school.says() == "나중에: 언제? 0"
    assert school.told[1:] == [None]


def test_a_file_that_is_away_for_a_moment_changes_nothing(school: School) -> None:
    school.path.unlink()
    school.live.look()
    school.live.look()
    assert school.says() == "먼저: 언제? 0"
    school.save("다시")
    school.live.look()
    school.live.look()
    assert school.says() == "다시: 언제? 0"


def test_a_crash_keeps_the_one_before_and_is_logged_without_the_sheets_words(
    school: School, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def crash() -> Said:
        raise RuntimeError("비밀 문장")

    monkeypatch.setattr(school.live, "build", crash)
    school.save("나중에")
    school.live.look()
    school.live.look()
    assert school.says() == "먼저: 언제? 0"
    assert "RuntimeError" in caplog.text
    assert "비밀" not in caplog.text


def test_who_asks_before_it_is_loaded_waits_for_it(tmp_path: Path) -> None:
    (tmp_path / "sheet.csv").write_text("먼저", encoding="utf-8")
    live = LiveBackend(lambda: Said("있음"), tmp_path / "sheet.csv", tell=lambda error: None)
    with ThreadPoolExecutor() as askers:
        early = askers.submit(answer_of, live)
        time.sleep(0.05)
        assert not early.done()
        live.load("처음")
        assert early.result(5) == "있음: 언제? 0"


def test_who_waits_when_it_is_stopped_is_let_go(tmp_path: Path) -> None:
    live = LiveBackend(lambda: Said("있음"), tmp_path / "sheet.csv", tell=lambda error: None)
    with ThreadPoolExecutor() as askers:
        early = askers.submit(answer_of, live)
        live.stop()
        assert isinstance(early.exception(5), RuntimeError)


def test_a_sheet_that_is_no_file_is_not_followed() -> None:
    live = LiveBackend(lambda: Said("허브"), "hf://school/sheet", tell=lambda error: None)
    live.load("처음")
    live.look()
    live.look()
    assert answer_of(live) == "허브: 언제? 0"


def test_the_sheet_is_watched_in_the_background_even_if_nobody_can_be_told(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mute(error: UserError | None) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(module, "POLL", 0.01)
    monkeypatch.setattr(school.live, "tell", mute)
    school.live.follow()
    try:
        for text in ("나중에", "더 나중에"):
            school.save(text)
            deadline = time.monotonic() + 10
            while not school.says().startswith(text) and time.monotonic() < deadline:
                time.sleep(0.01)
            assert school.says() == f"{text}: 언제? 0"
    finally:
        school.live.stopped.set()
