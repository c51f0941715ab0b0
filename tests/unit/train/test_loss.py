from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from schoolhelper.dataset import Example, closed_examples
from schoolhelper.models import Loaded
from schoolhelper.prompts import IGNORED, Renderer, padded
from schoolhelper.train.lora import attach
from schoolhelper.train.loss import answer_loss, answer_scores, label_logits
from schoolhelper.train.recipes import REFERENCE
from tiny import ENTRIES, load_exact

RECIPE = replace(REFERENCE, dropout=0.0)
EXAMPLES = closed_examples(ENTRIES)[:6]
"""Of different lengths, so that a batch of them has padding."""


def batch_of(renderer: Renderer, examples: Sequence[Example]) -> dict[str, torch.Tensor]:
    rows = [renderer.render(example) for example in examples]
    return {name: torch.tensor(values) for name, values in padded(rows, renderer.pad, 8).items()}


def adapted(base: Loaded) -> Any:
    """The base with an adapter that says something: B starts at zero, here it does not."""
    model = attach(base.model, RECIPE)
    torch.manual_seed(1)
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.1)
    return model.eval()


def gradients(model: Any, loss: torch.Tensor) -> dict[str, torch.Tensor]:
    model.zero_grad()
    loss.backward()
    return {name: weight.grad.clone() for name, weight in model.named_parameters() if weight.requires_grad}


def overfit(model: Any, batch: dict[str, torch.Tensor], steps: int) -> None:
    optimiser = torch.optim.AdamW([w for w in model.parameters() if w.requires_grad], lr=2e-2)
    for _ in range(steps):
        optimiser.zero_grad()
        answer_loss(*label_logits(model, batch), len(batch["labels"])).backward()
        optimiser.step()


def greedy(model: Any, renderer: Renderer, example: Example) -> list[int]:
    """What the model itself writes, token by token, up to the end of its turn."""
    prompt = torch.tensor([renderer.prompt(example)])
    with torch.inference_mode():
        written = model.generate(
            input_ids=prompt,
            attention_mask=torch.ones_like(prompt),
            max_new_tokens=40,
            do_sample=False,
            eos_token_id=renderer.end,
            pad_token_id=renderer.pad,
        )
    return [int(token) for token in written[0, prompt.shape[1] :]]


def test_the_loss_is_the_mean_of_the_stock_models_own_over_the_examples(base: Loaded) -> None:
    model, renderer = adapted(base), Renderer(base.tokenizer)
    batch = batch_of(renderer, EXAMPLES)
    assert (batch["attention_mask"] == 0).any()
    alone = [model(**batch_of(renderer, [example])).loss for example in EXAMPLES]
    stock = torch.stack(alone).mean()
    ours = answer_loss(*label_logits(model, batch), len(EXAMPLES))
    torch.testing.assert_close(ours, stock)
    torch.testing.assert_close(gradients(model, ours), gradients(model, stock))


def test_softcapped_logits_are_the_models_own(tiny_gemma3: Path) -> None:
    base = load_exact(tiny_gemma3)
    base.model.config.final_logit_softcapping = 3.0
    model, batch = adapted(base), batch_of(Renderer(base.tokenizer), EXAMPLES)
    whole = model(**batch).logits[:, :-1]
    kept = batch["labels"][:, 1:] != IGNORED
    assert whole.abs().max() <= 3
    torch.testing.assert_close(label_logits(model, batch)[0], whole[kept])


def test_several_batches_add_up_to_one(base: Loaded) -> None:
    model, renderer = adapted(base), Renderer(base.tokenizer)
    whole = batch_of(renderer, EXAMPLES)
    at_once = gradients(model, answer_loss(*label_logits(model, whole), len(EXAMPLES)))
    model.zero_grad()
    for part in (EXAMPLES[:2], EXAMPLES[2:4], EXAMPLES[4:]):
        (answer_loss(*label_logits(model, batch_of(renderer, part)), len(part)) / 3).backward()
    summed = {name: w.grad for name, w in model.named_parameters() if w.requires_grad}
    torch.testing.assert_close(summed, at_once)


def test_the_padding_changes_nothing(base: Loaded) -> None:
    model, renderer = adapted(base), Renderer(base.tokenizer)
    _, _, rows = label_logits(model, batch_of(renderer, EXAMPLES))
    together, _, _ = label_logits(model, batch_of(renderer, EXAMPLES))
    alone = [label_logits(model, batch_of(renderer, [example]))[0] for example in EXAMPLES]
    for number, logits in enumerate(alone):
        torch.testing.assert_close(together[rows == number], logits, rtol=1e-4, atol=1e-4)


def test_exact_means_that_greedy_decoding_writes_the_answer(base: Loaded) -> None:
    """Overfit on a part of the examples, then compare with what the model really writes."""
    model, renderer = adapted(base), Renderer(base.tokenizer)
    overfit(model, batch_of(renderer, EXAMPLES[:4]), steps=40)
    batch = batch_of(renderer, EXAMPLES)
    with torch.inference_mode():
        logits, targets, rows = label_logits(model, batch)
    scores = answer_scores(logits, targets, rows, len(EXAMPLES))
    for example, (exact, written, likely) in zip(EXAMPLES, scores.tolist(), strict=True):
        label = [*renderer.encode(example.completion), renderer.end]
        said = greedy(model, renderer, example)
        same = next((i for i, (a, b) in enumerate(zip(said, label, strict=False)) if a != b), len(label))
        assert bool(exact) == (said == label)
        assert written == pytest.approx(same / len(label))
        assert 0 < likely <= 1
    assert scores[:4, 0].tolist() == [1, 1, 1, 1]
    assert 0 in scores[:, 0]


def test_scores_of_known_logits() -> None:
    sure = torch.tensor([[9.0, 0, 0], [0, 9.0, 0], [0, 0, 9.0], [9.0, 0, 0]])
    scores = answer_scores(sure, torch.tensor([0, 1, 2, 1]), torch.tensor([0, 0, 1, 1]), 2)
    assert scores[0].tolist() == pytest.approx([1, 1, 1], abs=1e-3)
    assert scores[1].tolist() == pytest.approx([0, 0.5, 0.011], abs=1e-3)
