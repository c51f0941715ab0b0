"""Backward passes of our own against autograd's, values and gradients."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from transformers.models.gemma3.modeling_gemma3 import Gemma3RMSNorm

from both_ways import assert_same_both_ways
from schoolhelper.train.lean import lora_linear, make_lean, rms_norm
from schoolhelper.train.lora import attach, detach, merged
from schoolhelper.train.recipes import DEFAULT
from tiny import let_speak, load_exact

RECIPE = dataclasses.replace(DEFAULT, fast=False, starter=False)
IDS = torch.tensor([[2, 9, 8, 7, 30, 31, 32, 9]])


def leaf(values: torch.Tensor) -> torch.Tensor:
    return values.detach().clone().requires_grad_()


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
def test_a_norm_is_the_librarys(kind: torch.dtype) -> None:
    torch.manual_seed(0)
    norm = Gemma3RMSNorm(24, eps=1e-6).to(kind)
    norm.weight.data.normal_(std=0.3)
    norm.weight.requires_grad_(False)
    one = leaf((3 * torch.randn(2, 5, 24)).to(kind))
    other, pull = leaf(one), torch.randn(2, 5, 24).to(kind)
    expected, found = norm(one), rms_norm(other, norm.weight, norm.eps)
    assert torch.equal(expected, found)
    expected.backward(pull)
    found.backward(pull)
    tolerance = 1e-6 if kind == torch.float32 else 1e-2
    torch.testing.assert_close(one.grad, other.grad, atol=tolerance, rtol=tolerance)


@pytest.mark.parametrize("biased", [True, False])
def test_a_lora_layer_is_its_products(biased: bool) -> None:
    torch.manual_seed(0)
    weight, bias = torch.randn(7, 12), torch.randn(7) if biased else None
    assert_same_both_ways(
        lambda states, down, up: lora_linear(states, weight, bias, down, up, 2.5),
        lambda states, down, up: F.linear(states, weight, bias) + F.linear(F.linear(states, down), up) * 2.5,
        [torch.randn(*shape) for shape in ((2, 5, 12), (3, 12), (7, 3))],
        torch.randn(2, 5, 7),
    )


def adapted(base: Any) -> Any:
    """The base with an adapter that says something."""
    return let_speak(attach(base, RECIPE), 0.05)


def test_a_whole_models_adapter_gets_the_same_gradients(tiny_folder: Path) -> None:
    """Each kind of Gemma in float32; without the adapter every layer is the library's again."""
    base = load_exact(tiny_folder).model
    grads = []
    for lean in (False, True):
        model = adapted(base)
        if lean:
            make_lean(model)
            changed = {type(module).__name__ for module in model.modules() if "forward" in vars(module)}
            assert any("RMSNorm" in name for name in changed)
            assert "Linear" in changed
        model(input_ids=IDS, labels=IDS).loss.backward()
        grads.append({n: w.grad.clone() for n, w in model.named_parameters() if w.requires_grad})
        base = detach(model)
    assert not [module for module in base.modules() if "forward" in vars(module)]
    assert grads[0].keys() == grads[1].keys()
    for name, grad in grads[0].items():
        torch.testing.assert_close(grad, grads[1][name], atol=1e-6, rtol=1e-4)


def test_a_merged_or_switched_off_adapter_is_left_to_the_library(tiny_gemma3: Path) -> None:
    base = load_exact(tiny_gemma3).model.eval()
    plain = base(IDS).logits
    model = adapted(base).eval()
    with torch.inference_mode():
        expected = model(IDS).logits
        make_lean(model)
        torch.testing.assert_close(model(IDS).logits, expected, atol=1e-4, rtol=1e-4)
        with merged(model):
            torch.testing.assert_close(model(IDS).logits, expected, atol=1e-4, rtol=1e-4)
        with model.disable_adapter():
            torch.testing.assert_close(model(IDS).logits, plain)


def test_dropout_and_other_types_are_left_to_the_library(tiny_gemma3: Path) -> None:
    base = load_exact(tiny_gemma3).model
    model = adapted(base).eval()
    expected = model(IDS).logits
    make_lean(model)
    for name, weight in model.named_parameters():
        if "lora" in name:
            weight.data = weight.data.double()
    torch.testing.assert_close(model(IDS).logits, expected, atol=1e-4, rtol=1e-4)
    base = detach(model)
    dropped = attach(base, dataclasses.replace(RECIPE, dropout=0.1))
    make_lean(dropped)
    assert not any("forward" in vars(module) for module in dropped.modules() if hasattr(module, "lora_A"))


def test_weights_that_are_trained_are_refused() -> None:
    weight = torch.zeros(8, requires_grad=True)
    with pytest.raises(ValueError, match="frozen"):
        rms_norm(torch.randn(2, 8), weight, 1e-6)
    with pytest.raises(ValueError, match="frozen"):
        lora_linear(torch.randn(2, 8), weight[None], None, torch.zeros(1, 8), torch.zeros(1, 1), 1.0)
