from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from schoolhelper.models import Loaded
from tiny import load_exact


@pytest.fixture
def base(tiny_folder: Path) -> Loaded:
    """A fresh tiny model in float32, of each kind."""
    return load_exact(tiny_folder)


@pytest.fixture
def threads(request: pytest.FixtureRequest, base: Loaded) -> Iterator[None]:
    """Two threads for operations, or as many as a test's parameter says; the tiny models set one."""
    torch.set_num_threads(getattr(request, "param", 2))
    yield
    torch.set_num_threads(1)
