from __future__ import annotations

from schoolhelper.train.order import LengthOrder

LENGTHS = [number % 17 + 1 for number in range(400)]


def order(seed: int, epoch: int) -> list[int]:
    sampler = LengthOrder(8, LENGTHS, seed)
    sampler.set_epoch(epoch)
    return list(sampler)


def test_every_example_comes_once_an_epoch() -> None:
    assert sorted(order(0, 0)) == list(range(400))
    assert len(LengthOrder(8, LENGTHS, 0)) == 400


def test_an_epoch_has_its_own_order_whatever_came_before() -> None:
    sampler = LengthOrder(8, LENGTHS, 3)
    first = list(sampler)
    sampler.set_epoch(1)
    assert list(sampler) == order(3, 1) != first == order(3, 0)
    assert order(4, 0) != first


def test_a_batch_is_of_like_length() -> None:
    indices = order(0, 0)
    spread = [
        max(lengths) - min(lengths)
        for at in range(0, 400, 8)
        for lengths in [[LENGTHS[i] for i in indices[at : at + 8]]]
    ]
    assert sum(spread) / len(spread) < 2
