from __future__ import annotations

import pytest

from schoolhelper.models import PRESETS, plan, preset
from schoolhelper.models.plan import METHODS, MemoryPlan, Method


def cost(name: str, method: Method = "lora", rank: int = 8, tokens: int = 10**6) -> MemoryPlan:
    known = preset(name)
    assert known
    return plan(known, method, rank=rank, tokens=tokens, batch_tokens=512, flops=1e12)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("gemma-3-270m", 268_098_176),
        ("gemma-2b-it", 2_506_172_416),
        ("gemma-3-1b-it", 999_885_952),
        ("gpt-3-175b", 175e9),
    ],
)
def test_parameter_counts_are_the_published_ones(name: str, parameters: float) -> None:
    assert PRESETS[name].parameters == pytest.approx(parameters, rel=0.01)


def test_a_preset_is_known_by_its_name_and_its_hub_id() -> None:
    assert preset("google/gemma-2b-it") is preset("gemma-2b-it") is not None
    assert preset("school/other") is None
    assert preset("") is None


def test_every_preset_is_listed_under_its_own_name() -> None:
    assert all(name == each.name for name, each in PRESETS.items())
    assert all(each.source for each in PRESETS.values() if each.loadable)


def test_lora_of_gpt3_trains_a_ten_thousandth_part() -> None:
    """Hu et al., 2021: rank 4 on query and value alone is 18 M; on all maps of a layer it is more."""
    planned = cost("gpt-3-175b", rank=4)
    assert planned.trainable / planned.parameters < 1e-3
    known = PRESETS["gpt-3-175b"]
    assert planned.trainable == known.layers * 4 * sum(a + b for a, b in known.projections)


@pytest.mark.parametrize("name", PRESETS)
def test_each_method_costs_less_memory_than_the_one_before(name: str) -> None:
    full, lora, qlora = (cost(name, method) for method in METHODS)
    assert full.memory_bytes > lora.memory_bytes > qlora.memory_bytes
    assert full.trainable == full.parameters > lora.trainable == qlora.trainable
    assert full.seconds > lora.seconds


@pytest.mark.parametrize("method", METHODS)
def test_a_larger_model_costs_more(method: Method) -> None:
    by_size = sorted(PRESETS, key=lambda name: PRESETS[name].parameters)
    planned = [cost(name, method) for name in by_size]
    assert [p.memory_bytes for p in planned] == sorted(p.memory_bytes for p in planned)
    assert [p.seconds for p in planned] == sorted(p.seconds for p in planned)


def test_a_higher_rank_trains_more_and_more_tokens_take_longer() -> None:
    assert cost("gemma-2b-it", rank=16).trainable == 2 * cost("gemma-2b-it", rank=8).trainable
    assert cost("gemma-2b-it", tokens=2 * 10**6).seconds == 2 * cost("gemma-2b-it").seconds


def test_the_numbers_are_of_the_right_size() -> None:
    """Weights in bf16 alone are 5 GB for 2.5 B; full training with AdamW needs eight times that."""
    full, lora = cost("gemma-2b-it", "full"), cost("gemma-2b-it", "lora")
    assert 5e9 < lora.memory_bytes < 8e9
    assert 40e9 < full.memory_bytes < 45e9
    assert cost("gpt-3-175b", "full").memory_bytes > 2.8e12
    assert cost("gemma-2b-it", "full").seconds == pytest.approx(6 * 2e9 * 1e6 / 1e12, rel=0.3)
