"""Wording an answer from the cited entry with the LoRA model, token by token."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schoolhelper.dataset import Example
from schoolhelper.prompts import Renderer
from schoolhelper.records import Lang, Passage


class Writer:
    """Greedy decoding with an adapted causal model, at most `limit` tokens."""

    def __init__(self, model: Any, renderer: Renderer, *, limit: int = 160) -> None:
        self.model = model
        self.renderer = renderer
        self.limit = limit

    def write(self, question: str, lang: Lang, passage: Passage) -> Iterator[str]:
        """The answer's text so far, again and again until it is complete."""
        context = ((passage.wording, passage.entry.answer(lang)),)
        yield from self.complete(Example("grounded", question, lang, "", passage.entry.id, context))

    def complete(self, example: Example) -> Iterator[str]:
        """The completion of an example so far, again and again until end of turn or the limit."""
        import torch

        tokenizer, device = self.renderer.tokenizer, self.model.device
        ids = torch.tensor([self.renderer.prompt(example)], device=device)
        written: list[int] = []
        cache = None
        while len(written) < self.limit:
            with torch.inference_mode():
                out = self.model(input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1)
            cache = out.past_key_values
            token = int(out.logits[0, -1].argmax())
            if token == self.renderer.end:
                break
            written.append(token)
            ids = torch.tensor([[token]], device=device)
            yield tokenizer.decode(written, skip_special_tokens=True)
        yield tokenizer.decode(written, skip_special_tokens=True).strip()
