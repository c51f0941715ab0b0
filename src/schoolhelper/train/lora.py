"""LoRA adapters through PEFT (Hu et al., 2021) on every linear map of a causal base model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schoolhelper.runs import read_manifest
from schoolhelper.train.lean import make_lean, restore
from schoolhelper.train.recipes import Recipe
from schoolhelper.train.shipped import shipped


@dataclass(frozen=True, slots=True)
class Share:
    """How many weights are trained, of how many."""

    trainable: int
    total: int

    def __str__(self) -> str:
        return f"{self.trainable:,} / {self.total:,} ({self.trainable / self.total:.2%})"


def attach(base: Any, recipe: Recipe, starter: Path | None = None) -> Any:
    """Wrap `base` with a new adapter; the base's own weights are frozen.

    The adapter is drawn from the recipe's seed, so that the same recipe gives the same start, or
    begins as the adapter in `starter`, as far as its layers go.
    """
    import torch
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(recipe.seed)
    config = LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.alpha,
        lora_dropout=recipe.dropout,
        target_modules="all-linear",
        exclude_modules=_left_out(base, recipe.layers) if recipe.layers else None,
        task_type="CAUSAL_LM",
    )
    if recipe.layers:
        base.config.get_text_config().num_hidden_layers = recipe.layers
    model = get_peft_model(base, config, autocast_adapter_dtype=not recipe.fast)
    if starter:
        part_of_the_way(model, starter, 0.0)
    if recipe.fast:
        make_lean(model)
    return model


def starter_for(base: str, recipe: Recipe) -> Path | None:
    """The shipped starter, if the recipe wants it and there is one for this base, rank and layers."""
    folder = shipped("starter", base) if recipe.starter else None
    if folder is None:
        return None
    made = read_manifest(folder)["recipe"]
    return folder if (made["rank"], made["layers"]) == (recipe.rank, recipe.layers) else None


def to_base_type(model: Any) -> None:
    """Give the adapter the base's own type again; PEFT reads saved adapters as float32."""
    for weight in model.parameters():
        if weight.requires_grad:
            weight.data = weight.data.to(model.get_base_model().dtype)


def part_of_the_way(model: Any, starter: Path, way: float) -> None:
    """Move the adapter back towards the one in `starter`: it becomes that one with a `way` of 0, and stays
    where it is with 1."""
    import torch
    from peft import get_peft_model_state_dict
    from safetensors.torch import load_file

    begun = load_file(starter / "adapter_model.safetensors")
    with torch.no_grad():
        for name, weight in get_peft_model_state_dict(model, save_embedding_layers=False).items():
            weight.copy_(torch.lerp(begun[name].float(), weight.float(), way))


def detach(model: Any) -> Any:
    """Take the adapter off again and give the untouched base back, for the next fold."""
    base = model.unload()
    restore(base)
    if layers := getattr(base.base_model, "layers", None):  # all of them again
        base.config.get_text_config().num_hidden_layers = len(layers)
    for weight in base.parameters():
        weight.requires_grad_(True)
    if hasattr(base, "peft_config"):
        del base.peft_config
    return base


def _left_out(base: Any, layers: int) -> str | None:
    """A pattern of the modules of all but the first `layers` of the base; None if there are no more."""
    others = "|".join(map(str, range(layers, len(base.base_model.layers))))
    return rf".*\.layers\.({others})\..*" if others else None


def share(model: Any) -> Share:
    """The trainable share of a model."""
    weights = list(model.parameters())
    return Share(sum(w.numel() for w in weights if w.requires_grad), sum(w.numel() for w in weights))


@contextmanager
def merged(model: Any) -> Iterator[Any]:
    """The adapter's weights within the base's, as it is served and a fifth faster; afterwards the base
    is what it was, bit for bit (subtracting the product again would round)."""
    import torch

    layers = [layer.get_base_layer() for layer in model.modules() if hasattr(layer, "get_base_layer")]
    kept = [layer.weight.detach().clone() for layer in layers]
    model.merge_adapter()
    try:
        yield model
    finally:
        model.unmerge_adapter()
        with torch.no_grad():
            for layer, weight in zip(layers, kept, strict=True):
                layer.weight.copy_(weight)
