"""Wording an answer from the cited entry with the LoRA model, token by token."""

from __future__ import annotations

from collections.abc import Iterator

from schoolhelper.dataset import Example
from schoolhelper.models import Generator
from schoolhelper.prompts import Renderer
from schoolhelper.records import Lang, Passage


class Writer:
    """Writes with a generator, at most `limit` tokens."""

    def __init__(self, generator: Generator, renderer: Renderer, *, limit: int = 160) -> None:
        self.generator = generator
        self.renderer = renderer
        self.limit = limit

    def write(self, question: str, lang: Lang, passage: Passage) -> Iterator[str]:
        """The answer's text so far, again and again until it is complete."""
        context = ((passage.wording, passage.entry.answer(lang)),)
        yield from self.complete(Example("grounded", question, lang, "", passage.entry.id, context))

    def complete(self, example: Example) -> Iterator[str]:
        """The completion of an example so far, again and again until end of turn or the limit."""
        tokenizer = self.renderer.tokenizer
        written: list[int] = []
        for token in self.generator.tokens(self.renderer.prompt(example), self.limit):
            written.append(token)
            yield tokenizer.decode(written, skip_special_tokens=True)
        yield tokenizer.decode(written, skip_special_tokens=True).strip()
