"""The loss on answers, and the score that decides which checkpoint is kept.

Only the completion carries labels, so the vocabulary head (two thirds of a small Gemma) is computed
only there; a verdict needs two rows of it. Under teacher forcing an answer whose every token is the
most likely one is exactly the answer that greedy decoding would write; so the exact-answer rate needs
no generation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from schoolhelper.models import attention_masks, causal_model, label_logits, soft_cap
from schoolhelper.prompts import IGNORED
from schoolhelper.train.gated import wanted_only
from schoolhelper.train.head import head_entropy
from schoolhelper.train.vocabulary import Cut


@dataclass(frozen=True, slots=True)
class Labelled:
    """The n labelled tokens of a batch: cross entropy, whether it is the likeliest token, and the
    number of its example; `size` examples in all."""

    entropy: Tensor
    right: Tensor
    examples: Tensor
    size: int

    def loss(self, count: Any = None) -> Tensor:
        """Each example's mean over its labels, and the mean of those; with `count`, the sum over all
        labels divided by it, which is the stock Trainer's loss.

        Where every example counts the same, one worded answer cannot outweigh fifty verdicts.
        """
        labels = torch.bincount(self.examples, minlength=self.size)
        each = self.entropy if count is not None else self.entropy / labels[self.examples]
        total: Tensor = each.sum()
        return total / (self.size if count is None else count)

    def scores(self) -> Tensor:
        """For each example: 1 if the greedy answer is exactly the label, and the label's probability
        a token; shape (size, 2)."""
        labels = torch.bincount(self.examples, minlength=self.size)
        hits = torch.bincount(self.examples, weights=self.right.float(), minlength=self.size)
        total = torch.bincount(self.examples, weights=self.entropy.float(), minlength=self.size)
        return torch.stack([(hits == labels).float(), (-total / labels).exp()], dim=-1)


def read_labels(
    model: Any, batch: dict[str, Tensor], verdict_tokens: tuple[int, int], cut: Cut | None = None
) -> Labelled:
    """Run a packed batch (see `packing.collate`) and compare with its labels.

    A verdict is a choice between the two `verdict_tokens`; any other label is one of the vocabulary, or
    of what is written of a `cut` one (all labels among them).
    """
    causal = causal_model(model)
    head = causal.get_output_embeddings()
    asked, ids = batch["labels"] != IGNORED, batch["input_ids"]
    read = {"inputs_embeds": cut.read.embedded(ids)} if cut else {"input_ids": ids}
    with wanted_only(asked):
        states = causal.base_model(
            **read,
            position_ids=batch["position_ids"],
            attention_mask=attention_masks(causal.config, batch, head.weight.dtype),
            use_cache=False,
        ).last_hidden_state
    hidden, targets, examples = states[asked], batch["labels"][asked], batch["examples"][asked]
    verdict = batch["verdicts"][examples]
    entropy = torch.zeros(len(targets), device=hidden.device)
    right = torch.zeros(len(targets), dtype=torch.bool, device=hidden.device)
    if verdict.any():
        logits = label_logits(causal, hidden[verdict], list(verdict_tokens))
        choice = (targets[verdict] == verdict_tokens[1]).long()
        entropy[verdict] = F.cross_entropy(logits, choice, reduction="none")
        right[verdict] = logits.argmax(-1) == choice
    if not verdict.all():
        weight, bias, words = head.weight, head.bias, targets[~verdict]
        if cut and cut.written:
            tokens, weight, bias = cut.written
            words = torch.searchsorted(tokens, words)
        entropy[~verdict], right[~verdict] = head_entropy(
            hidden[~verdict], weight, bias, words, soft_cap(causal)
        )
    return Labelled(entropy, right, examples, len(batch["verdicts"]))
