from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import torch

from schoolhelper.errors import ModelError
from schoolhelper.models import load_base, load_tokenizer, resolve
from schoolhelper.models.loading import hub_token
from schoolhelper.prompts import GEMMA_CHAT_TEMPLATE, Renderer


@pytest.fixture
def copy(tiny_gemma: Path, tmp_path: Path) -> Path:
    """A tiny model that a test may damage."""
    return Path(shutil.copytree(tiny_gemma, tmp_path / "model"))


def set_config(folder: Path, **values: Any) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | values), encoding="utf-8")


def refusal(name: Path | str) -> ModelError:
    with pytest.raises(ModelError) as caught:
        load_base(str(name), on="cpu")
    error = caught.value
    assert error.hint
    for said in (error.message, error.hint):
        assert "Traceback" not in said
        assert 'File "' not in said
        assert "\n" not in said
    return error


def test_a_folder_is_loaded_in_half_precision(tiny_folder: Path) -> None:
    loaded = load_base(str(tiny_folder), on="cpu")
    assert loaded.model.dtype == torch.bfloat16
    assert loaded.path == str(tiny_folder)
    assert loaded.tokenizer.padding_side == "right"
    assert loaded.tokenizer.chat_template == GEMMA_CHAT_TEMPLATE
    Renderer(loaded.tokenizer)


def test_a_template_of_its_own_is_kept(copy: Path) -> None:
    tokenizer = load_tokenizer(str(copy))
    tokenizer.chat_template = "{% for m in messages %}{{ m.content }}<end_of_turn>{% endfor %}"
    tokenizer.save_pretrained(copy)
    assert load_tokenizer(str(copy)).chat_template == tokenizer.chat_template


def test_a_tokenizer_without_padding_can_pad(copy: Path) -> None:
    tokenizer = load_tokenizer(str(copy))
    tokenizer.pad_token = None
    tokenizer.save_pretrained(copy)
    assert load_tokenizer(str(copy)).pad_token_id is not None


def truncate(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:5000])


