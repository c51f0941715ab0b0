"""Backward passes of our own against autograd's, values and gradients."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from transformers.models.gemma3.modeling_gemma3 import Gemma3RMSNorm

from both_ways import assert_same_both_ways
from schoolhelper.train.gated import gated_map, last_gated_map, wanted_only
from schoolhelper.train.lean import make_lean, rms_norm
from schoolhelper.train.lora import attach, detach, merged
from schoolhelper.train.low_rank import Adapted, lora_linears
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


def plain(states: torch.Tensor, each: Adapted) -> torch.Tensor:
    return (
        F.linear(states, each.weight, each.bias) + F.linear(F.linear(states, each.down), each.up) * each.scale
    )


@pytest.mark.parametrize("biased", [True, False])
@pytest.mark.parametrize("widths", [(7,), (7, 5, 5)])
def test_maps_that_read_the_same_are_their_products(widths: tuple[int, ...], biased: bool) -> None:
    torch.manual_seed(0)
    weights = [torch.randn(width, 12) for width in widths]
    biases = [torch.randn(width) if biased else None for width in widths]

    def maps(adapters: tuple[torch.Tensor, ...]) -> list[Adapted]:
        return [
            Adapted(weight, bias, down, up, 2.5)
            for weight, bias, down, up in zip(weights, biases, adapters[::2], adapters[1::2], strict=True)
        ]

    small = [torch.randn(*shape) for width in widths for shape in ((width % 4, 12), (width, width % 4))]
    assert_same_both_ways(
        lambda states, *given: torch.cat(lora_linears(states, maps(given)), -1),
        lambda states, *given: torch.cat([plain(states, each) for each in maps(given)], -1),
        [torch.randn(2, 5, 12), *small],
        torch.randn(2, 5, sum(widths)),
    )


SHAPES = {"gate": (9, 6), "up": (9, 6), "down": (6, 9)}


def gated_parts(given: Sequence[torch.Tensor]) -> list[Adapted]:
    """The maps of a gated map with `given` adapters, always over the same base."""
    torch.manual_seed(1)
    return [
        Adapted(torch.randn(*shape), None, given[2 * place], given[2 * place + 1], 1.5 + place)
        for place, shape in enumerate(SHAPES.values())
    ]


def plainly_gated(states: torch.Tensor, *given: torch.Tensor) -> torch.Tensor:
    gate, up, down = gated_parts(given)
    return plain(F.gelu(plain(states, gate), approximate="tanh") * plain(states, up), down)


def small_adapters() -> list[torch.Tensor]:
    torch.manual_seed(2)
    return [0.3 * torch.randn(*size) for out, width in SHAPES.values() for size in ((2, width), (out, 2))]


def test_a_gated_map_is_its_parts() -> None:
    assert_same_both_ways(
        lambda states, *given: gated_map(states, *gated_parts(given)),
        plainly_gated,
        [torch.randn(2, 5, 6), *small_adapters()],
        torch.randn(2, 5, 6),
    )


def test_the_last_gated_map_is_worked_out_where_it_is_wanted() -> None:
    torch.manual_seed(3)
    places = torch.rand(2, 80) < 0.3
    inputs = [0.3 * torch.randn(2, 80, 6), *small_adapters()]

    def ours(states: torch.Tensor, *given: torch.Tensor) -> torch.Tensor:
        with wanted_only(places):
            return last_gated_map(states, *gated_parts(given))[places]

    assert_same_both_ways(
        ours, lambda *given: plainly_gated(*given)[places], inputs, torch.randn(int(places.sum()), 6)
    )
    with wanted_only(places):
        found = last_gated_map(inputs[0], *gated_parts(inputs[1:]))
    assert 0 < int(places.sum()) < int(found.any(-1).sum()) < found[..., 0].numel()
    whole = last_gated_map(inputs[0], *gated_parts(inputs[1:]))
    torch.testing.assert_close(whole, plainly_gated(*inputs))


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
            assert any("MLP" in name for name in changed)
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
    trained = Adapted(weight[None], None, torch.zeros(1, 8), torch.zeros(1, 1), 1.0)
    with pytest.raises(ValueError, match="frozen"):
        lora_linears(torch.randn(2, 8), [trained])
    with pytest.raises(ValueError, match="frozen"):
        gated_map(torch.randn(2, 8), trained, trained, trained)
