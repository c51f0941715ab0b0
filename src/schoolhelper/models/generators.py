"""Greedy decoding: a prompt's tokens go in, the likeliest ones that follow come out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Protocol

from schoolhelper.dataset.general import general_answers

_HANGUL = re.compile("[가-힣]")


class Generator(Protocol):
    """Whatever continues a prompt greedily."""

    def tokens(self, prompt: Sequence[int], limit: int, *, shared: int = 0) -> Iterator[int]:
        """At most `limit` tokens, the end of turn left out. Other prompts may begin with the first
        `shared` tokens of this one."""
        ...

    def warm(self, beginnings: Iterable[Sequence[int]]) -> None:
        """Read what prompts will begin with, before anybody asks."""
        ...


def load_generator(model: Any, tokenizer: Any, end: int) -> Generator:
    """The fastest generator for a model, or the checkpoint of one; `end` is the token that ends a turn.

    It writes what answers need (`vocabulary`) and what the prompt says: of other tokens the model was
    taught nothing, not even that they are unlikely.
    """
    import torch

    from schoolhelper.models.gemma3 import EMBEDDING, Checkpoint
    from schoolhelper.models.int8 import Int8Gemma3
    from schoolhelper.models.prompt_lookup import Int8Generator

    kept = sorted({*vocabulary(tokenizer), end})
    checkpoint = model if isinstance(model, Checkpoint) else Checkpoint.of(model)
    if checkpoint is None or checkpoint.weight(EMBEDDING).dtype != torch.bfloat16:
        return TransformersGenerator(model, end, kept)
    return Int8Generator(Int8Gemma3(checkpoint, kept), end)


class TransformersGenerator:
    """Any causal model of transformers, a token a step: one of `kept` and the prompt's, or any."""

    def __init__(self, model: Any, end: int, kept: Sequence[int] | None = None) -> None:
        self.model = model
        self.end = end
        self.kept = kept

    def warm(self, beginnings: Iterable[Sequence[int]]) -> None:
        """Nothing is kept between prompts."""

    def tokens(self, prompt: Sequence[int], limit: int, *, shared: int = 0) -> Iterator[int]:
        import torch

        ids, cache = torch.tensor([list(prompt)], device=self.model.device), None
        kept = None if self.kept is None else sorted({*self.kept, *prompt})
        for _ in range(limit):
            with torch.inference_mode():
                out = self.model(input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1)
            cache = out.past_key_values
            logits = out.logits[0, -1]
            token = int(logits.argmax()) if kept is None else kept[int(logits[kept].argmax())]
            if token == self.end:
                return
            yield token
            ids = torch.tensor([[token]], device=self.model.device)


@lru_cache(maxsize=1)  # folds share it
def vocabulary(tokenizer: Any) -> frozenset[int]:
    """The tokens that answers in Korean and English need: those of the made-up organisations' texts, all
    with Hangul, and the small ones that can spell anything else."""
    pieces = tokenizer.get_vocab().items()
    small = frozenset(
        place
        for piece, place in pieces
        if (len(piece) <= 2 or piece.startswith("<0x") if piece.isascii() else _HANGUL.search(piece))
    )
    return small.union(*(tokenizer.encode(each, add_special_tokens=False) for each in general_answers()))
