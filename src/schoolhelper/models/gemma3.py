"""Gemma 3's text layers, written out for answering on a CPU.

A question is read in milliseconds, so what stands around it counts: weights come straight from their
files, several texts are read in one step without padding, and a cache is a tensor.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from schoolhelper.models.attention import LAYERS
from schoolhelper.models.grouped import grouped_attention

EMBEDDING = "model.embed_tokens.weight"

USUAL = {
    "attn_logit_softcapping": None,
    "final_logit_softcapping": None,
    "attention_bias": False,
    "use_bidirectional_attention": False,
    "hidden_activation": "gelu_pytorch_tanh",
    "tie_word_embeddings": True,
}
"""What a Gemma 3's configuration says, as it is computed here."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A Gemma 3's configuration, as in its `config.json`, and its weights by name, each made when it is
    asked for."""

    config: Mapping[str, Any]
    weight: Callable[[str], Tensor]

    @staticmethod
    def is_one(config: Mapping[str, Any]) -> bool:
        """Whether a configuration is of a model that is computed here."""
        kinds = set(config.get("layer_types") or ())
        if config["model_type"] != "gemma3_text" or not kinds or kinds - LAYERS:
            return False
        turns = (config.get("rope_parameters") or {}).get
        plain = all((turns(kind) or {}).get("rope_type") == "default" for kind in kinds)
        return plain and all(config.get(name, usual) == usual for name, usual in USUAL.items())

    @classmethod
    def of(cls, model: Any) -> Checkpoint | None:
        """A causal model of transformers on the CPU, if it is one."""
        config = model.config.to_dict()
        if model.device.type != "cpu" or not cls.is_one(config):
            return None
        return cls(config, model.state_dict().__getitem__)


class Linear(Protocol):
    """A linear map of states, (tokens, in), to (tokens, out)."""

    def __call__(self, states: Tensor) -> Tensor: ...


@dataclass(frozen=True, slots=True)
class Plain:
    """A linear map as it was trained, of shape (out, in)."""

    weight: Tensor

    @classmethod
    def of(cls, *weights: Tensor) -> Plain:
        """The maps one above another."""
        return cls(torch.cat(weights) if len(weights) > 1 else weights[0])

    def __call__(self, states: Tensor) -> Tensor:
        return F.linear(states, self.weight)


@dataclass(frozen=True, slots=True)
class Layer:
    """A decoder layer's maps, and the weights of its norms; those of queries and keys are one, (heads,
    head size)."""

    kind: str
    qkv: Linear
    out: Linear
    gate_up: Linear
    down: Linear
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


class Gemma3:
    """The layers of a Gemma 3 text model (Gemma Team, 2025), their maps made by `linear` of one or more
    weights.

    A cache is (layers, 2, key heads, tokens, head size), a step writes into it in place.
    """

    def __init__(self, checkpoint: Checkpoint, linear: Callable[..., Linear] = Plain.of) -> None:
        config = checkpoint.config
        self.queries, self.keys = config["num_attention_heads"], config["num_key_value_heads"]
        self.head_size: int = config["head_dim"]
        self.window: int = config["sliding_window"]
        self.embedding = checkpoint.weight(EMBEDDING).detach()
        self.dtype = self.embedding.dtype
        widths = (self.embedding.shape[1], self.head_size)
        self.least = {width: torch.tensor(math.sqrt(config["rms_norm_eps"] * width)) for width in widths}
        self.final = _norm_weight(checkpoint.weight("model.norm.weight"))
        self.layers = [
            _layer(checkpoint, number, kind, linear) for number, kind in enumerate(config["layer_types"])
        ]
        half = torch.arange(0, self.head_size, 2) / self.head_size
        turning = config["rope_parameters"]
        self.speeds = {kind: 1 / turning[kind]["rope_theta"] ** half for kind in set(config["layer_types"])}

    def cache(self, size: int) -> Tensor:
        """Room for the keys and values of so many tokens."""
        return torch.empty(len(self.layers), 2, self.keys, size, self.head_size, dtype=self.dtype)

    @torch.inference_mode()
    def step(self, pieces: Sequence[Piece]) -> tuple[Tensor, ...]:
        """Read the next tokens of some texts at once; for each the normed hidden states behind them."""
        counts = [len(piece.ids) for piece in pieces]
        ends = [piece.start + len(piece.ids) for piece in pieces]
        states = self.embedding[torch.tensor([each for piece in pieces for each in piece.ids])]
        states *= torch.tensor(states.shape[1] ** 0.5, dtype=self.dtype)
        places = torch.cat([torch.arange(p.start, end) for p, end in zip(pieces, ends, strict=True)])
        turns, masks = {}, {}
        for kind, speed in self.speeds.items():
            turns[kind] = self._turns(places[:, None, None] * speed)
            window = self.window if kind == "sliding_attention" else max(ends)
            masks[kind] = [
                _mask(p.start, end, window, self.dtype) for p, end in zip(pieces, ends, strict=True)
            ]
        for number, layer in enumerate(self.layers):
            caches = [p.cache[number, ..., :end, :] for p, end in zip(pieces, ends, strict=True)]
            self._layer(layer, states, turns[layer.kind], zip(counts, caches, masks[layer.kind], strict=True))
        return torch.split(self._norm(states, self.final).to(self.dtype), counts)

    def _turns(self, angles: Tensor) -> tuple[Tensor, Tensor]:
        """Rotary positions (Su et al., 2021), as Gemma arranges them: first half against second half,
        which is subtracted."""
        cos, sin = angles.cos().to(self.dtype), angles.sin().to(self.dtype)
        return torch.cat([cos, cos], -1), torch.cat([-sin, sin], -1)

    def _layer(
        self, layer: Layer, states: Tensor, turns: tuple[Tensor, Tensor], texts: Iterable[Text]
    ) -> None:
        """Add to the states, (tokens, width), what a layer finds."""
        heads, groups = self.queries, self.keys
        mixed = layer.qkv(self._norm(states, layer.before).to(self.dtype))
        mixed = mixed.view(len(states), heads + 2 * groups, self.head_size)
        found, value = torch.split(mixed, [heads + groups, groups], 1)
        found = self._norm(found, layer.heads)
        cos, sin = turns
        found = torch.addcmul(found * cos, found.roll(found.shape[-1] // 2, -1), sin).to(self.dtype)
        query, key = torch.split(found, [heads, groups], 1)
        seen = _attention(query, key, value, texts).flatten(1)
        states += self._norm(layer.out(seen), layer.after)
        gate, up = layer.gate_up(self._norm(states, layer.before_mlp).to(self.dtype)).chunk(2, -1)
        states += self._norm(layer.down(F.gelu(gate, approximate="tanh").mul_(up)), layer.after_mlp)

    def _norm(self, states: Tensor, weight: Tensor) -> Tensor:
        """Root mean square norm (Zhang and Sennrich, 2019), in float32; the root of the width is in the
        weight."""
        length = torch.linalg.vector_norm(states, dim=-1, keepdim=True, dtype=torch.float32)
        return (states * weight).div_(length.hypot_(self.least[states.shape[-1]]))


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


def _norm_weight(weight: Tensor) -> Tensor:
    """A norm's weight times the root of its width."""
    full = weight.detach().float()
    return (1 + full) * math.sqrt(len(full))


