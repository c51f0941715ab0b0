"""Texts that many questions share are read once: their keys and values are kept.

What the judge reads of an entry does not depend on the question, so only the question itself is
computed for each candidate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from schoolhelper.models import Beginnings, attention_masks, causal_model, label_logits

if TYPE_CHECKING:
    from torch import Tensor

MEMORY = 1 << 31
"""Bytes of keys and values that are kept, at most; twelve layers of Gemma 3 270M take 12 KiB a token,
an entry some 1.3 MiB in each language. What is at hand at the moment (`BLOCK` texts) comes on top."""

BATCH = 16
"""Texts that are read at once."""

BLOCK = 64
"""Texts whose beginnings are at hand at once, so that those that go on for as long can be read together."""

Prefix = tuple[tuple["Tensor", "Tensor"], ...]
"""A text's keys and values in each layer, each (heads, tokens, width)."""

Item = TypeVar("Item")

Text = tuple[list[int], list[int]]
"""The tokens that are shared, and those that follow; at least one of each."""


class Reader(Protocol):
    """What reads texts that begin alike; the model's weights must not change meanwhile."""

    def label_logits(self, texts: Sequence[Text], tokens: list[int]) -> Tensor:
        """The logits of a few tokens behind each text, (texts, tokens)."""
        ...

    def warm(self, beginnings: Iterable[Sequence[int]]) -> None:
        """Read what will be wanted, as long as there is room."""
        ...


def load_reader(model: Any, pad: int, *, memory: int = MEMORY) -> Reader:
    """The fastest reader for a causal model, with or without an adapter in place, or for the checkpoint
    of one; it keeps at most `memory` bytes."""
    from schoolhelper.answer.gemma3_reader import Gemma3Reader
    from schoolhelper.models.gemma3 import Checkpoint, Gemma3

    if isinstance(model, Checkpoint):
        return Gemma3Reader(Gemma3(model), memory=memory)
    return PrefixReader(causal_model(model), pad, memory=memory)


class PrefixReader:
    """Reads with any causal model of transformers, in padded batches."""

    def __init__(self, model: Any, pad: int, *, memory: int) -> None:
        self.model = model
        self.pad = pad
        self.known: Beginnings[Prefix] = Beginnings(memory, _bytes, self._read, BATCH)

    def label_logits(self, texts: Sequence[Text], tokens: list[int]) -> Tensor:
        """The logits of a few tokens behind each text, (texts, tokens), in full precision."""
        return label_logits(self.model, self.last_states(texts), tokens)

    def last_states(self, texts: Sequence[Text]) -> Tensor:
        """The last hidden state of each text, (texts, width)."""
        import torch

        order = sorted(range(len(texts)), key=lambda place: (len(texts[place][0]), texts[place]))
        states: list[Tensor] = [torch.empty(0)] * len(texts)
        for block in pieces(order, BLOCK):
            known = self.known.of([tuple(texts[place][0]) for place in block])
            block.sort(key=lambda place: len(texts[place][1]))
            for places in pieces(block, BATCH):
                found = self._continued([texts[place] for place in places], known)
                for place, state in zip(places, found, strict=True):
                    states[place] = state
        return torch.stack(states)

    def warm(self, beginnings: Iterable[Sequence[int]]) -> None:
        """Read what will be wanted, as long as there is room."""
        self.known.warm(beginnings)

    def _continued(self, texts: Sequence[Text], known: Mapping[tuple[int, ...], Prefix]) -> Tensor:
        import torch
        from transformers import DynamicCache

        prefixes = [known[tuple(shared)] for shared, _ in texts]
        before = max(len(shared) for shared, _ in texts)
        after = max(len(rest) for _, rest in texts)
        cache = DynamicCache()
        for layer in range(len(prefixes[0])):
            cache.update(*(_stacked([p[layer][part] for p in prefixes], before) for part in (0, 1)), layer)
        rows: dict[str, list[list[int]]] = {"segments": [], "parents": [], "position_ids": []}
        for shared, rest in texts:
            old, new = len(shared), len(rest)
            spare, tail = [0] * (before - old), [0] * (after - new)
            rows["segments"].append([1] * old + spare + [2] * new + tail)
            rows["parents"].append([1] * old + spare + [1] * new + tail)
            rows["position_ids"].append([*range(old), *spare, *range(old, old + new), *tail])
        batch = {name: torch.tensor(row, device=self.model.device) for name, row in rows.items()}
        with torch.inference_mode():
            hidden: Tensor = self.model.base_model(
                input_ids=self._padded([rest for _, rest in texts]),
                position_ids=batch["position_ids"][:, before:],
                attention_mask=attention_masks(self.model.config, batch, self.model.dtype, since=before),
                past_key_values=cache,
                use_cache=True,
            ).last_hidden_state
        last = torch.tensor([len(rest) - 1 for _, rest in texts], device=hidden.device)
        return hidden[torch.arange(len(texts), device=hidden.device), last]

    def _read(self, texts: Sequence[tuple[int, ...]]) -> list[Prefix]:
        import torch
        from transformers import DynamicCache

        ids = self._padded(texts)
        lengths = torch.tensor([len(each) for each in texts], device=ids.device)
        there = torch.arange(ids.shape[1], device=ids.device) < lengths[:, None]
        cache = DynamicCache()
        with torch.inference_mode():
            self.model.base_model(
                input_ids=ids, attention_mask=there.long(), past_key_values=cache, use_cache=True
            )
        return [
            tuple(
                (layer.keys[row, :, : len(text)].clone(), layer.values[row, :, : len(text)].clone())
                for layer in cache.layers
            )
            for row, text in enumerate(texts)
        ]

    def _padded(self, texts: Sequence[Sequence[int]]) -> Tensor:
        import torch

        width = max(map(len, texts))
        rows = [[*each, *[self.pad] * (width - len(each))] for each in texts]
        return torch.tensor(rows, device=self.model.device)


def pieces(items: list[Item], size: int) -> Iterator[list[Item]]:
    """The items in turn, `size` at a time."""
    return (items[start : start + size] for start in range(0, len(items), size))


def _bytes(prefix: Prefix) -> int:
    return sum(part.numel() * part.element_size() for layer in prefix for part in layer)


def _stacked(parts: Sequence[Tensor], tokens: int) -> Tensor:
    """Tensors (heads, tokens, width) as one batch, padded to as many tokens."""
    heads, _, width = parts[0].shape
    out = parts[0].new_zeros(len(parts), heads, tokens, width)
    for row, part in enumerate(parts):
        out[row, :, : part.shape[1]] = part
    return out
