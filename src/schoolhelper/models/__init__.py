"""Base models: which there are, what they cost, and loading them."""

from schoolhelper.models.loading import (
    Loaded,
    causal_model,
    device,
    load_adapted,
    load_base,
    load_tokenizer,
    resolve,
)
from schoolhelper.models.plan import MemoryPlan, plan
from schoolhelper.models.presets import PRESETS, BasePreset, preset

__all__ = [
    "PRESETS",
    "BasePreset",
    "Loaded",
    "MemoryPlan",
    "causal_model",
    "device",
    "load_adapted",
    "load_base",
    "load_tokenizer",
    "plan",
    "preset",
    "resolve",
]
