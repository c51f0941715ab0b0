"""A tokenizer without transformers does as one with it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from transformers import AutoTokenizer

import small_school
from schoolhelper.answer.judge import judge_example
from schoolhelper.errors import ModelError
from schoolhelper.models import embedded, load_tokenizer
from schoolhelper.models.tokenizer import FileTokenizer
from schoolhelper.prompts import GEMMA_CHAT_TEMPLATE, Renderer

SAID = ("도서관은 몇 시까지 열어요? ㅠㅠ", "<start_of_turn>user\nHi  there<end_of_turn>\n", "ㅁㄴ 😀\n\n", "")


@pytest.fixture
def folder(tiny_gemma3: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tiny tokenizer where the embedded one is looked for."""
    monkeypatch.setenv("SCHOOLHELPER_CACHE", str(tmp_path))
    shutil.copytree(tiny_gemma3, embedded.embedded_folder())
    template = embedded.embedded_folder() / "chat_template.jinja"
    template.write_text(GEMMA_CHAT_TEMPLATE, encoding="utf-8")
    return embedded.embedded_folder()


@pytest.fixture
def theirs(folder: Path) -> Any:
    return AutoTokenizer.from_pretrained(folder)


def test_the_embedded_one_is_read_without_transformers(folder: Path, theirs: Any) -> None:
    ours = load_tokenizer(str(folder))
    assert isinstance(ours, FileTokenizer)
    for said in SAID:
        ids = theirs.encode(said, add_special_tokens=False)
        assert ours.encode(said) == ids
        for skip in (True, False):
            assert ours.decode(ids, skip_special_tokens=skip) == theirs.decode(ids, skip_special_tokens=skip)
    assert ours.get_vocab() == theirs.get_vocab()
    assert (ours.bos_token_id, ours.pad_token_id) == (theirs.bos_token_id, theirs.pad_token_id)


def test_prompts_are_the_same(folder: Path, theirs: Any) -> None:
    ours, expected = Renderer(load_tokenizer(str(folder))), Renderer(theirs)
    assert (ours.end, ours.pad, ours.yes, ours.no) == (expected.end, expected.pad, expected.yes, expected.no)
    for entry in small_school.entries():
        example = judge_example(" {{ 7 * 7 }} 몇 시예요?\n", "ko", entry)
        assert ours.split_prompt(example) == expected.split_prompt(example)


def test_it_is_saved_whole(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "saved").mkdir()
    ours = load_tokenizer(str(folder))
    ours.save_pretrained(tmp_path / "saved")
    again = AutoTokenizer.from_pretrained(tmp_path / "saved")
    assert again.get_vocab() == ours.get_vocab()
    assert again.chat_template == ours.chat_template


def test_written_compactly_it_is_the_same(folder: Path) -> None:
    before = load_tokenizer(str(folder))
    file = folder / "tokenizer.json"
    size = file.stat().st_size
    embedded._compact(file)
    after = load_tokenizer(str(folder))
    assert file.stat().st_size < size
    assert [after.encode(said) for said in SAID] == [before.encode(said) for said in SAID]
    assert after.get_vocab() == before.get_vocab()


@pytest.mark.parametrize("name", ["tokenizer.json", "tokenizer_config.json", "chat_template.jinja"])
def test_a_missing_file_says_so(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelError, match=str(folder)) as caught:
        load_tokenizer(str(folder))
    assert caught.value.hint
