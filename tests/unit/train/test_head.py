from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F  # noqa: N812

from schoolhelper.train import head
from schoolhelper.train.head import head_entropy

LABELS, WIDTH, VOCABULARY = 10, 6, 23


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the labels nor the vocabulary divide into whole pieces."""
    monkeypatch.setattr(head, "ROWS", 4)
    monkeypatch.setattr(head, "SLICE", 5)


def drawn(dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    hidden = torch.randn(LABELS, WIDTH, dtype=dtype, requires_grad=True)
    return hidden, torch.randn(VOCABULARY, WIDTH, dtype=dtype), torch.randint(VOCABULARY, (LABELS,))


def stock(
    hidden: torch.Tensor, weight: torch.Tensor, targets: torch.Tensor, cap: float | None
) -> torch.Tensor:
    logits = (hidden @ weight.T).float() if hidden.dtype == torch.bfloat16 else hidden @ weight.T
    logits = (logits / cap).tanh() * cap if cap else logits
    return F.cross_entropy(logits, targets, reduction="none")


@pytest.mark.parametrize("cap", [None, 2.0])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_entropy_and_gradient_are_the_whole_heads(dtype: torch.dtype, cap: float | None) -> None:
    hidden, weight, targets = drawn(dtype)
    counts = torch.linspace(0.1, 2.0, LABELS)
    expected = stock(hidden, weight, targets, cap)
    (slope,) = torch.autograd.grad((expected * counts).sum(), hidden)
    entropy, right = head_entropy(hidden, weight, targets, cap)
    (ours,) = torch.autograd.grad((entropy * counts).sum(), hidden)
    loose = 0.05 if dtype == torch.bfloat16 else 1e-5
    torch.testing.assert_close(entropy, expected.float(), atol=loose, rtol=loose)
    torch.testing.assert_close(ours, slope, atol=loose, rtol=loose)
    assert right.tolist() == ((hidden @ weight.T).argmax(-1) == targets).tolist()


def test_without_a_gradient_the_entropy_is_the_same() -> None:
    hidden, weight, targets = drawn(torch.float32)
    with torch.inference_mode():
        entropy, _ = head_entropy(hidden, weight, targets, None)
    torch.testing.assert_close(entropy, stock(hidden, weight, targets, None).detach())
    assert not entropy.requires_grad


def test_large_logits_do_not_overflow() -> None:
    hidden, weight, targets = drawn(torch.float32)
    entropy, _ = head_entropy(hidden * 1000, weight, targets, None)
    torch.testing.assert_close(entropy, stock(hidden * 1000, weight, targets, None))
