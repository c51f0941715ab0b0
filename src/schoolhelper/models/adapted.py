"""A base model with the adapter that was trained for it: as transformers computes it, or as it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schoolhelper.models.loading import Loaded, device, explained, load_base, load_tokenizer, resolve
from schoolhelper.prompts import check_prompts
from schoolhelper.runs import read_json, read_manifest

if TYPE_CHECKING:
    from torch import Tensor

    from schoolhelper.models.gemma3 import Checkpoint

PREFIX, DOWN, UP = "base_model.model.", ".lora_A.weight", ".lora_B.weight"
"""How PEFT's names of an adapter's weights begin and end."""

WEIGHTS = "model.safetensors"


class Adapter:
    """The trained matrices in `folder`, which PEFT would take longer to import than this takes to add."""

    def __init__(self, folder: Path, on: str = "cpu") -> None:
        from safetensors.torch import load_file

        settings = read_json(folder / "adapter_config.json")
        self.scale = settings["lora_alpha"] / settings["r"]
        self.parts = load_file(folder / "adapter_model.safetensors", device=on)
        self.layers = [
            name.removeprefix(PREFIX).removesuffix(DOWN) for name in self.parts if name.endswith(DOWN)
        ]
        """The names of the linear maps that it changes."""

    def check(self, layer: str, shape: Sequence[int]) -> None:
        """That it was made for a map of this shape.

        Raises:
            ValueError: it was not.
        """
        mine = (len(self.parts[PREFIX + layer + UP]), self.parts[PREFIX + layer + DOWN].shape[1])
        if mine != tuple(shape):
            raise ValueError(f"{layer}: {mine} != {tuple(shape)}")

    def added_to(self, layer: str, weight: Tensor) -> Tensor:
        """A copy of a map's weight with the product of its matrices added (Hu et al., 2021, section 4.1);
        to change a mapped file's pages in place would be slow."""
        down, up = self.parts[PREFIX + layer + DOWN], self.parts[PREFIX + layer + UP]
        return weight.detach().clone().add_(up.float() @ down.float() * self.scale)


def load_adapted(folder: Path, name: str, *, revision: str = "") -> Loaded:
    """A base model with the adapter of `folder` merged into its weights, as a model of transformers; of
    its layers only those that the adapter was made for take part.

    Raises:
        ModelError: the base cannot be loaded, or the adapter was made with other prompts.
        RunError: the adapter is incomplete.
    """
    check_prompts(folder)
    base = load_base(name, revision=revision)
    with explained(str(folder)):
        adapter = Adapter(folder, str(base.model.device))
        for layer in adapter.layers:
            linear = base.model.get_submodule(layer)
            linear.weight.data = adapter.added_to(layer, linear.weight)
    _drop_layers(base.model, _kept_layers(folder))
    return Loaded(base.model.eval(), base.tokenizer, base.path, base.name)


def load_served(folder: Path, name: str, *, revision: str = "", tokenizer: Any = None) -> Loaded:
    """The same as what answers: its `model` is a `gemma3.Checkpoint` where it can be one.

    That is read from the files of a Gemma 3, without transformers, which takes longer to import.
    `tokenizer` is the base's, where it has been read already.

    Raises:
        ModelError, RunError: as `load_adapted`.
    """
    from schoolhelper.models.gemma3 import Checkpoint

    check_prompts(folder)
    path, pinned = resolve(name, revision)
    if device() == "cpu" and not pinned and (read := _read_checkpoint(Path(path), folder)):
        return Loaded(read, tokenizer or load_tokenizer(path), path, name)
    loaded = load_adapted(folder, name, revision=revision)
    return replace(loaded, model=Checkpoint.of(loaded.model) or loaded.model)


def _read_checkpoint(path: Path, folder: Path) -> Checkpoint | None:
    """The model in the files at `path` with the adapter of `folder`; None where it is another kind of
    model, or is not in one file."""
    from safetensors import safe_open

    from schoolhelper.models.gemma3 import Checkpoint

    with explained(str(path)):
        config = read_json(path / "config.json")
        if not Checkpoint.is_one(config) or not (path / WEIGHTS).is_file():
            return None
        weights: Any = safe_open(path / WEIGHTS, "pt")
    with explained(str(folder)):
        adapter = Adapter(folder)
        for layer in adapter.layers:
            adapter.check(layer, weights.get_slice(f"{layer}.weight").get_shape())

    def weight(name: str) -> Tensor:
        with explained(str(path)):
            found: Tensor = weights.get_tensor(name).bfloat16()
        layer = name.removesuffix(".weight")
        return adapter.added_to(layer, found) if layer in adapter.layers else found

    kept = _kept_layers(folder) or config["num_hidden_layers"]
    return Checkpoint(config | {"layer_types": config["layer_types"][:kept]}, weight)


def _kept_layers(folder: Path) -> int:
    """How many of the base's layers the adapter was made for; 0, as older ones: all."""
    layers: int = read_manifest(folder)["recipe"].get("layers", 0)
    return layers


def _drop_layers(model: Any, kept: int) -> None:
    """Leave a causal model its first `kept` layers; 0: all."""
    config = model.config.get_text_config()
    if not kept:
        return
    model.base_model.layers = model.base_model.layers[:kept]
    config.num_hidden_layers = kept
    if getattr(config, "layer_types", None):
        config.layer_types = config.layer_types[:kept]
