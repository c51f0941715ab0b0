"""Two halves in threads against the whole: loss, gradients, bits."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import torch

from schoolhelper.dataset import closed_examples
from schoolhelper.models import Loaded
from schoolhelper.prompts import Renderer
from schoolhelper.train.lora import attach
from schoolhelper.train.loss import read_labels
from schoolhelper.train.packing import collate, pack
from schoolhelper.train.recipes import DEFAULT
from schoolhelper.train.side_by_side import halves, summed
from tiny import ENTRIES, let_speak

EXAMPLES = closed_examples(ENTRIES)[:6]
Batch = dict[str, torch.Tensor]
pytestmark = pytest.mark.usefixtures("threads")


@pytest.fixture
def renderer(base: Loaded) -> Renderer:
    return Renderer(base.tokenizer)


@pytest.fixture
def model(base: Loaded) -> Any:
    return let_speak(attach(base.model, dataclasses.replace(DEFAULT, starter=False)), 0.05)


def batch(renderer: Renderer, limit: int = 24) -> Batch:
    rows = pack([renderer.render(example) for example in EXAMPLES], limit)
    return collate(rows, renderer.pad, 8)


def grown(model: Any, renderer: Renderer, parts: list[Batch], scale: float = 1.0) -> tuple[float, Any]:
    """The loss, and every adapter weight's gradient of it."""
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    for weight in weights:
        weight.grad = None
    loss = summed(lambda part: read_labels(model, part, (renderer.no, renderer.yes)).loss(), parts, weights)
    (loss * scale).backward()
    return float(loss.detach()), [weight.grad for weight in weights]


def test_halves_give_the_wholes_loss_and_gradients(model: Any, renderer: Renderer) -> None:
    whole = batch(renderer)
    parts = halves(whole)
    assert len(parts) == 2
    assert sum(len(part["input_ids"]) for part in parts) == len(whole["input_ids"])
    one, two = grown(model, renderer, [whole]), grown(model, renderer, parts)
    assert one[0] == pytest.approx(two[0], rel=1e-5)
    for mine, yours in zip(one[1], two[1], strict=True):
        torch.testing.assert_close(mine, yours, atol=1e-6, rtol=1e-4)


def test_the_same_rows_give_the_same_bits_on_one_thread_and_two(model: Any, renderer: Renderer) -> None:
    """In half precision, as training is; MKL's float32 products go by threads of their own."""
    model.bfloat16()
    parts = halves(batch(renderer))
    first = grown(model, renderer, parts)
    for threads in (2, 2, 2, 1):
        torch.set_num_threads(threads)
        again = grown(model, renderer, parts)
        assert again[0] == first[0]
        assert all(torch.equal(one, two) for one, two in zip(first[1], again[1], strict=True))


def test_gradients_add_up_and_are_scaled_as_any_others(model: Any, renderer: Renderer) -> None:
    parts = halves(batch(renderer))
    _, plain = grown(model, renderer, parts)
    plain = [grad.clone() for grad in plain]
    _, quarter = grown(model, renderer, parts, 0.25)
    for mine, yours in zip(plain, quarter, strict=True):
        torch.testing.assert_close(mine / 4, yours)


def test_a_weight_that_took_no_part_gets_no_gradient(model: Any, renderer: Renderer) -> None:
    idle = torch.zeros(3, requires_grad=True)
    weights = [idle, *(weight for weight in model.parameters() if weight.requires_grad)]
    parts = halves(batch(renderer))
    summed(
        lambda part: read_labels(model, part, (renderer.no, renderer.yes)).loss(), parts, weights
    ).backward()
    assert idle.grad is None


def test_one_row_is_not_halved(renderer: Renderer) -> None:
    assert len(halves(batch(renderer, 1000))) == 1
