from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest

from schoolhelper.errors import ModelError
from schoolhelper.records import Answer, Entry, Question, Turn
from schoolhelper.serve import apart

LIBRARY = Entry("library", (Question("도서관은 언제 열어요?", "ko", 2),), {"ko": "9시에 엽니다."})


class Said:
    """A chatbot that says how it was made, what it was asked, and where it runs."""

    def __init__(self, name: str) -> None:
        self.name = name

    def wait(self) -> None:
        if self.name == "느림":
            time.sleep(60)
        if self.name == "고장":
            raise ModelError("모델을 읽을 수 없습니다", "다시 설치해 주세요")

    def stream(self, question: str, *, history: Any = (), **asked: Any) -> Iterator[Answer]:
        if question == "?":
            raise ValueError("물음표뿐입니다")
        for said in (self.name, f"{self.name}: {question} {len(history)} {os.getpid()}"):
            yield Answer(said, "ko", "answer", entries=(LIBRARY,))


def test_answers_grow_in_another_process() -> None:
    backend, _ = apart.start(Said, "챗봇")
    backend.wait()
    first, last = backend.stream("언제?", history=(Turn("user", "도서관은?"),))
    assert (first.text, first.entries) == ("챗봇", (LIBRARY,))
    said, _, process = last.text.rpartition(" ")
    assert said == "챗봇: 언제? 1"
    assert int(process) != os.getpid()
    again = [list(backend.stream("언제?"))[-1].text for _ in range(2)]
    assert again == [f"챗봇: 언제? 0 {process}"] * 2, "it is the same one"
    with pytest.raises(ValueError, match="물음표뿐입니다"):
        list(backend.stream("?"))


def test_what_keeps_it_from_answering_is_told_with_its_hint() -> None:
    backend, _ = apart.start(Said, "고장")
    with pytest.raises(ModelError) as caught:
        backend.wait()
    assert (caught.value.message, caught.value.hint) == ("모델을 읽을 수 없습니다", "다시 설치해 주세요")


def test_who_waits_for_it_hears_that_it_ended() -> None:
    backend, ended = apart.start(Said, "느림")
    (answer,) = list(backend.stream("언제?"))[1:]
    os.kill(int(answer.text.rpartition(" ")[2]), signal.SIGTERM)
    ended()
    with pytest.raises((EOFError, ConnectionError)):
        backend.wait()


def test_ctrl_c_is_for_this_process_alone() -> None:
    before = signal.getsignal(signal.SIGINT)
    backend, _ = apart.start(Said, "챗봇")
    assert signal.getsignal(signal.SIGINT) is before
    (answer,) = list(backend.stream("언제?"))[1:]
    os.kill(int(answer.text.rpartition(" ")[2]), signal.SIGINT)
    backend.wait()
