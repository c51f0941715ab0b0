"""Parquet files and `datasets`: tables whose columns have types and no header row.

Their rows are numbered as if the table stood in Excel under a header.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from schoolhelper.errors import SheetError
from schoolhelper.messages import text
from schoolhelper.sheet.issues import SheetIssue, issue
from schoolhelper.sheet.reader import HUB_PREFIXES, cell_text
from schoolhelper.sheet.table import Table, build_table


def read_parquet(name: str, data: bytes) -> Table:
    """The table of a Parquet file's bytes.

    Raises:
        SheetError: the file is damaged.
    """
    import pyarrow
    import pyarrow.parquet

    try:
        table = pyarrow.parquet.read_table(io.BytesIO(data))
    except (pyarrow.ArrowException, OSError) as error:
        raise SheetError(
            text("sheet.no_parquet", path=name, error=error), text("sheet.damaged_hint")
        ) from None
    return _table(name, table.column_names, table.to_pylist())


def read_dataset(name: str) -> Table:
    """The table of a `datasets` id (`hf://owner/name`) or of a folder made by `save_to_disk`.

    Of several splits `train` is read, else the first; the others are reported.

    Raises:
        SheetError: `datasets` is not installed, or it cannot load the data set.
    """
    try:
        import datasets
    except ImportError:
        raise SheetError(text("sheet.no_datasets", source=name), text("sheet.no_datasets_hint")) from None
    prefix = next((prefix for prefix in HUB_PREFIXES if name.startswith(prefix)), "")
    try:
        data = datasets.load_dataset(name.removeprefix(prefix)) if prefix else datasets.load_from_disk(name)
    except Exception as error:  # its back ends raise kinds of their own: network, hub, format
        hint = text("sheet.no_dataset_hint" if prefix else "sheet.no_dataset_folder_hint")
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise SheetError(text("sheet.no_dataset", source=Path(name).name, error=reason), hint) from None
    issues = []
    if isinstance(data, dict):
        split = "train" if "train" in data else next(iter(data))
        others = [other for other in data if other != split]
        if others:
            issues.append(issue("other-sheets", name, read=split, others=", ".join(others)))
        data = data[split]
    return _table(name, data.column_names, data, issues)


def _table(
    name: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]], issues: Sequence[SheetIssue] = ()
) -> Table:
    body = [[cell_text(row[column]) for column in columns] for row in rows]
    return build_table(name, list(enumerate([list(columns), *body], start=1)), issues)
