from __future__ import annotations

import copy

import torch

from schoolhelper.train.optimizer import MasterAdamW


def steps(optimiser: torch.optim.Optimizer, weight: torch.Tensor, count: int, start: int = 0) -> None:
    """Follow made-up gradients, some of them tiny."""
    for step in range(start, start + count):
        torch.manual_seed(step)
        weight.grad = (torch.randn(weight.shape) * 10.0 ** -(step % 4)).to(weight.dtype)
        optimiser.step()


def test_in_float32_it_is_torchs_adamw() -> None:
    ours, theirs = torch.nn.Parameter(torch.ones(5, 3)), torch.nn.Parameter(torch.ones(5, 3))
    steps(MasterAdamW([ours], lr=1e-2, weight_decay=0.1), ours, 30)
    steps(torch.optim.AdamW([theirs], lr=1e-2, weight_decay=0.1), theirs, 30)
    torch.testing.assert_close(ours, theirs)


def test_updates_that_bf16_would_round_away_add_up() -> None:
    """From 1.0 the next bf16 number below is 0.996: steps of 0.0001 vanish without a master."""
    ours = torch.nn.Parameter(torch.ones(4, dtype=torch.bfloat16))
    plain = torch.nn.Parameter(torch.ones(4, dtype=torch.bfloat16))
    optimisers = MasterAdamW([ours], lr=1e-4), torch.optim.AdamW([plain], lr=1e-4, weight_decay=0.0)
    for _ in range(100):
        for weight, optimiser in zip((ours, plain), optimisers, strict=True):
            weight.grad = torch.ones_like(weight)
            optimiser.step()
    assert plain.tolist() == [1.0] * 4
    torch.testing.assert_close(ours.float(), torch.full((4,), 0.99), atol=0.004, rtol=0)


def test_a_saved_state_goes_on_bit_for_bit() -> None:
    whole = torch.nn.Parameter(torch.ones(6, dtype=torch.bfloat16))
    steps(MasterAdamW([whole], lr=1e-3), whole, 20)
    first = torch.nn.Parameter(torch.ones(6, dtype=torch.bfloat16))
    optimiser = MasterAdamW([first], lr=1e-3)
    steps(optimiser, first, 10)
    second = torch.nn.Parameter(first.detach().clone())
    resumed = MasterAdamW([second], lr=1e-3)
    resumed.load_state_dict(copy.deepcopy(optimiser.state_dict()))
    assert resumed.state[second]["master"].dtype == torch.float32
    steps(resumed, second, 10, start=10)
    torch.testing.assert_close(second, whole, rtol=0, atol=0)


def test_weights_without_a_gradient_stay() -> None:
    still = torch.nn.Parameter(torch.ones(3))
    MasterAdamW([still], lr=1.0, weight_decay=1.0).step()
    assert still.tolist() == [1.0] * 3
