"""Logits as the model itself makes them, in full precision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor


def soft_cap(causal: Any) -> float | None:
    """The soft cap that some models (Gemma 2) put on their logits."""
    cap: float | None = getattr(causal.config.get_text_config(), "final_logit_softcapping", None)
    return cap


def capped(logits: Tensor, cap: float | None) -> Tensor:
    """The logits in full precision, softly capped, as a copy."""
    import torch

    full = logits.to(torch.promote_types(logits.dtype, torch.float32), copy=True)
    return full.div_(cap).tanh_() * cap if cap else full


def label_logits(causal: Any, hidden: Tensor, tokens: list[int]) -> Tensor:
    """The logits of a few tokens, (states, tokens), for `hidden` (states, width); the head itself gets
    no gradient."""
    import torch

    head = causal.get_output_embeddings()
    full = torch.promote_types(hidden.dtype, torch.float32)
    logits: Tensor = hidden.to(full) @ head.weight[tokens].detach().to(full).T
    if head.bias is not None:
        logits = logits + head.bias[tokens].detach()
    return capped(logits, soft_cap(causal))
