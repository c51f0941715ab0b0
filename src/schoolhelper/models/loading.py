"""Loading a base model: a preset, a hub id or a folder; safetensors only, no remote code."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schoolhelper.errors import ModelError
from schoolhelper.messages import text
from schoolhelper.models.attention import LAYERS
from schoolhelper.models.embedded import DISK_FULL, embedded_folder, prepare_embedded
from schoolhelper.models.presets import EMBEDDED, preset
from schoolhelper.models.tokenizer import FileTokenizer
from schoolhelper.prompts import GEMMA_CHAT_TEMPLATE
from schoolhelper.runs import read_json

if TYPE_CHECKING:
    import torch

FEWEST_TOKENS = 256
"""Even a tokenizer of single bytes has as many."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A base model in memory with its tokenizer; `name` is what it was asked for by, `path` where it
    lies, which its adapters remember as their base."""

    model: Any
    tokenizer: Any
    path: str
    name: str


def device() -> str:
    """The device that training and serving use: one GPU if there is one, else the CPU."""
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def half_precision(on: str) -> torch.dtype:
    """bf16, or fp16 on a GPU that has no bf16. Gemma 3 overflows in fp16, so such a GPU gets fp32."""
    import torch

    if on == "cuda" and not torch.cuda.is_bf16_supported():
        return torch.float32
    return torch.bfloat16


def hub_token() -> str | None:
    """The hub's token, from the environment only."""
    return os.environ.get("HF_TOKEN") or os.environ.get("HUGGING_FACE_HUB_TOKEN") or None


def resolve(name: str, revision: str = "") -> tuple[str, str]:
    """The folder or hub id behind `name`, and its revision; prepares the embedded model if needed.

    Raises:
        ModelError: the preset is for planning only, or a folder of that name does not hold a model.
    """
    known = preset(name)
    if known and known.name == EMBEDDED:
        return str(prepare_embedded()), ""
    if known:
        if not known.loadable:
            raise ModelError(text("errors.plan_only", name=name), text("errors.base_hint"))
        return known.source, revision or known.revision
    folder = Path(name).expanduser()
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise ModelError(text("errors.no_model_here", path=folder), text("errors.no_model_here_hint"))
        return str(folder), ""
    if folder.is_absolute() or name.startswith((".", "~")) or "/" not in name:
        raise ModelError(text("errors.unknown_base", name=name), text("errors.base_hint"))
    return name, revision or "main"


def load_tokenizer(path: str, revision: str = "") -> Any:
    """The tokenizer at a folder or hub id; a Gemma without a chat template gets Gemma's."""
    if Path(path) == embedded_folder():  # whose files are known
        with explained(path):
            return FileTokenizer(Path(path))
    from transformers import AutoTokenizer

    _silence()
    with explained(path):
        source, options = _source(path, revision)
        tokenizer = AutoTokenizer.from_pretrained(source, **options)
    if len(tokenizer) < FEWEST_TOKENS:  # without its files the library makes an empty one
        raise ModelError(
            text("errors.model_unreadable", name=path, error="tokenizer.json"),
            text("errors.model_unreadable_hint"),
        )
    tokenizer.padding_side = "right"
    turn = tokenizer.convert_tokens_to_ids("<start_of_turn>")
    if not tokenizer.chat_template and turn not in (None, tokenizer.unk_token_id):
        tokenizer.chat_template = GEMMA_CHAT_TEMPLATE
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.unk_token or tokenizer.eos_token
    return tokenizer


