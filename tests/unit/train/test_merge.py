from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from schoolhelper.errors import ModelError, RunError
from schoolhelper.models import Loaded, load_adapted, load_base, load_served
from schoolhelper.models.gemma3 import Checkpoint, Gemma3
from schoolhelper.prompts import Renderer, check_prompts
from schoolhelper.runs import read_manifest
from schoolhelper.train.fit import save_adapter
from schoolhelper.train.lora import attach
from schoolhelper.train.merge import merge
from schoolhelper.train.recipes import REFERENCE
from tiny import closed, let_speak, load_exact

TOKENS = torch.arange(6, 46).reshape(2, 20)


def logits(model: Any) -> torch.Tensor:
    with torch.inference_mode():
        out: torch.Tensor = model.eval()(input_ids=TOKENS).logits
    return out.float()


@pytest.fixture
def adapter(tiny_folder: Path, tmp_path: Path) -> Path:
    """A sealed adapter that changes what its base says."""
    model = attach(load_exact(tiny_folder).model, REFERENCE)
    torch.manual_seed(3)
    let_speak(model, 0.1)
    save_adapter(model, tmp_path / "adapter", base=str(tiny_folder), recipe=REFERENCE, score=1.0)
    return tmp_path / "adapter"


def test_the_merged_folder_is_a_model_that_transformers_loads_alone(
    adapter: Path, tiny_folder: Path, tmp_path: Path
) -> None:
    merge(adapter, str(tiny_folder), tmp_path / "merged")
    alone = AutoModelForCausalLM.from_pretrained(tmp_path / "merged", dtype=torch.float32)
    with_adapter = PeftModel.from_pretrained(load_exact(tiny_folder).model, adapter)
    plain = logits(load_exact(tiny_folder).model)
    wanted = logits(with_adapter)
    # The merged weights are stored in bf16, which keeps 8 bits: each is off by up to 1/256 of itself.
    off = (logits(alone) - wanted).abs().mean() / (wanted - plain).abs().mean()
    assert off < 0.05
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "merged")
    example = closed("점심시간은 언제예요?", "12시 30분부터입니다.")
    assert Renderer(tokenizer).render(example) == Renderer(load_exact(tiny_folder).tokenizer).render(example)


def test_the_tied_embedding_is_kept_once_and_untouched(
    adapter: Path, tiny_folder: Path, tmp_path: Path
) -> None:
    merge(adapter, str(tiny_folder), tmp_path / "merged")
    weights = load_file(tmp_path / "merged" / "model.safetensors")
    assert "lm_head.weight" not in weights
    assert not [name for name in weights if "lora" in name]
    alone = AutoModelForCausalLM.from_pretrained(tmp_path / "merged", dtype=torch.bfloat16)
    assert alone.get_output_embeddings().weight is alone.get_input_embeddings().weight
    base = load_exact(tiny_folder).model.get_input_embeddings().weight
    assert torch.equal(alone.get_input_embeddings().weight.float(), base)


def test_the_merged_folder_is_sealed_with_its_prompts(
    adapter: Path, tiny_folder: Path, tmp_path: Path
) -> None:
    merge(adapter, str(tiny_folder), tmp_path / "merged")
    manifest = read_manifest(tmp_path / "merged", verify=True)
    check_prompts(tmp_path / "merged")
    assert {"config.json", "model.safetensors", "tokenizer.json", "prompts.json"} <= set(manifest["files"])


def test_the_served_model_is_the_merged_model(adapter: Path, tiny_folder: Path, tmp_path: Path) -> None:
    served = load_adapted(adapter, str(tiny_folder))
    merge(adapter, str(tiny_folder), tmp_path / "merged")
    alone = AutoModelForCausalLM.from_pretrained(
        tmp_path / "merged",
        dtype=served.model.dtype,
        attn_implementation=served.model.config._attn_implementation,
    )
    assert not hasattr(served.model, "peft_config") or not served.model.peft_config
    torch.testing.assert_close(logits(served.model.cpu()), logits(alone), rtol=0, atol=0)


def test_merging_gives_the_same_bits_as_peft(adapter: Path, tiny_folder: Path) -> None:
    served = load_adapted(adapter, str(tiny_folder)).model.state_dict()
    by_peft = PeftModel.from_pretrained(load_base(str(tiny_folder)).model, adapter).merge_and_unload()
    wanted = by_peft.state_dict()
    assert served.keys() == wanted.keys()
    assert not [name for name in wanted if not torch.equal(served[name], wanted[name])]


