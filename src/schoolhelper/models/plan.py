"""What fine-tuning a base model would cost here, said before anything is loaded.

Memory counts weights, gradients, AdamW's two moments and fp32 masters, plus activations with
recomputation off. Time counts 2 floating-point operations a weight and token forward and 2 (frozen)
or 4 (trained) backward, at the given speed. LoRA: Hu et al., 2021; QLoRA: Dettmers et al., 2023.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from schoolhelper.models.presets import BasePreset

Method = Literal["full", "lora", "qlora"]
METHODS: tuple[Method, ...] = ("full", "lora", "qlora")


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """The cost of one method: trainable weights, bytes of memory, seconds for `tokens` tokens."""

    method: Method
    parameters: int
    trainable: int
    memory_bytes: int
    seconds: float


def plan(
    base: BasePreset, method: Method, *, rank: int, tokens: int, batch_tokens: int, flops: float
) -> MemoryPlan:
    """Plan a method for a base model.

    `batch_tokens` are the tokens of one forward pass, `flops` the machine's bf16 operations a second.
    """
    total = base.parameters
    adapter = base.layers * sum(rank * (rows + columns) for rows, columns in base.projections)
    trainable = total if method == "full" else adapter
    weights = {"full": 2 * total, "lora": 2 * total, "qlora": total * 9 // 16}[method]
    optimiser = trainable * (2 + 4 + 4 + 4)
    widths = sum(columns for _, columns in base.projections)
    activations = batch_tokens * base.layers * (2 * widths + 8 * base.hidden)
    layer_weights = total - base.vocabulary * base.hidden
    per_token = (6 if method == "full" else 4) * layer_weights + 4 * base.vocabulary * base.hidden
    return MemoryPlan(method, total, trainable, weights + optimiser + activations, tokens * per_token / flops)
