"""Base models: which there are, what they cost, and loading them."""

from schoolhelper.models.adapted import load_adapted, load_served
from schoolhelper.models.attention import attention_masks, tree_mask
from schoolhelper.models.beginnings import Beginnings
from schoolhelper.models.generators import Generator, TransformersGenerator, load_generator, vocabulary
from schoolhelper.models.loading import (
    Loaded,
    causal_model,
    device,
    load_base,
    load_tokenizer,
    resolve,
)
from schoolhelper.models.logits import capped, label_logits, soft_cap
from schoolhelper.models.plan import MemoryPlan, plan
from schoolhelper.models.presets import PRESETS, BasePreset, preset

__all__ = [
    "PRESETS",
    "BasePreset",
    "Beginnings",
    "Generator",
    "Loaded",
    "MemoryPlan",
    "TransformersGenerator",
    "attention_masks",
    "capped",
    "causal_model",
    "device",
    "label_logits",
    "load_adapted",
    "load_base",
    "load_generator",
    "load_served",
    "load_tokenizer",
    "plan",
    "preset",
    "resolve",
    "soft_cap",
    "tree_mask",
    "vocabulary",
]
