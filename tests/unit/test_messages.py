from __future__ import annotations

import ast
import locale
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from schoolhelper import messages
from schoolhelper.messages import catalogue, text, user_language

SOURCE = Path(messages.__file__).parents[1]
SECTIONS = sorted(path.stem for path in (SOURCE / "messages").glob("*.toml"))
HANGUL = re.compile("[가-힣]")
ALIKE_IN_BOTH = re.compile(r"[\W\d_]*(\{\w+\}[\W\d_]*)*")


def entries() -> Iterator[tuple[str, dict[str, str]]]:
    for section in SECTIONS:
        for key, texts in catalogue(section).items():
            yield f"{section}.{key}", texts


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def text_calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call of `text` in the source."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "text":
                yield f"{path.relative_to(SOURCE)}:{node.lineno}", node


def test_every_key_has_korean_and_english() -> None:
    for key, texts in entries():
        assert set(texts) == {"ko", "en"}, key
        assert texts["ko"].strip(), key
        assert texts["en"].strip(), key


def test_both_languages_have_the_same_placeholders() -> None:
    for key, texts in entries():
        assert placeholders(texts["ko"]) == placeholders(texts["en"]), key
        assert "" not in placeholders(texts["ko"]), f"{key}: placeholders need names"


def test_korean_is_korean_and_english_is_not() -> None:
    """English may quote a Korean word, such as a column's name, but not be mostly Korean."""
    for key, texts in entries():
        if texts["ko"] != texts["en"] and not ALIKE_IN_BOTH.fullmatch(texts["ko"]):
            assert HANGUL.search(texts["ko"]), key
        if key != "cli.init_sheet":  # a sheet to begin with, Korean in both
            assert len(HANGUL.findall(texts["en"])) <= len(texts["en"]) / 4, key


def test_every_literal_key_in_the_source_exists_and_gets_its_values() -> None:
    checked = 0
    for where, call in text_calls():
        first = call.args[0]
        if not isinstance(first, ast.Constant):
            continue
        section, _, name = str(first.value).partition(".")
        assert section in SECTIONS, f"{where}: {first.value}"
        assert name in catalogue(section), f"{where}: {first.value}"
        given = {keyword.arg for keyword in call.keywords}
        if None not in given:
            needed = {re.split(r"[.\[!:]", n)[0] for n in placeholders(catalogue(section)[name]["ko"])}
            assert needed <= given, f"{where}: {first.value} needs {needed - given}"
        checked += 1
    assert checked > 100


def test_keys_that_are_put_together_exist() -> None:
    """`text(f"errors.{cause}_hint")`: at least one key of the catalogue fits the pattern."""
    for where, call in text_calls():
        first = call.args[0]
        if isinstance(first, ast.JoinedStr):
            pattern = "".join(
                re.escape(part.value) if isinstance(part, ast.Constant) else r"\w+" for part in first.values
            )
            assert any(re.fullmatch(pattern, key) for key, _ in entries()), f"{where}: {pattern}"


def test_every_cause_of_a_failed_load_has_a_text_and_a_hint() -> None:
    source = (SOURCE / "models" / "loading.py").read_text(encoding="utf-8")
    causes = re.findall(r'return "(model_\w+)"', source)
    assert len(causes) >= 6
    for cause in causes:
        assert placeholders(catalogue("errors")[cause]["ko"]) <= {"name", "error"}
        assert placeholders(catalogue("errors")[f"{cause}_hint"]["ko"]) == set()


def test_values_are_filled_in(monkeypatch: pytest.MonkeyPatch) -> None:
    assert text("errors.config_missing", "ko", path="school.toml") == "school.toml 파일이 없습니다."
    monkeypatch.setenv("SCHOOLHELPER_LANG", "en")
    assert text("errors.config_missing", path="{odd}") == "{odd} does not exist."


@pytest.mark.parametrize(
    ("chosen", "system", "expected"),
    [
        ("ko", "en_US.UTF-8", "ko"),
        ("en", "ko_KR.UTF-8", "en"),
        ("", "en_GB.UTF-8", "en"),
        ("", "ko_KR.UTF-8", "ko"),
        ("fr", "C", "ko"),
        ("", "", "ko"),
    ],
)
def test_the_users_language(monkeypatch: pytest.MonkeyPatch, chosen: str, system: str, expected: str) -> None:
    monkeypatch.setenv("SCHOOLHELPER_LANG", chosen)
    monkeypatch.setenv("LC_ALL", "")
    monkeypatch.setenv("LANG", system)
    monkeypatch.setattr(locale, "getlocale", lambda: (None, None))
    assert user_language() == expected
