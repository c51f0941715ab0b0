"""A tokenizer that is read from its own files, without transformers: importing that takes seconds."""

from __future__ import annotations

import shutil
from functools import cached_property
from pathlib import Path
from typing import Any

from schoolhelper.runs import read_json

VOCABULARY, SETTINGS, TEMPLATE = "tokenizer.json", "tokenizer_config.json", "chat_template.jinja"


class FileTokenizer:
    """What the renderer needs of the tokenizer in `folder`, made by the same library of tokenizers."""

    def __init__(self, folder: Path) -> None:
        from tokenizers import Tokenizer

        self.folder = folder
        self.backend = Tokenizer.from_file(str(folder / VOCABULARY))
        self.settings = read_json(folder / SETTINGS)
        self.bos_token_id: int | None = self.backend.token_to_id(self.settings["bos_token"])
        self.pad_token_id: int | None = self.backend.token_to_id(self.settings["pad_token"])
        self.chat_template: Any = (folder / TEMPLATE).read_text(encoding="utf-8")

    @cached_property
    def _template(self) -> Any:
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        return ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True).from_string(
            self.chat_template
        )

    def apply_chat_template(
        self, conversation: Any, *, add_generation_prompt: bool, tokenize: bool = False
    ) -> Any:
        """The conversation as the template writes it; its tokens, if `tokenize`."""
        written: str = self._template.render(
            messages=conversation,
            add_generation_prompt=add_generation_prompt,
            bos_token=self.settings["bos_token"],
        )
        return self.encode(written) if tokenize else written

    def encode(self, text: str, *, add_special_tokens: bool = False) -> list[int]:
        """The ids of a text's tokens."""
        ids: list[int] = self.backend.encode(text, add_special_tokens=add_special_tokens).ids
        return ids

    def decode(self, token_ids: list[int], *, skip_special_tokens: bool = False) -> str:
        """The text that tokens stand for."""
        text: str = self.backend.decode(token_ids, skip_special_tokens=skip_special_tokens)
        return text

    def get_vocab(self) -> dict[str, int]:
        """The id of every token."""
        found: dict[str, int] = self.backend.get_vocab()
        return found

    def save_pretrained(self, folder: Path) -> None:
        """Copy its files."""
        for name in (VOCABULARY, SETTINGS, TEMPLATE):
            shutil.copy(self.folder / name, folder / name)
