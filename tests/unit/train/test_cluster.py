"""What is told when there is no cluster; with one: tests/functional/test_train_on_ray.py."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from schoolhelper.config import Config
from schoolhelper.errors import UserError
from schoolhelper.train.cluster import fit_folds
from schoolhelper.train.recipes import DEFAULT


def test_without_ray_it_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UserError) as caught:
        fit_folds(Config(tmp_path), [(DEFAULT, tmp_path, 0)], "local", lambda done: None)
    assert "pip install" in caught.value.hint
