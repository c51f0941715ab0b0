"""`schoolhelper plan` and `schoolhelper doctor`: what a base model would cost here, and what is here."""

from __future__ import annotations

import json
import platform
import shutil
from pathlib import Path
from typing import Annotated, Any

import typer

from schoolhelper.errors import ModelError
from schoolhelper.messages import text

TOKENS = 150_000
"""About what a sheet of 70 entries trains on."""


def plan(
    base: Annotated[str, typer.Option("--base", help=text("cli.base_help"))] = "",
    rank: Annotated[int, typer.Option(min=1, help=text("cli.rank_help"))] = 16,
    as_json: Annotated[bool, typer.Option("--json", help=text("cli.json_help"))] = False,
) -> None:
    """Say what full fine-tuning, LoRA and QLoRA of a base model would cost, before loading anything."""
    from schoolhelper.models import PRESETS, preset
    from schoolhelper.models.plan import METHODS
    from schoolhelper.models.plan import plan as plan_for

    known = preset(base) if base else None
    if base and known is None:
        raise ModelError(
            text("errors.unknown_base", name=base), text("cli.plan_names", names=", ".join(PRESETS))
        )
    chosen = [known] if known else list(PRESETS.values())
    speed = measured_flops()
    rows: list[dict[str, Any]] = []
    for each in chosen:
        for method in METHODS:
            cost = plan_for(each, method, rank=rank, tokens=TOKENS, batch_tokens=2048, flops=speed)
            rows.append(
                {
                    "base": each.name,
                    "method": method,
                    "parameters": cost.parameters,
                    "trainable": cost.trainable,
                    "memory_bytes": cost.memory_bytes,
                    "seconds": round(cost.seconds, 1),
                }
            )
    if as_json:
        typer.echo(json.dumps({"version": 1, "flops": speed, "tokens": TOKENS, "plans": rows}, indent=2))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(title=text("cli.plan_title", tokens=f"{TOKENS:,}", gflops=round(speed / 1e9)))
    for head in ("base", "method", "trainable", "memory", "time"):
        table.add_column(text(f"cli.plan_{head}"), justify="left" if head in ("base", "method") else "right")
    for row in rows:
        share = row["trainable"] / row["parameters"]
        table.add_row(
            row["base"],
            row["method"],
            f"{row['trainable'] / 1e6:,.1f} M ({share:.3%})",
            f"{row['memory_bytes'] / 1e9:,.1f} GB",
            f"{row['seconds'] / 60:,.0f} min",
        )
    Console().print(table)


def measured_flops() -> float:
    """This machine's bf16 operations a second on one matrix product, halved: what training reaches."""
    import time

    import torch

    left, right = torch.randn(1024, 1024).bfloat16(), torch.randn(1024, 1024).bfloat16()
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        left @ right
        best = min(best, time.perf_counter() - start)
    return 2 * 1024**3 / best / 2


def doctor() -> None:
    """Say whether this computer has what the kit needs."""
    import os
    import sqlite3

    from schoolhelper.models.embedded import NEEDED_BYTES, cache_folder, is_prepared

    cache = cache_folder()
    place = next(path for path in (cache, *cache.parents) if path.exists())
    free = shutil.disk_usage(place).free
    typer.echo(f"Python {platform.python_version()} · {platform.system()} · CPU {os.cpu_count()}")
    typer.echo(f"SQLite {sqlite3.sqlite_version}")
    typer.echo(
        text("cli.doctor_base", state=text("cli.doctor_ready" if is_prepared() else "cli.doctor_first"))
    )
    typer.echo(text("cli.doctor_disk", path=Path(place), free=round(free / 1e9, 1)))
    if not is_prepared() and free < NEEDED_BYTES:
        raise ModelError(
            text("errors.disk_full", path=cache, needed=NEEDED_BYTES // 10**6, free=free // 10**6),
            text("errors.disk_full_hint"),
        )
    typer.echo(text("cli.doctor_good"))