def load_base(name: str, *, revision: str = "", on: str | None = None) -> Loaded:
    """Load a base model and its tokenizer in half precision.

    On a CPU attention of our own is faster for texts as short as ours (see docs/experiments.md).

    Raises:
        ModelError: unknown or gated model, missing token, wrong architecture, damaged file, or no
            network; each with what to do.
    """
    from transformers import AutoModelForCausalLM

    from schoolhelper.models.grouped import use_grouped_attention

    path, pinned = resolve(name, revision)
    tokenizer = load_tokenizer(path, pinned)
    target = on or device()
    _silence()
    with explained(path):
        source, options = _source(path, pinned)
        model, found = AutoModelForCausalLM.from_pretrained(
            source,
            dtype=half_precision(target),
            use_safetensors=True,
            attn_implementation="eager" if target == "cpu" else "sdpa",
            output_loading_info=True,
            **options,
        )
    if unknown := _unknown_parts(model.config.get_text_config()):
        raise ModelError(
            text("errors.model_unknown_parts", name=path, parts=unknown), text("errors.base_hint")
        )
    if found["missing_keys"]:  # the library would draw them at random
        missing = ", ".join(sorted(found["missing_keys"])[:3])
        raise ModelError(
            text("errors.model_damaged", name=path, error=missing), text("errors.model_damaged_hint")
        )
    if target == "cpu":
        use_grouped_attention(model)
    return Loaded(model.to(target), tokenizer, path, name)


def _unknown_parts(config: Any) -> str:
    """What a model has that training and judging would get wrong: layers that are no attention, and
    scaled logits."""
    layers = set(getattr(config, "layer_types", None) or ()) - LAYERS
    scales = {
        each for each in ("logits_scaling", "logit_scale") if getattr(config, each, None) not in (None, 1)
    }
    return ", ".join(sorted(layers | scales))


def _source(path: str, revision: str) -> tuple[str, dict[str, Any]]:
    """From where, and with what options, the libraries are to load."""
    options: dict[str, Any] = {"trust_remote_code": False}
    if not revision:
        return path, options
    fetched = _fetched(path, revision)
    return (fetched, options) if fetched else (path, options | {"revision": revision, "token": hub_token()})


def _fetched(name: str, revision: str) -> str | None:
    """The folder of the hub's cache that holds a whole model: then no network is needed, nor waited for."""
    from huggingface_hub import try_to_load_from_cache

    def cached(file: str) -> str | None:
        found = try_to_load_from_cache(name, file, revision=revision)
        return found if isinstance(found, str) else None

    config = cached("config.json")
    if config is None or not (cached("tokenizer.json") or cached("tokenizer.model")):
        return None
    index = cached("model.safetensors.index.json")
    shards = set(read_json(Path(index))["weight_map"].values()) if index else {"model.safetensors"}
    return str(Path(config).parent) if all(map(cached, shards)) else None


def _silence() -> None:
    """Have the libraries say nothing while they load."""
    from huggingface_hub.utils import logging as hub
    from transformers.utils import logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()
    hub.set_verbosity_error()  # type: ignore[no-untyped-call]


@contextmanager
def explained(path: str) -> Iterator[None]:
    """Turns what the libraries raise while loading into a ModelError that says what to do."""
    try:
        yield
    except ModelError:
        raise
    except Exception as error:
        key = _cause(error)
        detail = (str(error).strip().splitlines() or [""])[0]
        raise ModelError(
            text(f"errors.{key}", name=path, error=detail), text(f"errors.{key}_hint")
        ) from error


def _cause(error: Exception) -> str:
    """The catalogue's key for what went wrong."""
    chain: list[BaseException] = [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) is not None:
        chain.append(cause)
    names = {kind.__name__ for each in chain for kind in type(each).__mro__}
    words = " ".join(str(each) for each in chain).lower()
    if DISK_FULL in words:
        return "model_disk_full"
    if "GatedRepoError" in names:
        return "model_gated"
    if "RepositoryNotFoundError" in names or "401 client error" in words:
        return "model_not_found"
    if "unrecognized configuration class" in words or "does not recognize this architecture" in words:
        return "model_wrong_kind"
    if {"ConnectionError", "TransportError", "LocalEntryNotFoundError", "OfflineModeIsEnabled"} & names:
        return "model_offline"
    if "SafetensorError" in names or "safetensor" in words or "EOFError" in names:
        return "model_damaged"
    return "model_unreadable"


def causal_model(model: Any) -> Any:
    """The causal model itself, with its adapter layers in place, whether PEFT wraps it or not."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model
