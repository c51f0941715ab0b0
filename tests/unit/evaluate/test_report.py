from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from schoolhelper.config import Both
from schoolhelper.evaluate.ladder import Rung, run_ladder
from schoolhelper.evaluate.metrics import summarise
from schoolhelper.evaluate.report import percent, spread, write_report
from schoolhelper.messages import text
from schoolhelper.records import LANGS, Answer, Entry, ExamQuestion, ExamResult

MakeResult = Callable[..., ExamResult]

NAME = Both("한울고등학교", "Hanul High School")
TRAINING = {
    "steps": [{"step": n, "loss": 2 / (n + 1), "fold": fold} for fold in (0, 1) for n in range(5)],
    "epochs": [
        {"epoch": 1, "eval_loss": 0.5, "answer_score": 0.9, "fold": 0},
        {"epoch": 1, "eval_loss": 0.4},
    ],
}


class Page(HTMLParser):
    """The visible words of a page, whether its tags nest, and what it would load."""

    VOID = frozenset({"meta", "br", "link", "img"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.loads: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)
        self.loads += [
            value or "" for name, value in attrs if name in ("src", "href", "xlink:href", "srcset")
        ]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture
def write(tmp_path: Path, entries: Sequence[Entry]) -> Callable[..., str]:
    def write(**parts: Any) -> str:
        path = tmp_path / "report.html"
        everything = dict.fromkeys(("results", "training", "folds", "ladder", "sheet_summary"))
        given = {"school_name": NAME, "lang": "ko", "entries": entries} | everything | parts
        write_report(path, **given)
        return path.read_text(encoding="utf-8")

    return write


@pytest.fixture
def results(make_result: MakeResult) -> list[ExamResult]:
    return [
        make_result("lunch", given="lunch", confidence=0.9),
        make_result("lunch", given="library", confidence=0.8, kind="우리 학교 말투"),
        make_result("lunch", "abstain", confidence=0.2, lang="en"),
        make_result("", "abstain", confidence=0.1, kind="unanswerable"),
    ]


@pytest.fixture
def full(write: Callable[..., str], results: list[ExamResult], entries: Sequence[Entry]) -> str:
    class Refuses:
        def answer(self, question: str, **context: Any) -> Answer:
            return Answer("교무실로 문의해 주세요.", "ko", "abstain")

    ladder = run_ladder(
        [Rung("judge", lambda seed: Refuses(), seeds=(0, 1)), Rung("나만의 방식", lambda seed: Refuses())],
        [ExamQuestion("밥 언제 먹어?", ("lunch",), "ko"), ExamQuestion("비 와?", (), "ko")],
        entries,
    )
    folds = {"wording": [summarise(results[:2]), summarise(results[:3])], "entry": [summarise(results[3:])]}
    counts = {"entries": 3, "wordings": 4, "errors": 0, "warnings": 1}
    return write(results=results, training=TRAINING, folds=folds, ladder=ladder, sheet_summary=counts)


def test_the_headline_says_what_happened(full: str) -> None:
    words = Page(full).text
    assert "학생 질문 4개 가운데 1개에 바르게 답하고, 1개에 틀리게 답했습니다." in words
    assert "Of 4 student questions, 1 were answered rightly and 1 wrongly." in words


def test_one_file_that_asks_nobody_for_anything(full: str) -> None:
    page = Page(full)
    assert all(target.startswith("#") for target in page.loads)
    assert "http" not in full
    assert "@import" not in full
    assert not re.search(r"url\((?!#)", full)
    assert "<?xml" not in full


def test_plots_hold_text_in_both_languages(full: str) -> None:
    assert full.count("<svg ") == 6
    for lang in LANGS:
        for key in ("axis_questions", "axis_coverage", "axis_loss"):
            assert f">{text(f'report.{key}', lang)}</text>" in full
    ids = re.findall(r'\bid="([^"]+)"', full)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:url\(|href=")#([\w-]+)', full)) <= set(ids)
    assert not re.search(r"#0101[0-9a-f]{2}\b", full)


def test_own_names_stand_beside_the_catalogues(full: str) -> None:
    words = Page(full).text
    assert "우리 학교 말투" in words
    assert text("report.rung_judge", "ko") in words
    assert "나만의 방식" in words


def test_no_part_is_left_out_silently(write: Callable[..., str]) -> None:
    words = Page(write()).text
    for lang in LANGS:
        for part in ("exam", "folds", "training", "ladder", "sheet"):
            assert text(f"report.no_{part}", lang) in words


def test_what_people_wrote_is_escaped(write: Callable[..., str], make_result: MakeResult) -> None:
    nasty = "<script>alert('$x$')</script>"
    result = make_result("lunch", given="library", question=nasty, kind=nasty)
    html = write(results=[result], school_name=Both(nasty, nasty))
    assert html.count("<script") == 1
    assert nasty in Page(html).text


@pytest.mark.parametrize(
    "case",
    [("lunch", "answer", "lunch"), ("", "abstain", ""), ("lunch", "clarify", ""), ("lunch", "answer", "")],
)
def test_an_exam_with_only_one_outcome(
    write: Callable[..., str], make_result: MakeResult, case: tuple[str, str, str]
) -> None:
    words = Page(write(results=[make_result(*case)], training={"steps": [{"step": 1, "loss": 1.0}]})).text
    assert "1개 가운데" in words


def test_it_opens_in_the_asked_language(write: Callable[..., str]) -> None:
    assert '<html lang="en">' in write(lang="en")
    assert '<html lang="ko">' in write(lang="ko")


def test_figures_are_written_for_people() -> None:
    assert (percent(None), percent(1.0), percent(0.5)) == ("–", "100%", "50.0%")
    figure = {"mean": 0.875, "sd": 0.02, "n": 3}
    assert spread(figure, percent=True) == "87.5 ± 2.0"
    assert spread({"mean": 0.875, "sd": None, "n": 1}, 2) == "0.88"
    assert spread(None) == "–"


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    code = (
        "import sys, schoolhelper.evaluate.report;"
        "print({'torch', 'matplotlib', 'sklearn', 'jinja2'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