def test_an_adapter_for_some_layers_is_served_and_merged_with_those(
    tiny_folder: Path, tmp_path: Path
) -> None:
    recipe = replace(REFERENCE, layers=1)
    model = attach(load_exact(tiny_folder).model, recipe)
    let_speak(model, 0.1)
    wanted = logits(model)
    save_adapter(model, tmp_path / "adapter", base=str(tiny_folder), recipe=recipe, score=1.0)
    served = load_adapted(tmp_path / "adapter", str(tiny_folder)).model
    merge(tmp_path / "adapter", str(tiny_folder), tmp_path / "merged")
    alone = AutoModelForCausalLM.from_pretrained(tmp_path / "merged", dtype=torch.bfloat16)
    assert len(served.model.layers) == len(alone.model.layers) == 1
    torch.testing.assert_close(logits(served), wanted, rtol=0.1, atol=0.1)
    torch.testing.assert_close(logits(alone), wanted, rtol=0.1, atol=0.1)


@pytest.fixture(params=[load_adapted, load_served])
def load(request: pytest.FixtureRequest) -> Callable[..., Loaded]:
    """As a model of transformers, and as what answers."""
    found: Callable[..., Loaded] = request.param
    return found


@pytest.mark.parametrize("layers", [0, 1])
def test_what_answers_has_the_same_bits(tiny_gemma3: Path, tmp_path: Path, layers: int) -> None:
    """Read from its files; or from a model of transformers, where the base is in several files."""
    recipe = replace(REFERENCE, layers=layers)
    model = let_speak(attach(load_exact(tiny_gemma3).model, recipe), 0.1)
    save_adapter(model, tmp_path / "adapter", base=str(tiny_gemma3), recipe=recipe, score=1.0)
    pieces = shutil.copytree(tiny_gemma3, tmp_path / "pieces")
    (pieces / "model.safetensors").unlink()
    load_base(str(tiny_gemma3)).model.save_pretrained(pieces, max_shard_size="40KB")
    wanted = load_adapted(tmp_path / "adapter", str(tiny_gemma3)).model.state_dict()
    for base in (tiny_gemma3, pieces):
        served = load_served(tmp_path / "adapter", str(base)).model
        assert isinstance(served, Checkpoint)
        assert len(Gemma3(served).layers) == (layers or 2)
        found = {name: served.weight(name) for name in wanted if name != "lm_head.weight"}
        assert not [name for name, weight in found.items() if not torch.equal(weight, wanted[name])]


def test_another_kind_of_model_answers_as_transformers_has_it(tiny_gemma: Path, tmp_path: Path) -> None:
    model = attach(load_exact(tiny_gemma).model, REFERENCE)
    save_adapter(model, tmp_path / "adapter", base=str(tiny_gemma), recipe=REFERENCE, score=1.0)
    served = load_served(tmp_path / "adapter", str(tiny_gemma)).model
    assert type(served) is type(load_base(str(tiny_gemma)).model)


def test_a_base_without_a_weight_says_so(adapter: Path, tiny_gemma3: Path, tmp_path: Path) -> None:
    lacking = shutil.copytree(tiny_gemma3, tmp_path / "lacking")
    weights = load_file(lacking / "model.safetensors")
    del weights["model.norm.weight"]
    save_file(weights, lacking / "model.safetensors", {"format": "pt"})
    with pytest.raises(ModelError, match=str(lacking)):
        Gemma3(load_served(adapter, str(lacking)).model)


def test_an_adapter_without_its_prompts_is_refused(
    adapter: Path, tiny_folder: Path, load: Callable[..., Loaded]
) -> None:
    (adapter / "prompts.json").unlink()
    with pytest.raises(RunError):
        load(adapter, str(tiny_folder))


def test_a_damaged_adapter_says_so(adapter: Path, tiny_folder: Path, load: Callable[..., Loaded]) -> None:
    weights = adapter / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:500])
    with pytest.raises(ModelError, match=str(adapter)) as caught:
        load(adapter, str(tiny_folder))
    assert caught.value.hint


def test_an_adapter_without_weights_says_so_and_asks_no_hub(
    adapter: Path, tiny_folder: Path, load: Callable[..., Loaded]
) -> None:
    (adapter / "adapter_model.safetensors").unlink()
    with pytest.raises(ModelError, match=str(adapter)):
        load(adapter, str(tiny_folder))


def test_an_adapter_of_another_base_says_so(
    adapter: Path, tiny_folder: Path, tmp_path: Path, load: Callable[..., Loaded]
) -> None:
    from tiny import make_model

    for kind in ("gemma", "gemma3"):
        wide = make_model(tmp_path / kind, kind, hidden_size=64)
        with pytest.raises(ModelError):
            load(adapter, str(wide))
