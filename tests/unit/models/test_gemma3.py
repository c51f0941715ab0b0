"""Gemma 3's layers as they are computed for answering."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from schoolhelper.models.gemma3 import Checkpoint, Gemma3, Piece
from tiny import load_exact, make_model


@pytest.mark.parametrize("changed", [{}, {"num_key_value_heads": 2}, {"head_dim": 16}])
def test_it_is_the_model(tmp_path: Path, changed: dict[str, Any]) -> None:
    """Beyond the sliding window, too; several texts in one step are as each alone."""
    model = load_exact(make_model(tmp_path, "gemma3", **changed)).model.eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "norm" in name:
                weight.normal_(std=0.1)
    checkpoint = Checkpoint.of(model)
    assert checkpoint
    ours = Gemma3(checkpoint)
    draw = torch.Generator().manual_seed(0)
    texts = [torch.randint(3, 200, (size,), generator=draw).tolist() for size in (1, 70, 33)]
    found = ours.step([Piece(ids, 0, ours.cache(len(ids))) for ids in texts])
    for ids, states in zip(texts, found, strict=True):
        with torch.inference_mode():
            expected = model.model(torch.tensor([ids])).last_hidden_state[0]
        torch.testing.assert_close(states, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    "changed",
    [
        {"model_type": "gemma"},
        {"layer_types": None},
        {"layer_types": ["chunked", "chunked"], "rope_parameters": {"chunked": {"rope_type": "default"}}},
        {"rope_parameters": None},
        {"rope_parameters": {"full_attention": {"rope_type": "linear", "rope_theta": 1.0, "factor": 8.0}}},
        {"attn_logit_softcapping": 50.0},
        {"final_logit_softcapping": 30.0},
        {"attention_bias": True},
        {"use_bidirectional_attention": True},
        {"hidden_activation": "silu"},
        {"tie_word_embeddings": False},
    ],
)
def test_what_is_computed_otherwise_is_left_to_transformers(
    tiny_gemma3: Path, changed: dict[str, Any]
) -> None:
    config = json.loads((tiny_gemma3 / "config.json").read_text(encoding="utf-8"))
    assert Checkpoint.is_one(config)
    assert not Checkpoint.is_one(config | changed)
