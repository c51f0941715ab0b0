"""What each token of a packed or continued text may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from torch import Tensor


def attention_masks(config: Any, batch: dict[str, Tensor], dtype: torch.dtype, since: int = 0) -> Any:
    """The packed batch's mask, or one for each kind of layer where a model has several; of the tokens
    `since` that place on."""
    window = getattr(config, "sliding_window", None)
    kinds = set(getattr(config, "layer_types", None) or ())
    if kinds:
        windows = {kind: window if kind == "sliding_attention" else None for kind in kinds}
        return {kind: tree_mask(batch, dtype, size)[:, :, since:] for kind, size in windows.items()}
    return tree_mask(batch, dtype, window)[:, :, since:]


def tree_mask(batch: dict[str, Tensor], dtype: torch.dtype, window: int | None = None) -> Tensor:
    """What each token sees, as an additive mask (rows, 1, tokens, tokens); with `window` only so many
    tokens back, itself included (sliding window attention)."""
    import torch

    segments, positions = batch["segments"], batch["position_ids"]
    theirs = segments[:, None, :]
    seen = ((segments[:, :, None] == theirs) | (batch["parents"][:, :, None] == theirs)).tril()
    if window:
        near = positions[:, :, None] - positions[:, None, :] < window
        seen &= near | (theirs == 0)  # padding has no positions
    mask = torch.zeros(seen.shape, dtype=dtype, device=segments.device)
    return mask.masked_fill_(~seen, torch.finfo(dtype).min)[:, None]
