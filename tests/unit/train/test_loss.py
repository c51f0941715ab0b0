from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from schoolhelper.dataset import NO, YES, Example, closed_examples
from schoolhelper.models import Loaded
from schoolhelper.prompts import IGNORED, Renderer, padded
from schoolhelper.train.lora import attach
from schoolhelper.train.loss import Labelled, read_labels
from schoolhelper.train.packing import collate, pack
from schoolhelper.train.recipes import REFERENCE
from schoolhelper.train.vocabulary import cut_vocabulary, kept_tokens
from tiny import ENTRIES, let_speak, load_exact

RECIPE = replace(REFERENCE, dropout=0.0)
EXAMPLES = closed_examples(ENTRIES)[:6]
"""Of different lengths, so that a batch of them has padding."""


def batch_of(renderer: Renderer, examples: Sequence[Example]) -> dict[str, torch.Tensor]:
    rows = [renderer.render(example) for example in examples]
    return {name: torch.tensor(values) for name, values in padded(rows, renderer.pad, 8).items()}


def packed(renderer: Renderer, examples: Sequence[Example], limit: int = 0) -> dict[str, torch.Tensor]:
    return collate(pack([renderer.render(example) for example in examples], limit), renderer.pad, 8)


def read(model: Any, renderer: Renderer, examples: Sequence[Example], limit: int = 0) -> Labelled:
    return read_labels(model, packed(renderer, examples, limit), (renderer.no, renderer.yes))


def adapted(base: Loaded) -> Any:
    """The base with an adapter that says something."""
    model = attach(base.model, RECIPE)
    torch.manual_seed(1)
    return let_speak(model, 0.1).eval()


def gradients(model: Any, loss: torch.Tensor) -> dict[str, torch.Tensor]:
    model.zero_grad()
    loss.backward()
    return {name: weight.grad.clone() for name, weight in model.named_parameters() if weight.requires_grad}


def overfit(model: Any, renderer: Renderer, examples: Sequence[Example], steps: int) -> None:
    optimiser = torch.optim.AdamW([w for w in model.parameters() if w.requires_grad], lr=2e-2)
    for _ in range(steps):
        optimiser.zero_grad()
        read(model, renderer, examples).loss().backward()
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
    ours = read(model, renderer, EXAMPLES).loss()
    torch.testing.assert_close(ours, stock)
    torch.testing.assert_close(gradients(model, ours), gradients(model, stock))


def test_by_tokens_the_loss_is_the_stock_models_own(base: Loaded) -> None:
    model, renderer = adapted(base), Renderer(base.tokenizer)
    batch = batch_of(renderer, EXAMPLES)
    stock = model(**batch).loss
    ours = read(model, renderer, EXAMPLES).loss((batch["labels"] != IGNORED).sum())
    torch.testing.assert_close(ours, stock)
    torch.testing.assert_close(gradients(model, ours), gradients(model, stock))


@pytest.mark.parametrize("limit", [64, 200, 10_000])
def test_packed_examples_do_not_see_one_another(base: Loaded, limit: int) -> None:
    """Verdicts that share an entry's text and worded answers, in one row or in many: same loss, same
    gradients, and what a verdict costs is what the whole vocabulary's two logits say."""
    model, renderer = adapted(base), Renderer(base.tokenizer)
    context = (("도서관은 몇 시까지 열어요?", "도서관은 평일 17:30까지 엽니다."),)
    judged = [
        Example("judge", asked, "ko", said, "library", context)
        for asked, said in (("도서관 언제 닫아?", YES), ("급식은 언제예요?", NO), ("책은 몇 권 빌려요?", NO))
    ]
    examples = [*judged, *EXAMPLES, replace(judged[0], context=(("열람실", "없습니다."),))]
    alone, together = read(model, renderer, examples), read(model, renderer, examples, limit)
    torch.testing.assert_close(together.loss(), alone.loss())
    torch.testing.assert_close(gradients(model, together.loss()), gradients(model, alone.loss()))
    assert packed(renderer, examples, limit)["labels"].numel() < packed(renderer, examples)["labels"].numel()
    for example, (_, likely) in zip(judged, read(model, renderer, judged).scores().tolist(), strict=True):
        logits = model(input_ids=torch.tensor([renderer.prompt(example)])).logits[0, -1].detach()
        pair = logits[[renderer.yes, renderer.no]].softmax(-1)
        assert likely == pytest.approx(float(pair[0 if example.completion == YES else 1]), rel=1e-4)


