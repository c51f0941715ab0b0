from pathlib import Path
from typing import Any

import pytest

from schoolhelper.models import Loaded
from schoolhelper.prompts import Renderer
from tiny import load_exact


@pytest.fixture(scope="module")
def tiny(tiny_gemma3: Path) -> Loaded:
    """A tiny random Gemma 3 in 32 bits, so that batches can be compared exactly."""
    loaded = load_exact(tiny_gemma3)
    loaded.model.eval()
    return loaded


@pytest.fixture(scope="module")
def model(tiny: Loaded) -> Any:
    return tiny.model


@pytest.fixture(scope="module")
def renderer(tiny: Loaded) -> Renderer:
    return Renderer(tiny.tokenizer)
