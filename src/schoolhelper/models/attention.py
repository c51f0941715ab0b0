"""What each token of a packed or continued text may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from torch import Tensor

LAYERS = {"full_attention", "sliding_attention"}
"""The kinds of layers whose attention a mask describes wholly."""


def attention_masks(config: Any, batch: dict[str, Tensor], dtype: torch.dtype, *, since: int = 0) -> Any:
    """The packed batch's mask, or one for each kind of layer where a model has several; of the tokens
    from place `since` on."""
    config = config.get_text_config()
    window = getattr(config, "sliding_window", None)
    kinds = set(getattr(config, "layer_types", None) or ())
    if kinds:
        windows = {kind: window if kind == "sliding_attention" else None for kind in kinds}
        return {kind: tree_mask(batch, dtype, size, since=since) for kind, size in windows.items()}
    return tree_mask(batch, dtype, window, since=since)


def tree_mask(
    batch: dict[str, Tensor], dtype: torch.dtype, window: int | None = None, *, since: int = 0
) -> Tensor:
    """What each token from place `since` on sees, as an additive mask (rows, 1, those tokens, tokens);
    with `window` only so many tokens back, itself included (sliding window attention)."""
    import torch

    segments, positions = batch["segments"], batch["position_ids"]
    mine, parents, theirs = segments[:, since:, None], batch["parents"][:, since:, None], segments[:, None, :]
    seen = ((mine == theirs) | (parents == theirs)).tril(since)
    if window:
        near = positions[:, since:, None] - positions[:, None, :] < window
        seen &= near | (theirs == 0)  # padding has no positions
    mask = torch.zeros(seen.shape, dtype=dtype, device=segments.device)
    return mask.masked_fill_(~seen, torch.finfo(dtype).min)[:, None]
