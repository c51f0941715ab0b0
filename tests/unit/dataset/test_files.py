from __future__ import annotations

from pathlib import Path

from schoolhelper.dataset import Example, closed_examples, grounded_examples, read_examples, write_examples
from tiny import ENTRIES, verified


def test_examples_come_back_as_they_were(tmp_path: Path) -> None:
    odd = Example("judge", '따옴표 " 와\n줄바꿈', "ko", "예", "a", (("쉼표, 물음표?", "답\t탭"),))
    examples = [*closed_examples(ENTRIES), *grounded_examples(verified(ENTRIES), seed=0), odd]
    path = tmp_path / "examples.parquet"
    write_examples(path, examples)
    assert read_examples(path) == examples
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_other_tools_can_read_the_file(tmp_path: Path) -> None:
    import pandas as pd

    path = tmp_path / "examples.parquet"
    write_examples(path, closed_examples(ENTRIES))
    table = pd.read_parquet(path)
    assert list(table.columns) == ["task", "question", "lang", "completion", "entry", "context"]
    assert table.question[0] == "도서관은 몇 시까지 열어요?"
