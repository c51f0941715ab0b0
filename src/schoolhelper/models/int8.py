"""A Gemma 3 with 8-bit weights, for writing on a CPU.

Writing a token reads every weight once, so a CPU is as fast as its memory: linear maps keep 8 bits a
weight with a scale a row (half the bytes), and the vocabulary head, most of a small Gemma, is computed
only for the tokens that an answer in Korean or English can need. Activations stay in bf16.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from schoolhelper.models.grouped import grouped_attention

FEW = 24
"""Tokens from which on rounding the weights back costs less than to multiply by 8 bits."""


@dataclass(frozen=True, slots=True)
class Int8:
    """A linear map of shape (out, in): whole numbers, and for each row what one of them is worth."""

    weight: Tensor
    scale: Tensor

    @classmethod
    def of(cls, *weights: Tensor) -> Int8:
        """The maps one above another, rounded."""
        full = torch.cat([each.detach() for each in weights]).float()
        scale = full.abs().amax(1).clamp_min(1e-8) / 127
        return cls((full / scale[:, None]).round_().to(torch.int8), scale.bfloat16())

    def __call__(self, states: Tensor) -> Tensor:
        if len(states) < FEW:
            return torch._weight_int8pack_mm(states, self.weight, self.scale)
        return F.linear(states, self.weight.bfloat16()).mul_(self.scale)


@dataclass(frozen=True, slots=True)
class Layer:
    """A decoder layer's maps, and the weights of its norms; those of queries and keys are one, (heads,
    head size)."""

    kind: str
    qkv: Int8
    out: Int8
    gate_up: Int8
    down: Int8
    before: Tensor
    heads: Tensor
    after: Tensor
    before_mlp: Tensor
    after_mlp: Tensor


@dataclass(frozen=True, slots=True)
class Piece:
    """Tokens to read that follow `start` others of their text, whose keys and values are in `cache`."""

    ids: Sequence[int]
    start: int
    cache: Tensor


Text = tuple[int, Tensor, Tensor | None]
"""In one layer: how many tokens of a text are new, its cache with room for them, what they see."""


class Int8Gemma3:
    """The layers of a Gemma 3 text model and the head of some of its tokens.

    `kept` are the ids of the tokens that can be written; a cache is (layers, 2, key heads, tokens, head
    size), a step writes into it in place.
    """

    def __init__(self, model: Any, kept: Sequence[int]) -> None:
        config, inner = model.config.get_text_config(), model.model
        self.config = config
        self.embedding = inner.embed_tokens
        self.rotary = inner.rotary_emb
        self.final = _weight(inner.norm)
        kinds = zip(inner.layers, config.layer_types, strict=True)
        self.layers = [_layer(layer, kind, config) for layer, kind in kinds]
        self.kept = torch.tensor(kept)
        self._known = frozenset(kept)
        self.head = Int8.of(self.embedding.weight[self.kept])

    @staticmethod
    def can_run(model: Any) -> bool:
        """Whether the model is one: a Gemma 3 on a CPU, in bf16."""
        config = model.config.get_text_config()
        on_cpu = model.device.type == "cpu" and model.dtype == torch.bfloat16
        return on_cpu and config.model_type == "gemma3_text" and config.attn_logit_softcapping is None

    def cache(self, size: int) -> Tensor:
        """Room for the keys and values of so many tokens."""
        shape = (len(self.layers), 2, self.config.num_key_value_heads, size, self.config.head_dim)
        return torch.empty(shape, dtype=torch.bfloat16)

    def with_tokens(self, ids: Sequence[int]) -> tuple[Tensor, Int8]:
        """The tokens that can be written, these among them, and their head."""
        more = torch.tensor(sorted(set(ids) - self._known), dtype=torch.long)
        rows = Int8.of(self.embedding.weight[more])
        weight = torch.cat([self.head.weight, rows.weight])
        return torch.cat([self.kept, more]), Int8(weight, torch.cat([self.head.scale, rows.scale]))

    @torch.inference_mode()
    def step(self, pieces: Sequence[Piece]) -> tuple[Tensor, ...]:
        """Read the next tokens of some texts at once; for each the normed hidden states behind them."""
        counts = [len(piece.ids) for piece in pieces]
        ends = [piece.start + len(piece.ids) for piece in pieces]
        states = self.embedding(torch.tensor([[each for piece in pieces for each in piece.ids]]))[0]
        spans = [torch.arange(piece.start, end) for piece, end in zip(pieces, ends, strict=True)]
        turns, masks = {}, {}
        for kind in set(self.config.layer_types):
            turns[kind] = self._turns(torch.cat(spans), kind)
            window = self.config.sliding_window if kind == "sliding_attention" else max(ends)
            masks[kind] = [_mask(piece.start, end, window) for piece, end in zip(pieces, ends, strict=True)]
        for number, layer in enumerate(self.layers):
            caches = [piece.cache[number, ..., :end, :] for piece, end in zip(pieces, ends, strict=True)]
            self._layer(layer, states, turns[layer.kind], zip(counts, caches, masks[layer.kind], strict=True))
        return torch.split(self._norm(states, self.final).bfloat16(), counts)

    def _turns(self, places: Tensor, kind: str) -> tuple[Tensor, Tensor]:
        """Rotary positions (Su et al., 2021), as Gemma arranges them: first half against second half,
        which is subtracted."""
        cos, sin = (each[0, :, None] for each in self.rotary(self.final, places[None], kind))
        first, second = sin.chunk(2, -1)
        return cos, torch.cat([-first, second], -1)

    def _layer(
        self, layer: Layer, states: Tensor, turns: tuple[Tensor, Tensor], texts: Iterable[Text]
    ) -> None:
        """Add to the states, (tokens, width), what a layer finds."""
        heads, groups = self.config.num_attention_heads, self.config.num_key_value_heads
        mixed = layer.qkv(self._norm(states, layer.before).bfloat16())
        mixed = mixed.view(len(states), heads + 2 * groups, self.config.head_dim)
        found, value = torch.split(mixed, [heads + groups, groups], 1)
        found = self._norm(found, layer.heads)
        cos, sin = turns
        found = torch.addcmul(found * cos, found.roll(found.shape[-1] // 2, -1), sin).bfloat16()
        query, key = torch.split(found, [heads, groups], 1)
        seen = _attention(query, key, value, texts).flatten(1)
        states += self._norm(layer.out(seen), layer.after)
        gate, up = layer.gate_up(self._norm(states, layer.before_mlp).bfloat16()).chunk(2, -1)
        states += self._norm(layer.down(F.gelu(gate, approximate="tanh").mul_(up)), layer.after_mlp)

    def _norm(self, states: Tensor, weight: Tensor) -> Tensor:
        """Root mean square norm (Zhang and Sennrich, 2019), in float32; the root of the width is in the
        weight."""
        length = torch.linalg.vector_norm(states, dim=-1, keepdim=True, dtype=torch.float32)
        least = math.sqrt(self.config.rms_norm_eps * states.shape[-1])
        return (states * weight).div_(length.clamp_min_(least))


def _attention(query: Tensor, key: Tensor, value: Tensor, texts: Iterable[Text]) -> Tensor:
    """Each text's new tokens see its own earlier ones, and are kept with them; all are (tokens, heads,
    head size), the tokens of the texts one after another. Queries are scaled already."""
    query, key, value = (each.transpose(0, 1) for each in (query, key, value))
    found: list[Tensor] = []
    begin = 0
    for count, cache, mask in texts:
        new = slice(begin, begin := begin + count)
        cache[0, :, -count:], cache[1, :, -count:] = key[:, new], value[:, new]
        found.append(grouped_attention(query[None, :, new], cache[None, 0], cache[None, 1], mask, 1.0)[0])
    return torch.cat(found)


def _weight(norm: Any) -> Tensor:
    """A norm's weight times the root of its width."""
    weight: Tensor = norm.weight.detach().float()
    return (1 + weight) * math.sqrt(len(weight))


