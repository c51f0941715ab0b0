"""The one renderer: training, exam and serving make their tokens here, so they cannot differ.

A prompt is one user turn of the base model's chat template. The completion is the model's turn with
its end-of-turn token, and only the completion carries a label.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any, Protocol

from schoolhelper.dataset import NO, YES, Example
from schoolhelper.errors import ModelError
from schoolhelper.messages import text
from schoolhelper.runs import read_json, write_json

VERSION = 3
FILE_NAME = "prompts.json"
IGNORED = -100
"""The label of a token that carries no loss, as in PyTorch's cross entropy."""

TEMPLATES = {
    "closed": "{question}",
    "grounded": "Q: {wording}\nA: {answer}\n\nQ: {question}",
    "judge": "{wording}\n{answer}\n\n{question}\n답이 있나요?",
}

GEMMA_CHAT_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}"
    "<start_of_turn>{{ 'model' if message.role == 'assistant' else message.role }}\n"
    "{{ message.content | trim }}<end_of_turn>\n{% endfor %}"
    "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)
"""Gemma's turn format, for a pretrained Gemma whose tokenizer knows the tokens but has no template."""


class Tokenizer(Protocol):
    """The part of a transformers tokenizer that the renderer needs."""

    bos_token_id: int | None
    pad_token_id: int | None
    chat_template: Any

    def apply_chat_template(self, conversation: Any, **options: Any) -> Any: ...
    def encode(self, text: str, *, add_special_tokens: bool = ...) -> list[int]: ...
    def decode(self, token_ids: list[int], *, skip_special_tokens: bool = ...) -> str: ...


@dataclass(frozen=True, slots=True)
class Rendered:
    """Token ids of prompt and completion together; `labels` are IGNORED on the prompt.

    The first `shared` tokens are the same for every question about the same entry; `verdict`: the one
    label is the judge's yes or no.
    """

    input_ids: list[int]
    labels: list[int]
    shared: int = 0
    verdict: bool = False


def user_text(example: Example) -> str:
    """What the user's turn says for an example."""
    wording, answer = example.context[0] if example.context else ("", "")
    return TEMPLATES[example.task].format(question=example.question, wording=wording, answer=answer)


class Renderer:
    """Renders examples for one tokenizer.

    Raises:
        ModelError: the tokenizer has no chat template, or its template hides the answer.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        if not tokenizer.chat_template:
            raise ModelError(text("errors.no_chat_template"), text("errors.no_chat_template_hint"))
        self.tokenizer = tokenizer
        self.end = self._end_of_turn()
        self.pad = tokenizer.pad_token_id or 0
        yes, no = self.encode(YES)[0], self.encode(NO)[0]
        if yes == no:
            raise ModelError(text("errors.labels_collide"), text("errors.base_hint"))
        self.yes, self.no = yes, no

    def encode(self, string: str) -> list[int]:
        """Token ids of plain text, without special tokens."""
        return self.tokenizer.encode(string, add_special_tokens=False)

    def prompt(self, example: Example) -> list[int]:
        """The user's turn and the opening of the model's, with exactly one BOS (if the model has one)."""
        trunk, rest = self.split_prompt(example)
        return trunk + rest

    def render(self, example: Example) -> Rendered:
        """Prompt, completion and end of turn, the prompt masked. A verdict is its first token alone,
        which is all that the judge reads off."""
        trunk, rest = self.split_prompt(example)
        prompt = trunk + rest
        completion = [*self.encode(example.completion), self.end]
        is_verdict = example.task == "judge"
        if is_verdict:
            completion = completion[:1]
        labels = [IGNORED] * len(prompt) + completion
        return Rendered(prompt + completion, labels, len(trunk) if is_verdict else 0, is_verdict)

    def split_prompt(self, example: Example) -> tuple[list[int], list[int]]:
        """The prompt's tokens as two parts; the first is what the context alone decides (nothing, where
        there is none). A judge's prompt is cut before the question, each part encoded alone, so that
        the first is the same whatever is asked; any other is encoded whole."""
        said = user_text(example)
        messages = [{"role": "user", "content": said}]
        rendered = self.tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
        if not example.context:
            return [], self._with_one_bos(self.encode(rendered))
        ending = TEMPLATES[example.task].partition("{answer}")[2].format(question=example.question).strip()
        cut = rendered.rindex(ending)
        before = self._with_one_bos(self.encode(rendered[:cut]))
        if example.task == "judge":
            return before, self.encode(rendered[cut:])
        ids = self._with_one_bos(self.encode(rendered))
        shared = common_start([before, ids])
        return ids[:shared], ids[shared:]

    def _with_one_bos(self, ids: list[int]) -> list[int]:
        bos = self.tokenizer.bos_token_id
        if bos is None:
            return ids
        while ids[:1] == [bos]:
            ids = ids[1:]
        return [bos, *ids]

    def _end_of_turn(self) -> int:
        """The first token that the template puts behind the model's answer."""
        mark = "답변"
        turns = [{"role": "user", "content": "질문"}, {"role": "assistant", "content": mark}]
        rendered = self.tokenizer.apply_chat_template(turns, add_generation_prompt=False, tokenize=False)
        _, found, tail = rendered.rpartition(mark)
        ids = self.encode(tail) if found else []
        if not ids:
            raise ModelError(text("errors.no_end_of_turn"), text("errors.base_hint"))
        return ids[0]


FINGERPRINT = {"version": VERSION, "templates": TEMPLATES, "yes": YES, "no": NO}
"""What a model must have been trained with to be used with these prompts."""


def save_prompts(folder: Path) -> None:
    """Save the templates beside the model they were used with."""
    write_json(folder / FILE_NAME, FINGERPRINT)


def check_prompts(folder: Path) -> None:
    """Refuse a model that was trained with other prompts.

    Raises:
        ModelError: the saved templates are not today's.
    """
    saved = read_json(folder / FILE_NAME)
    if saved != FINGERPRINT:
        raise ModelError(text("errors.other_prompts", path=folder), text("errors.other_prompts_hint"))


def common_start(texts: Iterable[Sequence[int]]) -> int:
    """How many tokens all begin with."""
    return len(list(takewhile(lambda tokens: len(set(tokens)) == 1, zip(*texts, strict=False))))


def padded(rows: Sequence[Rendered], pad: int, multiple: int) -> dict[str, list[list[int]]]:
    """One batch: ids, labels and attention mask, right-padded to a multiple of `multiple` tokens."""
    longest = max(len(row.input_ids) for row in rows)
    width = -(-longest // multiple) * multiple
    return {
        "input_ids": [row.input_ids + [pad] * (width - len(row.input_ids)) for row in rows],
        "labels": [row.labels + [IGNORED] * (width - len(row.labels)) for row in rows],
        "attention_mask": [[1] * len(r.input_ids) + [0] * (width - len(r.input_ids)) for r in rows],
    }