def _layer(checkpoint: Checkpoint, number: int, kind: str, linear: Callable[..., Linear]) -> Layer:
    config = checkpoint.config

    def made(*names: str) -> Linear:
        return linear(*(checkpoint.weight(f"model.layers.{number}.{name}_proj.weight") for name in names))

    def norm(name: str) -> Tensor:
        return _norm_weight(checkpoint.weight(f"model.layers.{number}.{name}.weight"))

    query = norm("self_attn.q_norm") * config["query_pre_attn_scalar"] ** -0.5
    key = norm("self_attn.k_norm")
    return Layer(
        kind,
        made("self_attn.q", "self_attn.k", "self_attn.v"),
        made("self_attn.o"),
        made("mlp.gate", "mlp.up"),
        made("mlp.down"),
        norm("input_layernorm"),
        torch.stack([query] * config["num_attention_heads"] + [key] * config["num_key_value_heads"]),
        norm("post_attention_layernorm"),
        norm("pre_feedforward_layernorm"),
        norm("post_feedforward_layernorm"),
    )


def _mask(start: int, end: int, window: int, dtype: torch.dtype) -> Tensor | None:
    """What is added to the scores of `end` tokens for those from `start` on, (1, new, end); None where one
    token sees all."""
    if end - start == 1 and end <= window:
        return None
    seen = torch.ones(end - start, end, dtype=torch.bool).tril(start).triu(start - window + 1)
    return torch.zeros(1, *seen.shape, dtype=dtype).masked_fill_(~seen, -torch.inf)
