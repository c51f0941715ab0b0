from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from schoolhelper.models import Loaded, load_base
from schoolhelper.train.lora import Share, attach, detach, merged, share, to_base_type
from schoolhelper.train.recipes import DEFAULT, REFERENCE
from tiny import let_speak, load_exact

TOKENS = torch.arange(6, 46).reshape(2, 20)


def logits(model: Any) -> torch.Tensor:
    with torch.inference_mode():
        out: torch.Tensor = model.eval()(input_ids=TOKENS).logits
    return out


def test_only_the_adapter_is_trained_on_every_linear_map(base: Loaded) -> None:
    model = attach(base.model, REFERENCE)
    trained = [name for name, weight in model.named_parameters() if weight.requires_grad]
    assert all("lora_" in name for name in trained)
    maps = {name.split(".lora_")[0].rsplit(".", 1)[1] for name in trained}
    assert maps == {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}


def test_share_counts_right(base: Loaded) -> None:
    total = sum(weight.numel() for weight in base.model.parameters())
    # widths of q, k, v, o, gate, up, down; two layers; rank 8
    widths = [(32, 32), (32, 8), (32, 8), (32, 32), (32, 64), (32, 64), (64, 32)]
    adapter = 2 * 8 * sum(rows + columns for rows, columns in widths)
    counted = share(attach(base.model, REFERENCE))
    assert counted == Share(adapter, total + adapter)
    assert str(Share(25, 1000)) == "25 / 1,000 (2.50%)"


def test_only_the_layers_that_a_recipe_names_take_part(base: Loaded) -> None:
    before = logits(base.model)
    model = attach(base.model, replace(REFERENCE, layers=1))
    layers = {
        name.split(".layers.")[1].split(".")[0] for name, w in model.named_parameters() if w.requires_grad
    }
    assert layers == {"0"}
    assert not torch.equal(logits(model), before)  # though the adapter changes nothing yet
    assert torch.equal(logits(detach(model)), before)


def test_a_fresh_adapter_changes_nothing_and_the_seed_decides_it(base: Loaded) -> None:
    before = logits(base.model)
    drawn = []
    for seed in (0, 0, 1):
        model = attach(base.model, replace(REFERENCE, seed=seed))
        torch.testing.assert_close(logits(model), before, rtol=0, atol=0)
        drawn.append(next(w.detach().clone() for n, w in model.named_parameters() if "lora_A" in n))
        detach(model)
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])


@pytest.mark.parametrize("recipe", [REFERENCE, DEFAULT], ids=["reference", "default"])
def test_detach_gives_the_untouched_base_back(base: Loaded, recipe: Any) -> None:
    before, names = logits(base.model), [name for name, _ in base.model.named_parameters()]
    model = attach(base.model, recipe)
    let_speak(model, 0.2)
    assert not torch.equal(logits(model), before)
    back = detach(model)
    assert back is base.model
    assert torch.equal(logits(back), before)
    assert [name for name, _ in back.named_parameters()] == names
    again = attach(back, recipe)
    assert share(again).trainable == share(attach(load_exact(Path(base.path)).model, recipe)).trainable
    assert torch.equal(logits(again), before)


@pytest.mark.parametrize("exact", [True, False], ids=["float32", "bfloat16"])
def test_merged_answers_alike_and_leaves_the_base_bit_for_bit(tiny_folder: Path, exact: bool) -> None:
    loaded = load_exact(tiny_folder) if exact else load_base(str(tiny_folder), on="cpu")
    before = logits(loaded.model)
    model = attach(loaded.model, REFERENCE if exact else DEFAULT)
    let_speak(model, 0.2)
    adapted = logits(model)
    with merged(model) as whole:
        inside = logits(whole)
    if exact:  # bf16 keeps 8 bits, so there the merged weights are rounded
        torch.testing.assert_close(inside, adapted, rtol=1e-4, atol=1e-3)
    assert torch.equal(logits(model), adapted)
    assert torch.equal(logits(detach(model)), before)


def test_the_base_is_restored_even_if_judging_fails(base: Loaded) -> None:
    before = logits(base.model)
    model = attach(base.model, REFERENCE)
    let_speak(model, 0.2)
    with pytest.raises(RuntimeError, match="interrupted"), merged(model):
        raise RuntimeError("interrupted")
    assert torch.equal(logits(detach(model)), before)


def test_an_adapter_read_back_can_take_the_bases_type(tiny_gemma: Path, tmp_path: Path) -> None:
    model = attach(load_base(str(tiny_gemma), on="cpu").model, DEFAULT)
    model.save_pretrained(tmp_path)
    model.load_adapter(tmp_path, "default", is_trainable=True)
    to_base_type(model)
    assert {w.dtype for w in model.parameters() if w.requires_grad} == {torch.bfloat16}
