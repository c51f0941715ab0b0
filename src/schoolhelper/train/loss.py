"""The loss on answers, and the score that decides which checkpoint is kept.

Only the completion carries labels, so the vocabulary head (two thirds of a small Gemma) is computed
only there. Under teacher forcing an answer whose every token is the most likely one is exactly the
answer that greedy decoding would write; so the exact-answer rate needs no generation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schoolhelper.prompts import IGNORED

if TYPE_CHECKING:
    from torch import Tensor


def causal_model(model: Any) -> Any:
    """The causal model itself, with its adapter layers in place, whether PEFT wraps it or not."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model


def label_logits(model: Any, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    """Logits (n, vocabulary), targets (n) and batch rows (n) of the n positions that have a label."""
    causal = causal_model(model)
    hidden = causal.base_model(
        input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], use_cache=False
    ).last_hidden_state
    targets = batch["labels"][:, 1:]
    kept = targets != IGNORED
    logits = causal.get_output_embeddings()(hidden[:, :-1][kept])
    cap = getattr(causal.config, "final_logit_softcapping", None)
    if cap:
        logits = (logits / cap).tanh() * cap
    rows = kept.nonzero()[:, 0]
    return logits, targets[kept], rows


def answer_loss(logits: Tensor, targets: Tensor, rows: Tensor, size: int) -> Tensor:
    """Cross entropy, a mean over each of `size` rows' labels and then over the rows.

    Every example counts the same: by tokens, one worded answer would outweigh fifty verdicts.
    """
    import torch
    import torch.nn.functional as F  # noqa: N812

    each = F.cross_entropy(logits.float(), targets, reduction="none")
    labels = torch.bincount(rows, minlength=size)
    return (each / labels[rows]).sum() / size


def answer_scores(logits: Tensor, targets: Tensor, rows: Tensor, size: int) -> Tensor:
    """For each of `size` rows: 1 if the greedy answer is exactly the label, the share of it written
    before the first wrong token, and the label's probability a token; shape (size, 3)."""
    import torch
    import torch.nn.functional as F  # noqa: N812

    right = logits.argmax(-1) == targets
    log_probability = -F.cross_entropy(logits.float(), targets, reduction="none")
    scores = torch.zeros(size, 3, device=logits.device)
    for row in range(size):
        mine = rows == row
        scores[row, 0] = right[mine].all()
        scores[row, 1] = right[mine].cumprod(0).float().mean()
        scores[row, 2] = log_probability[mine].mean().exp()
    return scores
