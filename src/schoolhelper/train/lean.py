"""Layers of an adapted model, computed with leaner backward passes than autograd's.

The base's weights are frozen, so much of what autograd keeps is never wanted. A norm of Gemma: autograd
keeps three tensors, two of them in full precision, and works through seven operations; what the norm read
and one number a token are enough. Maps that read the same states are one function (`low_rank`), and so is
a layer's gated map (`gated`) and its attention (`attention`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import Function, once_differentiable

from schoolhelper.train.attention import lean_attention
from schoolhelper.train.elementwise import normed, normed_slope
from schoolhelper.train.gated import gated_map, last_gated_map
from schoolhelper.train.low_rank import Adapted, lora_linears, must_be_frozen

NORMS = {"GemmaRMSNorm", "Gemma2RMSNorm", "Gemma3RMSNorm"}
"""Modules that scale by one more than their weight, in full precision."""

GATED = {"GemmaMLP", "Gemma2MLP", "Gemma3MLP"}
"""Modules that are what `gated_map` computes if their activation is `GELU`."""

GELU = "GELUTanh"

ATTENTION = {"Gemma3Attention"}
"""Modules that are what `attention` computes if the base's attention is the grouped one."""

READERS = (("q_proj", "k_proj", "v_proj"), ("gate_proj", "up_proj"))
"""Maps of a module that read the same states, one after the other."""

ADAPTER = "default"
"""PEFT's name for the adapter that is trained."""


def make_lean(model: Any) -> None:
    """Let the layers of an adapted model that can be lean be so; see `restore`."""
    gated: list[Any] = []
    for module in model.modules():
        if type(module).__name__ in NORMS:
            module.forward = partial(rms_norm, weight=module.weight, eps=module.eps)
        elif type(module).__name__ in ATTENTION:
            module.forward = partial(lean_attention, module)
        elif _is_gated(module):
            gated.append(module)
        elif _is_plain_lora(module) and "forward" not in vars(module):
            module.forward = partial(_together, [module], module)
        for names in READERS:
            readers: list[Any] = [getattr(module, name, None) for name in names]
            if all(map(_is_plain_lora, readers)):
                for reader in readers:
                    reader.forward = partial(_together, readers, reader)
    for module in gated:
        module.forward = partial(_gated, last_gated_map if module is gated[-1] else gated_map, module)


def restore(base: Any) -> None:
    """Let the base, its adapter taken off, be computed by its own modules again."""
    for module in base.modules():
        if type(module).__name__ in NORMS | GATED | ATTENTION:
            vars(module).pop("forward", None)


def rms_norm(states: Tensor, weight: Tensor, eps: float) -> Tensor:
    """Root mean square norm (Zhang and Sennrich, 2019) as Gemma has it; `states` (..., width), `weight`
    (width,).

    Raises:
        ValueError: the weight wants a gradient, which it would not get.
    """
    must_be_frozen(weight)
    found: Tensor = _RMSNorm.apply(states, 1.0 + weight.float(), eps)  # type: ignore[no-untyped-call]
    return found


def _is_plain_lora(module: Any) -> bool:
    """Whether it is PEFT's LoRA over a linear map, without dropout or any variant."""
    if not hasattr(module, "get_base_layer") or type(module.get_base_layer()) is not torch.nn.Linear:
        return False
    return (
        list(getattr(module, "lora_A", ())) == [ADAPTER]
        and isinstance(module.lora_dropout[ADAPTER], torch.nn.Identity)
        and not module.lora_variant
        and module.lora_B[ADAPTER].bias is None
    )


def _is_gated(module: Any) -> bool:
    if type(module).__name__ not in GATED or type(module.act_fn).__name__ != GELU:
        return False
    maps = _maps(module)
    return all(map(_is_plain_lora, maps)) and all(each.get_base_layer().bias is None for each in maps)


def _maps(gated: Any) -> tuple[Any, Any, Any]:
    return gated.gate_proj, gated.up_proj, gated.down_proj


def _leanly(layers: Sequence[Any], states: Tensor) -> bool:
    """Whether the adapters of these layers are to be computed, all in the states' type."""
    return not any(
        layer.merged
        or layer.disable_adapters
        or not states.dtype == layer.get_base_layer().weight.dtype == layer.lora_A[ADAPTER].weight.dtype
        for layer in layers
    )


def _adapted(layer: Any) -> Adapted:
    base, down, up = layer.get_base_layer(), layer.lora_A[ADAPTER].weight, layer.lora_B[ADAPTER].weight
    return Adapted(base.weight, base.bias, down, up, layer.scaling[ADAPTER])


def _together(readers: Sequence[Any], reader: Any, states: Tensor) -> Tensor:
    """What `reader` makes of the states; the first that is asked works it out for all, and leaves what
    is the others' with the states."""
    waiting: dict[Any, Tensor] = vars(states).pop("waiting", {})
    if reader not in waiting:
        if not _leanly(readers, states):
            plain: Tensor = type(reader).forward(reader, states)
            return plain
        found = lora_linears(states, [_adapted(each) for each in readers])
        waiting = dict(zip(readers, found, strict=True))
    mine = waiting.pop(reader)
    if waiting:
        vars(states)["waiting"] = waiting
    return mine


def _gated(function: Callable[..., Tensor], module: Any, states: Tensor) -> Tensor:
    maps = _maps(module)
    if not _leanly(maps, states):
        found: Tensor = type(module).forward(module, states)
        return found
    return function(states, *map(_adapted, maps))


class _RMSNorm(Function):
    @staticmethod
    def forward(ctx: Any, states: Tensor, scale: Tensor, eps: float) -> Any:
        found, inverse = normed(states, scale, eps)
        ctx.save_for_backward(states, scale, inverse)
        return found

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> Any:
        return normed_slope(grads[0], *ctx.saved_tensors), None, None
