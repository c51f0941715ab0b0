"""Greedy decoding, in 8 bits and with guesses."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import torch

from schoolhelper.models import Loaded, TransformersGenerator, load_base, load_generator, prompt_lookup
from schoolhelper.models.gemma3 import Checkpoint, Piece
from schoolhelper.models.int8 import Int8, Int8Gemma3
from schoolhelper.models.prompt_lookup import FEWER, MORE, Int8Generator, follows

END = 1
PROMPT = [2, 40, 41, 42, 43, 44, 40, 41]


@pytest.fixture
def loaded(tiny_gemma3: Path) -> Loaded:
    """A tiny Gemma 3 whose weights 8 bits hold exactly."""
    base = load_base(str(tiny_gemma3), on="cpu")
    with torch.no_grad():
        for name, weight in base.model.named_parameters():
            if weight.dim() == 2:
                rounded = Int8.of(weight)
                weight.copy_(rounded.weight.float() * rounded.scale.float()[:, None])
            elif "norm" in name:
                weight.normal_(std=0.1)
    return base


def whole(loaded: Loaded) -> Int8Gemma3:
    return Int8Gemma3(checkpoint(loaded), range(loaded.model.config.vocab_size))


def checkpoint(loaded: Loaded) -> Checkpoint:
    found = Checkpoint.of(loaded.model)
    assert found
    return found


def watched(model: Int8Gemma3, monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """The steps that the model takes from now on: how many tokens of each text are read."""
    steps: list[list[int]] = []
    step = model.step

    def counted(pieces: list[Piece]) -> Any:
        steps.append([len(piece.ids) for piece in pieces])
        return step(pieces)

    monkeypatch.setattr(model, "step", counted)
    return steps


def at_once(generator: Int8Generator, asks: Sequence[Callable[[], None]]) -> None:
    """Have all ask, with a first step that reads for all of them."""
    threads = [Thread(target=ask) for ask in asks]
    with generator.turn:  # until all wait
        for thread in threads:
            thread.start()
        while len(generator.waiting) < len(threads):
            time.sleep(0.001)
    for thread in threads:
        thread.join()


def test_it_is_the_model(loaded: Loaded) -> None:
    """Read at once or bit by bit, beyond the sliding window, too."""
    window = loaded.model.config.sliding_window
    ids = torch.randint(3, 200, (window + 30,), generator=torch.Generator().manual_seed(0)).tolist()
    model = whole(loaded)
    with torch.inference_mode():
        expected = loaded.model.model(torch.tensor([ids])).last_hidden_state[0].float()
    for cuts in ([0, len(ids)], [0, 20, window - 1, window + 5, len(ids)], range(len(ids) + 1)):
        cache = model.cache(len(ids))
        parts = [model.step([Piece(ids[i:j], i, cache)])[0] for i, j in itertools.pairwise(cuts)]
        found = torch.cat(parts).float()
        similar = torch.nn.functional.cosine_similarity(found, expected, dim=-1)
        assert similar.min() > 0.999


def test_guesses_change_the_speed_and_not_the_text(loaded: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    model = whole(loaded)
    steps = watched(model, monkeypatch)
    fast = list(Int8Generator(model, END).tokens(PROMPT, 60))
    taken = len(steps)
    assert max(steps[1:]) > [1]
    monkeypatch.setattr(prompt_lookup, "follows", lambda said: len(said))
    assert list(Int8Generator(model, END).tokens(PROMPT, 60)) == fast
    assert taken < len(steps) - taken == len(fast)


def test_it_writes_what_transformers_does(loaded: Loaded) -> None:
    slow = list(TransformersGenerator(loaded.model, END).tokens(PROMPT, 12))
    assert list(Int8Generator(whole(loaded), END).tokens(PROMPT, 12)) == slow


def test_it_stops_at_the_end_of_its_turn(loaded: Loaded) -> None:
    said = list(Int8Generator(whole(loaded), END).tokens(PROMPT, 10))
    end = said[-1]
    first = said.index(end)
    assert list(Int8Generator(whole(loaded), end).tokens(PROMPT, 10)) == said[:first]


def test_only_kept_tokens_are_written_and_those_of_the_prompt(loaded: Loaded) -> None:
    kept = list(range(100, 140))
    said = list(Int8Generator(Int8Gemma3(checkpoint(loaded), kept), END).tokens(PROMPT, 30))
    assert said
    assert set(said) <= {*kept, *PROMPT}
    assert list(TransformersGenerator(loaded.model, END, kept).tokens(PROMPT, 30)) == said


def test_several_at_once_are_answered_as_each_alone(loaded: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = Int8Generator(whole(loaded), END)
    prompts = [[2, place, place + 1, place] for place in range(30, 36)]
    alone = [list(generator.tokens(prompt, 15)) for prompt in prompts]
    together: dict[int, list[int]] = {}
    steps = watched(generator.model, monkeypatch)

    def ask(number: int) -> None:
        together[number] = list(generator.tokens(prompts[number], 15))

    at_once(generator, [partial(ask, number) for number in range(len(prompts))])
    assert [together[number] for number in range(len(prompts))] == alone
    assert max(map(len, steps)) == len(prompts)


def test_what_prompts_begin_with_is_read_once(loaded: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = Int8Generator(whole(loaded), END)
    other = [*PROMPT[:5], 50, 51]
    expected = [list(generator.tokens(prompt, 12)) for prompt in (PROMPT, other)]
    assert not generator.known.kept
    steps = watched(generator.model, monkeypatch)
    generator.warm([PROMPT[:5]])
    assert steps == [[5]]
    assert [list(generator.tokens(prompt, 12, shared=5)) for prompt in (PROMPT, other)] == expected
    assert steps[1] == [3]
    assert list(generator.known.kept) == [tuple(PROMPT[:5])]


def test_who_fails_does_not_take_the_others_along(loaded: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = Int8Generator(whole(loaded), END)
    alone = list(generator.tokens(PROMPT, 9))
    step, failed = generator.model.step, threading.Event()

    def failing(pieces: list[Piece]) -> Any:
        if not failed.is_set():
            failed.set()
            raise MemoryError
        return step(pieces)

    monkeypatch.setattr(generator.model, "step", failing)
    ended: list[list[int] | str] = []

    def ask() -> None:
        try:
            ended.append(list(generator.tokens(PROMPT, 9)))
        except MemoryError:
            ended.append("failed")

    at_once(generator, [ask] * 3)
    assert sorted(ended, key=str) == [alone, alone, "failed"]


def test_it_goes_on_as_it_first_did() -> None:
    assert follows([1, 2, 3, 4, 5, 9, 2, 3]) == 3
    assert follows([7, 2, 3, 8, 1, 2, 3, 4, 1, 2, 3]) == 7  # the longest match
    assert follows([3, 5, 3, 6, 3]) == 1
    assert follows([1, 2, 3]) is None
    assert follows([1]) is None


class Parrot:
    """A model that writes what it was told to, and notes how many tokens it read a step."""

    def __init__(self, prompt: Sequence[int], writes: Sequence[int]) -> None:
        self.behind = [*prompt[1:], *writes, *([END] * MORE)]
        self.read: list[int] = []

    def cache(self, size: int) -> torch.Tensor:
        return torch.empty(0)

    def with_tokens(self, ids: Sequence[int]) -> tuple[torch.Tensor, Callable[[torch.Tensor], torch.Tensor]]:
        return torch.arange(100), lambda states: states

    def step(self, pieces: Sequence[Piece]) -> list[torch.Tensor]:
        (piece,) = pieces
        self.read.append(len(piece.ids))
        written = self.behind[piece.start : piece.start + len(piece.ids)]
        return [torch.nn.functional.one_hot(torch.tensor(written), 100)]


def test_more_is_guessed_behind_guesses_that_were_right() -> None:
    said = list(range(10, 40))
    model: Any = Parrot([*said, 5], [*said, END])
    assert list(Int8Generator(model, END).tokens([*said, 5], 60)) == said
    assert model.read == [31, 1 + FEWER, 1 + MORE, 1 + MORE, 1 + MORE, 1 + MORE]


def test_a_word_that_was_exchanged_does_not_end_the_guessing() -> None:
    said = list(range(10, 40))
    writes = [*range(10, 22), 99, *range(23, 27)]
    model: Any = Parrot([*said, 5], [*writes, END])
    assert list(Int8Generator(model, END).tokens([*said, 5], 60)) == writes
    assert model.read == [31, 1 + FEWER, 1 + MORE, 1 + MORE]


def test_the_fast_one_is_taken_where_it_can_run(loaded: Loaded, tiny_gemma: Path) -> None:
    assert isinstance(load_generator(loaded.model, loaded.tokenizer, END), Int8Generator)
    other = load_base(str(tiny_gemma), on="cpu")
    assert isinstance(load_generator(other.model, other.tokenizer, END), TransformersGenerator)