def test_softcapped_logits_are_the_models_own(tiny_gemma3: Path) -> None:
    base = load_exact(tiny_gemma3)
    base.model.config.final_logit_softcapping = 3.0
    model, renderer = adapted(base), Renderer(base.tokenizer)
    batch = batch_of(renderer, EXAMPLES)
    whole = model(**batch).logits[:, :-1]
    assert whole.abs().max() <= 3
    kept = batch["labels"][:, 1:] != IGNORED
    entropy = torch.nn.functional.cross_entropy(whole[kept], batch["labels"][:, 1:][kept], reduction="none")
    torch.testing.assert_close(read(model, renderer, EXAMPLES).entropy, entropy)


def test_several_batches_add_up_to_one(base: Loaded) -> None:
    model, renderer = adapted(base), Renderer(base.tokenizer)
    at_once = gradients(model, read(model, renderer, EXAMPLES).loss())
    model.zero_grad()
    for part in (EXAMPLES[:2], EXAMPLES[2:4], EXAMPLES[4:]):
        (read(model, renderer, part).loss() / 3).backward()
    summed = {name: w.grad for name, w in model.named_parameters() if w.requires_grad}
    torch.testing.assert_close(summed, at_once)


def test_exact_means_that_greedy_decoding_writes_the_answer(base: Loaded) -> None:
    """Overfit on a part of the examples, then compare with what the model really writes."""
    model, renderer = adapted(base), Renderer(base.tokenizer)
    overfit(model, renderer, EXAMPLES[:4], steps=40)
    with torch.inference_mode():
        scores = read(model, renderer, EXAMPLES).scores()
    for example, (exact, likely) in zip(EXAMPLES, scores.tolist(), strict=True):
        label = [*renderer.encode(example.completion), renderer.end]
        said = greedy(model, renderer, example)
        assert bool(exact) == (said == label)
        assert 0 < likely <= 1
    assert scores[:4, 0].tolist() == [1, 1, 1, 1]
    assert 0 in scores[:, 0]


def test_scores_of_known_labels() -> None:
    entropy = torch.tensor([0.0, 0.0, 0.1, 4.0])
    found = Labelled(entropy, torch.tensor([True, True, True, False]), torch.tensor([0, 0, 1, 1]), 2)
    assert found.scores()[0].tolist() == pytest.approx([1, 1])
    assert found.scores()[1].tolist() == pytest.approx([0, 0.1287], abs=1e-3)
    assert float(found.loss()) == pytest.approx(2.05 / 2)
    assert float(found.loss(4)) == pytest.approx(4.1 / 4)


def test_over_kept_tokens_it_is_the_loss_of_a_model_that_has_no_others(base: Loaded) -> None:
    model, renderer = adapted(base), Renderer(base.tokenizer)
    kept = kept_tokens(renderer, [renderer.render(example) for example in EXAMPLES])[::2]
    labels = packed(renderer, EXAMPLES)["labels"]
    kept = torch.unique(torch.cat([kept, labels[labels != IGNORED]]))
    assert len(kept) < 0.8 * len(renderer.tokenizer)  # type: ignore[arg-type]
    batch = batch_of(renderer, EXAMPLES)
    read = torch.unique(torch.cat([batch["input_ids"].flatten(), torch.tensor([renderer.pad])]))
    logits = model(**batch).logits[:, :-1][..., kept]
    shown = batch["labels"][:, 1:] != IGNORED
    targets = torch.searchsorted(kept, batch["labels"][:, 1:][shown])
    entropy = torch.nn.functional.cross_entropy(logits[shown], targets, reduction="none")
    cut = cut_vocabulary(model, read, kept)
    ours = read_labels(model, packed(renderer, EXAMPLES), (renderer.no, renderer.yes), cut)
    torch.testing.assert_close(ours.entropy, entropy)
    torch.testing.assert_close(gradients(model, ours.entropy.mean()), gradients(model, entropy.mean()))
