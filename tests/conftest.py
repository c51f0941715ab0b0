"""What every test shares: no network, an empty hub cache, and tiny models made once."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest

HUB_HOME = Path(tempfile.mkdtemp(prefix="schoolhelper-hub-"))
atexit.register(shutil.rmtree, HUB_HOME, ignore_errors=True)
# The hub's library reads these once, on import.
os.environ |= {"HF_HOME": str(HUB_HOME), "HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}


def _one_thread() -> None:
    """Models this small lose more by waiting for a second thread than they gain."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def tiny_gemma(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a random Gemma 1 of two layers, as google/gemma-2b-it but for its size."""
    from tiny import make_model

    _one_thread()
    return make_model(tmp_path_factory.mktemp("tiny-gemma"), "gemma")


@pytest.fixture(scope="session")
def tiny_gemma3(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a random Gemma 3 of two layers, as the embedded model but for its size."""
    from tiny import make_model

    _one_thread()
    return make_model(tmp_path_factory.mktemp("tiny-gemma3"), "gemma3")


@pytest.fixture(params=["tiny_gemma", "tiny_gemma3"])
def tiny_folder(request: pytest.FixtureRequest) -> Path:
    """Each of the tiny models in turn."""
    folder: Path = request.getfixturevalue(request.param)
    return folder
