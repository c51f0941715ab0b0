"""AdamW for half-precision adapters, with full-precision masters.

An adapter in bf16 spares every layer a copy to float32 and back, but bf16 rounds small updates away.
So the optimiser keeps a float32 master of each weight, updates that, and writes the rounded result into
the adapter (mixed precision training: Micikevicius et al., 2018; AdamW: Loshchilov and Hutter, 2019).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch


class MasterAdamW(torch.optim.Optimizer):
    """Decoupled weight decay Adam; state and arithmetic in float32, whatever the weights' type."""

    def __init__(
        self,
        weights: Iterable[Any],
        lr: float,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(weights, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        """One update of every weight that has a gradient."""
        loss = closure() if closure else None
        for group in self.param_groups:
            first, second = group["betas"]
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if not state:
                    state["step"] = 0
                    state["master"] = weight.detach().float().clone()
                    state["mean"] = torch.zeros_like(state["master"])
                    state["square"] = torch.zeros_like(state["master"])
                state["step"] += 1
                master, gradient = state["master"], weight.grad.float()
                state["mean"].lerp_(gradient, 1 - first)
                state["square"].mul_(second).addcmul_(gradient, gradient, value=1 - second)
                scale = (state["square"] / (1 - second ** state["step"])).sqrt_().add_(group["eps"])
                master.mul_(1 - group["lr"] * group["weight_decay"])
                master.addcdiv_(state["mean"], scale, value=-group["lr"] / (1 - first ** state["step"]))
                weight.copy_(master)
        return loss

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Load what `state_dict` gave; torch would round the masters to the weights' type."""
        super().load_state_dict(state_dict)
        weights = [weight for group in self.param_groups for weight in group["params"]]
        for place, saved in state_dict["state"].items():
            self.state[weights[place]] = {
                key: value.to(weights[place].device, copy=True) if isinstance(value, torch.Tensor) else value
                for key, value in saved.items()
            }
