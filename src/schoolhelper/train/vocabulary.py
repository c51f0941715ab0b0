"""The few rows of a model's vocabulary that a training needs.

The table of a small Gemma's vocabulary is two thirds of its weights, and as it is read from its file, each
row brings its neighbours into memory. Copies of the needed rows are a tenth of that; for the tokens that
they are of nothing changes.
"""

from __future__ import annotations

import ctypes
import mmap
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from schoolhelper.models import causal_model, vocabulary
from schoolhelper.prompts import IGNORED, Rendered, Renderer

MADV_PAGEOUT = 21
"""Linux's advice that pages may leave memory at once; what they hold is read again when it is wanted
(madvise(2))."""


class Read(NamedTuple):
    """What a model makes of `tokens` (sorted ids) before its first layer, `states` (tokens, width)."""

    tokens: Tensor
    states: Tensor

    def embedded(self, ids: Tensor) -> Tensor:
        """The states of `ids` (rows, tokens), all of which are among those read: (rows, tokens, width)."""
        return F.embedding(torch.searchsorted(self.tokens, ids.contiguous()), self.states)


class Written(NamedTuple):
    """The rows of a vocabulary head for the `tokens` (sorted ids) that a model is taught over."""

    tokens: Tensor
    weight: Tensor
    bias: Tensor | None


class Cut(NamedTuple):
    """What a training needs of a vocabulary; `written` is None where the whole head is meant."""

    read: Read
    written: Written | None


def cut_vocabulary(model: Any, read: Tensor, written: Tensor | None) -> Cut:
    """Copies of what a causal model has for the tokens (sorted ids) to be read, and to be written."""
    causal = causal_model(model)
    table, head = causal.get_input_embeddings(), causal.get_output_embeddings()
    with torch.no_grad():
        found = Read(read, table(read))
        cut = Cut(found, None if written is None else _rows(head, written))
    for each in (table, head):
        _put_away(each.weight)
    return cut


def needed(model: Any, renderer: Renderer, rendered: Sequence[Rendered], cut: bool) -> Cut:
    """What is needed of the model's vocabulary to read these texts and to learn their labels; all that
    could be written, or, `cut`, what answers can be written in."""
    read = {token for each in rendered for token in each.input_ids} | {renderer.pad}
    worded = cut and not all(each.verdict for each in rendered)
    written = kept_tokens(renderer, rendered).to(model.device) if worded else None
    return cut_vocabulary(model, torch.tensor(sorted(read), device=model.device), written)


def kept_tokens(renderer: Renderer, rendered: Sequence[Rendered]) -> torch.Tensor:
    """The tokens that answers can be written in, and all labels; sorted ids."""
    labels = {label for each in rendered for label in each.labels if label != IGNORED}
    tokenizer: Any = renderer.tokenizer
    return torch.tensor(sorted(vocabulary(tokenizer) | labels))


def _rows(head: Any, tokens: Tensor) -> Written:
    bias = None if head.bias is None else head.bias.detach()[tokens]
    return Written(tokens, head.weight.detach()[tokens], bias)


def _put_away(weight: Tensor) -> None:
    """Let a tensor that is read from a file leave memory until it is wanted again, where the system can."""
    if weight.device.type != "cpu" or sys.platform != "linux":
        return
    start = -(-weight.data_ptr() // mmap.PAGESIZE) * mmap.PAGESIZE
    length = weight.data_ptr() + weight.nbytes - start
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).madvise(ctypes.c_void_p(start), ctypes.c_size_t(max(length, 0)), MADV_PAGEOUT)
