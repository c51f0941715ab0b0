"""A Gemma 3 with 8-bit weights, for writing on a CPU.

Writing a token reads every weight once, so a CPU is as fast as its memory: linear maps keep 8 bits a
weight with a scale a row (half the bytes), and the vocabulary head, most of a small Gemma, is computed
only for the tokens that an answer in Korean or English can need. Activations stay in bf16.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor


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
        return torch._weight_int8pack_mm(states, self.weight, self.scale)


@dataclass(frozen=True, slots=True)
class Layer:
    """A decoder layer's maps and norms."""

    kind: str
    qkv: Int8
    out: Int8
    gate_up: Int8
    down: Int8
    norms: tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]


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
        self.scale = config.query_pre_attn_scalar**-0.5
        self.final = 1 + inner.norm.weight.detach().float()
        kinds = zip(inner.layers, config.layer_types, strict=True)
        self.layers = [_layer(layer, kind) for layer, kind in kinds]
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
            turns[kind] = tuple(each[0] for each in self.rotary(states[None], torch.cat(spans)[None], kind))
            window = self.config.sliding_window if kind == "sliding_attention" else max(ends)
            masks[kind] = [_mask(piece.start, end, window) for piece, end in zip(pieces, ends, strict=True)]
        for number, layer in enumerate(self.layers):
            caches = [piece.cache[number, ..., :end, :] for piece, end in zip(pieces, ends, strict=True)]
            texts = list(zip(counts, caches, masks[layer.kind], strict=True))
            states = self._layer(layer, states, turns[layer.kind], texts)
        return torch.split(self._norm(states, self.final), counts)

    def _layer(self, layer: Layer, states: Tensor, turns: Any, texts: Sequence[Text]) -> Tensor:
        before, query_norm, key_norm, after, before_mlp, after_mlp = layer.norms
        heads, size = self.config.num_attention_heads, self.config.head_dim
        mixed = layer.qkv(self._norm(states, before)).view(len(states), -1, size).transpose(0, 1)
        query, key, value = mixed.tensor_split((heads, heads + self.config.num_key_value_heads))
        query, key = (_turned(self._norm(*each), *turns) for each in ((query, query_norm), (key, key_norm)))
        seen = self._attention(query, key, value, texts).transpose(0, 1).reshape(len(states), -1)
        states = states + self._norm(layer.out(seen), after)
        gate, up = layer.gate_up(self._norm(states, before_mlp)).chunk(2, -1)
        return states + self._norm(layer.down(F.gelu(gate, approximate="tanh") * up), after_mlp)

    def _attention(self, query: Tensor, key: Tensor, value: Tensor, texts: Sequence[Text]) -> Tensor:
        """Each text's new tokens see its own earlier ones, and are kept with them; all are (heads, tokens,
        head size), the tokens of the texts one after another."""
        found, begin = [], 0
        for count, cache, mask in texts:
            new = slice(begin, begin := begin + count)
            cache[0, :, -count:], cache[1, :, -count:] = key[:, new], value[:, new]
            asked, keys, values = query[None, :, new], cache[None, 0], cache[None, 1]
            found.append(
                F.scaled_dot_product_attention(
                    asked, keys, values, attn_mask=mask, scale=self.scale, enable_gqa=True
                )[0]
            )
        return torch.cat(found, 1)

    def _norm(self, states: Tensor, weight: Tensor) -> Tensor:
        return F.rms_norm(states.float(), weight.shape, weight, self.config.rms_norm_eps).bfloat16()


def _layer(layer: Any, kind: str) -> Layer:
    attention, mlp = layer.self_attn, layer.mlp
    norms = (
        layer.input_layernorm,
        attention.q_norm,
        attention.k_norm,
        layer.post_attention_layernorm,
        layer.pre_feedforward_layernorm,
        layer.post_feedforward_layernorm,
    )
    return Layer(
        kind,
        Int8.of(attention.q_proj.weight, attention.k_proj.weight, attention.v_proj.weight),
        Int8.of(attention.o_proj.weight),
        Int8.of(mlp.gate_proj.weight, mlp.up_proj.weight),
        Int8.of(mlp.down_proj.weight),
        tuple(1 + each.weight.detach().float() for each in norms),
    )


def _mask(start: int, end: int, window: int) -> Tensor | None:
    """Which of `end` tokens those from `start` on see; None where one token sees all."""
    if end - start == 1 and end <= window:
        return None
    seen = torch.ones(end - start, end, dtype=torch.bool).tril(start)
    return seen.triu(start - window + 1)


def _turned(states: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary positions (Su et al., 2021), as Gemma arranges them: first half against second half."""
    first, second = states.chunk(2, -1)
    return states * cos + torch.cat([-second, first], -1) * sin
