"""The judge: a LoRA model that reads a question and a candidate entry and says whether it answers.

Only the logits of the two labels are computed, at the last position of the prompt.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from schoolhelper.answer.prefix import load_reader
from schoolhelper.dataset import Example, judge_context
from schoolhelper.prompts import Renderer
from schoolhelper.records import Entry, Lang


class Judge:
    """Scores candidates with an adapted causal model, or the checkpoint of one (see
    `models.load_served`)."""

    def __init__(self, model: Any, renderer: Renderer) -> None:
        self.renderer = renderer
        self.reader = load_reader(model, renderer.pad)

    def scores(self, examples: Sequence[Example]) -> list[float]:
        """For each `judge_example` the log-odds that its entry answers its question."""
        if not examples:
            return []
        texts = [self.renderer.split_prompt(example) for example in examples]
        yes, no = self.reader.label_logits(texts, [self.renderer.yes, self.renderer.no]).unbind(-1)
        return [float(each) for each in yes - no]

    def warm(self, entries: Sequence[Entry], lang: Lang) -> None:
        """Read entries before anybody asks about them in `lang`."""
        examples = (judge_example("?", lang, entry) for entry in entries)
        self.reader.warm(self.renderer.split_prompt(example)[0] for example in examples)


def judge_example(question: str, lang: Lang, entry: Entry) -> Example:
    """What the judge reads of a candidate: its first wordings and its answer, in the question's language."""
    return Example("judge", question, lang, "", entry.id, (judge_context(entry.questions, lang, entry),))
