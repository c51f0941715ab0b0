"""Greedy decoding, in 8 bits and with guesses."""

from __future__ import annotations

import itertools
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import torch

from schoolhelper.models import Loaded, TransformersGenerator, generators, load_base, load_generator
from schoolhelper.models.generators import Int8Generator, guessed
from schoolhelper.models.int8 import Int8, Int8Gemma3

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
    return Int8Gemma3(loaded.model, range(loaded.model.config.vocab_size))


def test_it_is_the_model(loaded: Loaded) -> None:
    """Read at once or bit by bit, beyond the sliding window, too."""
    window = loaded.model.config.sliding_window
    ids = torch.randint(3, 200, (window + 30,), generator=torch.Generator().manual_seed(0)).tolist()
    model = whole(loaded)
    with torch.inference_mode():
        expected = loaded.model.model(torch.tensor([ids])).last_hidden_state[0].float()
    for cuts in ([0, len(ids)], [0, 20, window - 1, window + 5, len(ids)], range(len(ids) + 1)):
        cache = model.cache(len(ids))
        parts = [model.step(ids[one:two], one, cache) for one, two in itertools.pairwise(cuts)]
        found = torch.cat(parts).float()
        similar = torch.nn.functional.cosine_similarity(found, expected, dim=-1)
        assert similar.min() > 0.999


def test_guesses_change_the_speed_and_not_the_text(loaded: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    model = whole(loaded)
    steps = []
    step = model.step

    def counted(ids: Any, start: int, cache: Any) -> Any:
        steps.append(len(ids))
        return step(ids, start, cache)

    monkeypatch.setattr(model, "step", counted)
    fast = list(Int8Generator(model, END).tokens(PROMPT, 60))
    taken = len(steps)
    assert max(steps[1:]) > 1
    monkeypatch.setattr(generators, "guessed", lambda said: [])
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
    said = list(Int8Generator(Int8Gemma3(loaded.model, kept), END).tokens(PROMPT, 30))
    assert said
    assert set(said) <= {*kept, *PROMPT}
    assert list(TransformersGenerator(loaded.model, END, kept).tokens(PROMPT, 30)) == said


def test_several_at_once_are_answered_as_each_alone(loaded: Loaded) -> None:
    generator = Int8Generator(whole(loaded), END)
    prompts = [[2, place, place + 1, place] for place in range(30, 36)]
    alone = [list(generator.tokens(prompt, 15)) for prompt in prompts]
    together: dict[int, list[int]] = {}

    def ask(number: int) -> None:
        together[number] = list(generator.tokens(prompts[number], 15))

    threads = [Thread(target=ask, args=(number,)) for number in range(len(prompts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [together[number] for number in range(len(prompts))] == alone


def test_what_followed_before_is_guessed() -> None:
    assert guessed([1, 2, 3, 4, 5, 9, 2, 3]) == [4, 5, 9, 2, 3]
    assert guessed([7, 2, 3, 8, 1, 2, 3, 4, 1, 2, 3])[:2] == [4, 1]  # the longer match
    assert guessed([1, 2, 3]) == []
    assert guessed([1]) == []


def test_the_fast_one_is_taken_where_it_can_run(loaded: Loaded, tiny_gemma: Path) -> None:
    assert isinstance(load_generator(loaded.model, loaded.tokenizer, END), Int8Generator)
    other = load_base(str(tiny_gemma), on="cpu")
    assert isinstance(load_generator(other.model, other.tokenizer, END), TransformersGenerator)
