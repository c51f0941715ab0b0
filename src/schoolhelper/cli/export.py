"""`schoolhelper export`: the served release as files for other tools."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from schoolhelper.config import load_config
from schoolhelper.errors import RunError
from schoolhelper.messages import text


class Form(StrEnum):
    """What to export."""

    merged = "merged"


def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=text("cli.dir_help"))],
    form: Annotated[Form, typer.Argument(metavar="merged", help=text("cli.form_help"))],
    out: Annotated[Path | None, typer.Option(help=text("cli.export_out_help"))] = None,
) -> None:
    """Merge the served release's adapter into its base model."""
    from schoolhelper.cli.progress import Bars
    from schoolhelper.runs import RunDir, current_release, read_manifest
    from schoolhelper.train.merge import merge
    from schoolhelper.wiring import ADAPTER

    load_config(folder)
    release = current_release(folder)
    if release is None:
        raise RunError(text("errors.no_release", name="current"), text("errors.no_release_hint", names="-"))
    manifest = read_manifest(release)
    target = out or RunDir(folder / "runs" / manifest["run"]).merged
    with Bars() as bars:
        bars("stage_merge", 0, 1)
        merge(release / ADAPTER, manifest["base"], target, revision=manifest["revision"])
    typer.echo(text("cli.exported", path=target))
