from pathlib import Path
from typing import Any

import pytest

from schoolhelper.models import Loaded, load_base
from schoolhelper.prompts import Renderer


@pytest.fixture(scope="module")
def tiny(tiny_gemma3: Path) -> Loaded:
    """A tiny random Gemma 3 in 32 bits, so that batches can be compared exactly."""
    loaded = load_base(str(tiny_gemma3), on="cpu")
    return Loaded(loaded.model.float().eval(), loaded.tokenizer, loaded.path, loaded.name)


@pytest.fixture(scope="module")
def model(tiny: Loaded) -> Any:
    return tiny.model


@pytest.fixture(scope="module")
def renderer(tiny: Loaded) -> Renderer:
    return Renderer(tiny.tokenizer)
