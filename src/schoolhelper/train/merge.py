"""Adapter and base become one stand-alone model that any tool can load."""

from __future__ import annotations

from pathlib import Path

from schoolhelper.models import load_adapted
from schoolhelper.prompts import save_prompts
from schoolhelper.runs import sealed_folder


def merge(adapter: Path, base: str, target: Path, *, revision: str = "") -> None:
    """Write the merged model, its tokenizer and its prompts to `target`, sealed.

    The LoRA product is added to the frozen weights (Hu et al., 2021, section 4.1); the tied
    embedding is not adapted, so nothing is copied.
    """
    loaded = load_adapted(adapter, base, revision=revision)
    with sealed_folder(target, base=base, adapter=adapter.name) as work:
        loaded.model.save_pretrained(work)
        loaded.tokenizer.save_pretrained(work)
        save_prompts(work)
