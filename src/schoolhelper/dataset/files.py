"""Training examples as Parquet, so that a person can see what the model was taught."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

from schoolhelper.dataset.examples import Example
from schoolhelper.runs import write_atomic


def write_examples(path: Path, examples: Sequence[Example]) -> None:
    """Write the examples as Parquet; `context` is a JSON list of [wording, answer]."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [
        {**dataclasses.asdict(example), "context": json.dumps(example.context, ensure_ascii=False)}
        for example in examples
    ]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows), sink)
    write_atomic(path, sink.getvalue().to_pybytes())


def read_examples(path: Path) -> list[Example]:
    """Read what `write_examples` wrote."""
    import pyarrow.parquet as pq

    return [
        Example(**{**row, "context": tuple((w, a) for w, a in json.loads(row["context"]))})
        for row in pq.read_table(path).to_pylist()
    ]
