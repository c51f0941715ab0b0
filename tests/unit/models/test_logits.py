from __future__ import annotations

from pathlib import Path

import torch

from schoolhelper.models import label_logits
from tiny import load_exact


def test_the_logits_of_a_few_tokens_are_the_models_own(tiny_folder: Path) -> None:
    model = load_exact(tiny_folder).model.eval()
    ids = torch.tensor([[2, 30, 40, 50]])
    for cap in (None, 2.0):
        if cap and not hasattr(model.config, "final_logit_softcapping"):
            continue
        if cap:
            model.config.final_logit_softcapping = cap
        with torch.inference_mode():
            whole = model(input_ids=ids).logits[0]
            ours = label_logits(model, model.base_model(input_ids=ids).last_hidden_state[0], [7, 9])
        torch.testing.assert_close(ours, whole[:, [7, 9]])


def test_a_heads_bias_counts(tiny_folder: Path) -> None:
    model = load_exact(tiny_folder).model
    head = model.get_output_embeddings()
    head.bias = torch.nn.Parameter(torch.arange(float(head.weight.shape[0])))
    hidden = torch.ones(1, head.weight.shape[1])
    expected = torch.nn.functional.linear(hidden, head.weight, head.bias)[:, [3, 5]]
    torch.testing.assert_close(label_logits(model, hidden, [3, 5]), expected, check_stride=False)