def _layer(layer: Any, kind: str, config: Any) -> Layer:
    attention, mlp = layer.self_attn, layer.mlp
    query = _weight(attention.q_norm) * config.query_pre_attn_scalar**-0.5
    heads = [query] * config.num_attention_heads + [_weight(attention.k_norm)] * config.num_key_value_heads
    return Layer(
        kind,
        Int8.of(attention.q_proj.weight, attention.k_proj.weight, attention.v_proj.weight),
        Int8.of(attention.o_proj.weight),
        Int8.of(mlp.gate_proj.weight, mlp.up_proj.weight),
        Int8.of(mlp.down_proj.weight),
        _weight(layer.input_layernorm),
        torch.stack(heads),
        _weight(layer.post_attention_layernorm),
        _weight(layer.pre_feedforward_layernorm),
        _weight(layer.post_feedforward_layernorm),
    )


def _mask(start: int, end: int, window: int) -> Tensor | None:
    """What is added to the scores of `end` tokens for those from `start` on, (1, new, end); None where one
    token sees all."""
    if end - start == 1 and end <= window:
        return None
    seen = torch.ones(end - start, end, dtype=torch.bool).tril(start).triu(start - window + 1)
    return torch.zeros(1, *seen.shape, dtype=torch.bfloat16).masked_fill_(~seen, -torch.inf)
