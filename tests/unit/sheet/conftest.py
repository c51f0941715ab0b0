from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from schoolhelper.sheet import Sheet, load_sheet

TODAY = date(2026, 4, 1)


@pytest.fixture
def load(tmp_path: Path) -> Callable[[str], Sheet]:
    """Load the lines of a CSV as on 1 April 2026."""

    def load_lines(content: str) -> Sheet:
        path = tmp_path / "sheet.csv"
        path.write_text(content, encoding="utf-8")
        return load_sheet(path, today=TODAY)

    return load_lines
