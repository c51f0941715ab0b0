"""Greedy decoding: a prompt's tokens go in, the likeliest ones that follow come out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from threading import Lock
from typing import Any, Protocol

from schoolhelper.dataset.general import load_general

GUESSED = 8
"""Tokens that are guessed at once, at most."""

MATCHED = (3, 2)
"""Last tokens that must have stood before, for a guess; longest first."""

_HANGUL = re.compile("[가-힣]")


class Generator(Protocol):
    """Whatever continues a prompt greedily."""

    def tokens(self, prompt: Sequence[int], limit: int) -> Iterator[int]:
        """At most `limit` tokens, the end of turn left out."""
        ...


def load_generator(model: Any, tokenizer: Any, end: int) -> Generator:
    """The fastest generator for a model on its device; `end` is the token that ends a turn.

    It writes what answers need (`vocabulary`) and what the prompt says: of other tokens the model was
    taught nothing, not even that they are unlikely.
    """
    from schoolhelper.models.int8 import Int8Gemma3

    kept = sorted({*vocabulary(tokenizer), end})
    if not Int8Gemma3.can_run(model):
        return TransformersGenerator(model, end, kept)
    return Int8Generator(Int8Gemma3(model, kept), end)


class TransformersGenerator:
    """Any causal model of transformers, a token a step: one of `kept` and the prompt's, or any."""

    def __init__(self, model: Any, end: int, kept: Sequence[int] | None = None) -> None:
        self.model = model
        self.end = end
        self.kept = kept

    def tokens(self, prompt: Sequence[int], limit: int) -> Iterator[int]:
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


class Int8Generator:
    """An `Int8Gemma3` that guesses what comes next from what was said before, and checks several
    guesses in one step (prompt lookup: Saxena, 2023; speculative decoding: Leviathan et al., 2023).

    What it writes is what a token a step would. Several askers take turns, a step each.
    """

    def __init__(self, model: Any, end: int) -> None:
        self.model = model
        self.end = end
        self.turn = Lock()

    def tokens(self, prompt: Sequence[int], limit: int) -> Iterator[int]:
        said = list(prompt)
        most = len(said) + limit
        kept, head = self.model.with_tokens(said)
        cache = self.model.cache(most + GUESSED)
        read, guesses = 0, []  # type: tuple[int, list[int]]
        while len(said) < most:
            with self.turn:
                states = self.model.step(said[read:] + guesses, read, cache)
                likeliest = kept[head(states[-1 - len(guesses) :]).argmax(-1)].tolist()
            read = len(said)
            for token, guess in zip(likeliest, [*guesses, None], strict=True):
                if token == self.end or len(said) == most:
                    return
                said.append(token)
                yield token
                if token != guess:
                    break
                read += 1
            guesses = guessed(said)


def guessed(said: Sequence[int]) -> list[int]:
    """What followed the last tokens when they were said before."""
    for size in MATCHED:
        tail = said[-size:]
        for place in range(len(said) - size - 1, -1, -1):
            if said[place : place + size] == tail:
                return list(said[place + size : place + size + GUESSED])
    return []


def vocabulary(tokenizer: Any) -> set[int]:
    """The tokens that answers in Korean and English need: those of the made-up organisations' texts, all
    with Hangul, and the small ones that can spell anything else."""
    pieces = tokenizer.get_vocab().items()
    small = {
        place
        for piece, place in pieces
        if _HANGUL.search(piece) or (piece.isascii() and len(piece) <= 2) or piece.startswith("<0x")
    }
    entries = [entry for sheet in load_general("train") for entry in sheet.entries]
    texts = [said for entry in entries for said in entry.answers.values()]
    texts += [said for sheet in load_general("train") for _, _, said in sheet.worded]
    return small.union(*tokenizer(texts, add_special_tokens=False)["input_ids"])