def drop(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def pickle_only(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


@pytest.mark.parametrize(
    "damage",
    [
        truncate,
        drop("model.safetensors"),
        pickle_only,
        lambda folder: set_config(folder, num_hidden_layers=3),
    ],
    ids=["truncated", "missing", "pickle", "a layer missing"],
)
def test_damaged_weights(copy: Path, damage: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHOOLHELPER_LANG", "en")
    damage(copy)
    error = refusal(copy)
    assert "missing or damaged" in error.message
    assert str(copy) in error.message


def no_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer_config.json").unlink()


@pytest.mark.parametrize(
    "damage",
    [
        drop("tokenizer.json"),
        no_tokenizer,
        lambda folder: (folder / "tokenizer.json").write_text("{"),
        lambda folder: (folder / "config.json").write_text("{"),
        lambda folder: set_config(folder, hidden_size=64),
    ],
    ids=["no tokenizer.json", "no tokenizer", "broken tokenizer", "broken config", "other shape"],
)
def test_folders_that_are_not_whole(copy: Path, damage: Callable[[Path], object]) -> None:
    damage(copy)
    assert str(copy) in refusal(copy).message


@pytest.mark.parametrize("kind", ["siglip", "vit", "t5"])
def test_models_that_do_not_continue_text(copy: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHOOLHELPER_LANG", "en")
    (copy / "config.json").write_text(json.dumps({"model_type": kind}))
    assert "not a causal language model" in refusal(copy).message


def test_models_whose_logits_are_scaled_are_refused(copy: Path) -> None:
    set_config(copy, logit_scale=1.0)
    assert load_base(str(copy), on="cpu").model
    set_config(copy, logit_scale=0.5)
    assert "logit_scale" in refusal(copy).message


def test_code_that_comes_with_a_model_is_never_run(copy: Path) -> None:
    (copy / "code.py").write_text("from pathlib import Path\nPath(__file__).with_name('ran').touch()\n")
    set_config(copy, model_type="custom", auto_map={"AutoConfig": "code.C", "AutoModelForCausalLM": "code.M"})
    refusal(copy)
    assert not (copy / "ran").exists()


def test_names(tmp_path: Path, tiny_gemma: Path) -> None:
    assert resolve("google/gemma-2b-it") == resolve("gemma-2b-it") == ("google/gemma-2b-it", "main")
    assert resolve("gemma-2b-it", "v2") == ("google/gemma-2b-it", "v2")
    assert resolve("school/model") == ("school/model", "main")
    assert resolve("school/model", "abc") == ("school/model", "abc")
    assert resolve(str(tiny_gemma)) == (str(tiny_gemma), "")


@pytest.mark.parametrize("name", ["gemma-9", "./nowhere", "/nowhere/at/all", "~/nowhere", "gpt-3-175b"])
def test_names_that_cannot_be_loaded(name: str) -> None:
    assert name in refusal(name).message


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    assert str(tmp_path) in refusal(tmp_path).message


def test_without_network_the_message_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub's library is offline in all tests and its cache is empty."""
    monkeypatch.setenv("SCHOOLHELPER_LANG", "en")
    error = refusal("google/gemma-2b-it")
    assert "no network" in error.message
    assert "gemma-3-270m" in error.hint


def hub_error(name: str) -> Exception:
    from huggingface_hub import errors

    kind = getattr(errors, name)
    if name == "LocalEntryNotFoundError":
        return kind("not in the cache, and the hub cannot be reached")  # type: ignore[no-any-return]
    request = httpx.Request("GET", "https://hub.example/google/gemma-2b-it/resolve/main/model.safetensors")
    return kind("401 Client Error", response=httpx.Response(401, request=request))  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        ("GatedRepoError", "gated"),
        ("RepositoryNotFoundError", "no model"),
        ("LocalEntryNotFoundError", "no network"),
        (httpx.ConnectError("model.safetensors: name or service not known"), "no network"),
        (httpx.ReadTimeout("model.safetensors: timed out"), "no network"),
        (OSError(28, "No space left on device", "model.safetensors"), "disk is full"),
        (RuntimeError("I/O error: No space left on device (os error 28)"), "disk is full"),
        (OSError("/home/school401/model is odd"), "could not be loaded"),
    ],
)
def test_what_goes_wrong_while_fetching_weights(
    tiny_gemma: Path, monkeypatch: pytest.MonkeyPatch, raised: Exception | str, said: str
) -> None:
    """As the libraries pass it on: an OSError of theirs, from the cause."""
    from transformers import AutoModelForCausalLM

    def fail(*_: Any, **__: Any) -> None:
        try:
            raise hub_error(raised) if isinstance(raised, str) else raised
        except Exception as error:
            raise OSError(f"We could not load it: {error}") from error

    monkeypatch.setenv("SCHOOLHELPER_LANG", "en")
    monkeypatch.setattr(AutoModelForCausalLM, "from_pretrained", fail)
    assert said in refusal(tiny_gemma).message


def test_the_token_comes_from_the_environment_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.delenv("HUGGING_FACE_HUB_TOKEN", raising=False)
    assert hub_token() is None
    monkeypatch.setenv("HF_TOKEN", "hf_x")
    assert hub_token() == "hf_x"


def test_the_gated_reference_model_from_a_hub(tiny_gemma: Path, tmp_path: Path) -> None:
    """The whole way with name, revision and token, from a hub on this machine."""
    environment = os.environ | {
        "HF_HOME": str(tmp_path),
        "HF_HUB_OFFLINE": "0",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
        "SCHOOLHELPER_LANG": "en",
    }
    visit = subprocess.run(
        [sys.executable, "-W", "error", Path(__file__).with_name("hub_visit.py"), tiny_gemma],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert visit.returncode == 0, visit.stderr
    said = json.loads(visit.stdout)
    assert "gated" in said["no token"]["message"]
    assert "HF_TOKEN" in said["no token"]["hint"]
    assert "no model `school/no-such-model`" in said["unknown"]["message"]
    weights = float(
        load_base(str(tiny_gemma), on="cpu").model.get_input_embeddings().weight.detach().float().sum()
    )
    for way in ("token", "preset", "revision", "cached, no network"):
        assert said[way]["path"] == "google/gemma-2b-it"
        assert said[way]["kind"] == "GemmaForCausalLM"
        assert said[way]["template"]
        assert said[way]["weights"] == weights
    assert said["token"]["tokens_sent"] == ["Bearer hf_of_the_school"]
    assert said["revision"]["revisions"] == ["v2"]
    assert said["preset"]["revisions"] == said["cached, no network"]["revisions"] == []  # fetched once
    assert "hf_of_the_school" not in "".join(
        path.read_text(errors="ignore") for path in tmp_path.rglob("*") if path.is_file()
    )
