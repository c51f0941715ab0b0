"""Wording an answer from the cited entry with the LoRA model, token by token."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from schoolhelper.dataset import Example
from schoolhelper.models import Generator
from schoolhelper.prompts import Renderer
from schoolhelper.records import Entry, Lang


class Writer:
    """Writes with a generator, at most `limit` tokens."""

    def __init__(self, generator: Generator, renderer: Renderer, *, limit: int = 160) -> None:
        self.generator = generator
        self.renderer = renderer
        self.limit = limit

    def write(self, question: str, lang: Lang, entry: Entry) -> Iterator[str]:
        """The answer's text so far, again and again until it is complete."""
        yield from self.complete(_example(question, lang, entry))

    def warm(self, entries: Sequence[Entry], lang: Lang) -> None:
        """Read entries before anybody asks about them in `lang`."""
        examples = (_example("?", lang, entry) for entry in entries)
        self.generator.warm(self.renderer.split_prompt(example)[0] for example in examples)

    def complete(self, example: Example) -> Iterator[str]:
        """The completion of an example so far, again and again until end of turn or the limit."""
        tokenizer = self.renderer.tokenizer
        written: list[int] = []
        beginning, rest = self.renderer.split_prompt(example)
        for token in self.generator.tokens(beginning + rest, self.limit, shared=len(beginning)):
            written.append(token)
            yield tokenizer.decode(written, skip_special_tokens=True)
        yield tokenizer.decode(written, skip_special_tokens=True).strip()


def _example(question: str, lang: Lang, entry: Entry) -> Example:
    """What is read of an entry, whatever is asked: a wording, in the question's language if there is one,
    and its answer."""
    wording = min(entry.questions, key=lambda each: each.lang != lang)
    return Example("grounded", question, lang, "", entry.id, ((wording.text, entry.answer(lang)),))
