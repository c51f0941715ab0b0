"""Logits as the model itself makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor


def soft_cap(causal: Any) -> float | None:
    """The soft cap that some models (Gemma 2) put on their logits."""
    cap: float | None = getattr(causal.config, "final_logit_softcapping", None)
    return cap


def capped(logits: Tensor, cap: float | None) -> Tensor:
    """The logits in full precision, softly capped, as a copy."""
    import torch

    full = logits.to(torch.promote_types(logits.dtype, torch.float32), copy=True)
    return full.div_(cap).tanh_().mul_(cap) if cap else full
