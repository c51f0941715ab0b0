"""The norms of Gemma against the library's own, values and gradients."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch
from transformers.models.gemma3.modeling_gemma3 import Gemma3RMSNorm

from schoolhelper.train.lora import attach, detach
from schoolhelper.train.norm import replace_norms, rms_norm
from schoolhelper.train.recipes import DEFAULT
from tiny import load_exact


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
def test_values_and_gradients_are_the_librarys(kind: torch.dtype) -> None:
    torch.manual_seed(0)
    norm = Gemma3RMSNorm(24, eps=1e-6).to(kind)
    norm.weight.data.normal_(std=0.3)
    norm.weight.requires_grad_(False)
    one = (3 * torch.randn(2, 5, 24)).to(kind).requires_grad_()
    other = one.detach().clone().requires_grad_()
    pull = torch.randn(2, 5, 24).to(kind)
    expected, found = norm(one), rms_norm(other, norm.weight, norm.eps)
    assert torch.equal(expected, found)
    expected.backward(pull)
    found.backward(pull)
    assert one.grad is not None
    assert other.grad is not None
    tolerance = 1e-6 if kind == torch.float32 else 1e-2
    assert torch.allclose(one.grad.float(), other.grad.float(), atol=tolerance, rtol=tolerance)


def test_a_whole_models_adapter_gets_the_same_gradients(tiny_folder: Path) -> None:
    """Each kind of Gemma in float32; without the adapter the norms are the library's again."""
    base = load_exact(tiny_folder).model
    ids = torch.tensor([[2, 9, 8, 7, 30, 31, 32, 9]])
    grads = []
    for replaced in (False, True):
        recipe = dataclasses.replace(DEFAULT, fast=False, starter=False)
        model = attach(base, recipe)
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                torch.nn.init.constant_(weight, 0.01)
        if replaced:
            replace_norms(model)
        model(input_ids=ids, labels=ids).loss.backward()
        grads.append({n: w.grad.clone() for n, w in model.named_parameters() if w.requires_grad})
        base = detach(model)
    changed = [module for module in base.modules() if "forward" in vars(module)]
    assert not changed
    assert grads[0].keys() == grads[1].keys()
    for name, grad in grads[0].items():
        assert torch.allclose(grad, grads[1][name], atol=1e-6, rtol=1e-4), name


def test_a_norm_that_is_trained_is_refused() -> None:
    weight = torch.zeros(8, requires_grad=True)
    with pytest.raises(ValueError, match="frozen"):
        rms_norm(torch.randn(2, 8), weight, 1e-6)
