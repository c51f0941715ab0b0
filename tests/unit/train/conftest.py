from __future__ import annotations

from pathlib import Path

import pytest

from schoolhelper.models import Loaded
from tiny import load_exact


@pytest.fixture
def base(tiny_folder: Path) -> Loaded:
    """A fresh tiny model in float32, of each kind."""
    return load_exact(tiny_folder)
