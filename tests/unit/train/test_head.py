from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F  # noqa: N812

from schoolhelper.train import head
from schoolhelper.train.head import head_entropy

LABELS, WIDTH, VOCABULARY = 10, 6, 23


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """The labels divide into whole pieces of neither size."""
    monkeypatch.setattr(head, "ROWS", 4)
    monkeypatch.setattr(head, "FEW", 3)


def drawn(dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    hidden = torch.randn(LABELS, WIDTH, dtype=dtype, requires_grad=True)
    return hidden, torch.randn(VOCABULARY, WIDTH, dtype=dtype), torch.randint(VOCABULARY, (LABELS,))


def stock(
    hidden: torch.Tensor,
    weight: torch.Tensor,
    targets: torch.Tensor,
    cap: float | None,
    bias: torch.Tensor | None = None,
) -> torch.Tensor:
    logits = F.linear(hidden, weight, bias).float()
    logits = (logits / cap).tanh() * cap if cap else logits
    return F.cross_entropy(logits, targets, reduction="none")


@pytest.mark.parametrize("biased", [False, True])
@pytest.mark.parametrize("cap", [None, 2.0])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_entropy_and_gradient_are_the_whole_heads(
    dtype: torch.dtype, cap: float | None, biased: bool
) -> None:
    hidden, weight, targets = drawn(dtype)
    bias = torch.linspace(-1, 1, VOCABULARY).to(dtype) if biased else None
    counts = torch.linspace(0.1, 2.0, LABELS)
    expected = stock(hidden, weight, targets, cap, bias)
    (slope,) = torch.autograd.grad((expected * counts).sum(), hidden)
    entropy, right = head_entropy(hidden, weight, bias, targets, cap)
    (ours,) = torch.autograd.grad((entropy * counts).sum(), hidden)
    loose = 0.05 if dtype == torch.bfloat16 else 1e-5
    torch.testing.assert_close(entropy, expected.float(), atol=loose, rtol=loose)
    torch.testing.assert_close(ours, slope, atol=loose, rtol=loose)
    assert right.tolist() == (F.linear(hidden, weight, bias).argmax(-1) == targets).tolist()


def test_without_a_gradient_the_entropy_is_the_same() -> None:
    hidden, weight, targets = drawn(torch.float32)
    with torch.inference_mode():
        entropy, _ = head_entropy(hidden, weight, None, targets, None)
    torch.testing.assert_close(entropy, stock(hidden, weight, targets, None).detach())
    assert not entropy.requires_grad


def test_large_logits_do_not_overflow() -> None:
    hidden, weight, targets = drawn(torch.float32)
    entropy, _ = head_entropy(hidden * 1000, weight, None, targets, None)
    torch.testing.assert_close(entropy, stock(hidden * 1000, weight, targets, None))


def test_a_head_that_is_not_frozen_is_refused() -> None:
    hidden, weight, targets = drawn(torch.float32)
    with pytest.raises(ValueError, match="frozen"):
        head_entropy(hidden, weight.requires_grad_(), None, targets, None)
