"""The judge: a LoRA model that reads a question and a candidate entry and says whether it answers.

Only the logits of the two labels are computed, at the last position of the prompt.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from schoolhelper.dataset import SHOWN, Example, joined
from schoolhelper.models import causal_model
from schoolhelper.prompts import Rendered, Renderer, padded
from schoolhelper.records import Lang, Passage

BATCH = 16


class Judge:
    """Scores candidates with an adapted causal model (see `models.load_adapted`)."""

    def __init__(self, model: Any, renderer: Renderer) -> None:
        self.model = causal_model(model)
        self.renderer = renderer

    def scores(self, question: str, lang: Lang, passages: Sequence[Passage]) -> list[float]:
        """For each candidate the log-odds that it answers the question."""
        return self.pair_scores([judge_example(question, lang, passage) for passage in passages])

    def pair_scores(self, examples: Sequence[Example]) -> list[float]:
        """The same for any judge examples; alike lengths are batched together."""
        prompts = [self.renderer.prompt(example) for example in examples]
        order = sorted(range(len(prompts)), key=lambda place: len(prompts[place]))
        scores = [0.0] * len(prompts)
        for start in range(0, len(order), BATCH):
            places = order[start : start + BATCH]
            for place, score in zip(places, self._batch([prompts[p] for p in places]), strict=True):
                scores[place] = score
        return scores

    def _batch(self, prompts: list[list[int]]) -> list[float]:
        import torch

        weight = self.model.get_output_embeddings().weight
        batch = padded([Rendered(ids, ids) for ids in prompts], self.renderer.pad, 1)
        last = torch.tensor([len(ids) - 1 for ids in prompts], device=weight.device)
        with torch.inference_mode():
            hidden = self.model.base_model(
                input_ids=torch.tensor(batch["input_ids"], device=weight.device),
                attention_mask=torch.tensor(batch["attention_mask"], device=weight.device),
                use_cache=False,
            ).last_hidden_state[torch.arange(len(prompts), device=weight.device), last]
            labels = weight[[self.renderer.yes, self.renderer.no]]
            yes, no = (hidden @ labels.T).float().unbind(-1)
        return [float(each) for each in yes - no]


def judge_example(question: str, lang: Lang, passage: Passage) -> Example:
    """What the judge reads of a candidate: its nearest wordings and its answer in the question's
    language."""
    context = ((joined(passage.wordings[:SHOWN]), passage.entry.answer(lang)),)
    return Example("judge", question, lang, "", passage.entry.id, context)
