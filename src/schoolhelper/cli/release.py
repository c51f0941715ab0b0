"""`schoolhelper release`: list the releases, choose one, go back one."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from schoolhelper.config import load_config
from schoolhelper.errors import RunError
from schoolhelper.messages import text


class Deed(StrEnum):
    """What to do with the releases."""

    list = "list"
    promote = "promote"
    rollback = "rollback"


def release(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=text("cli.dir_help"))],
    deed: Annotated[Deed, typer.Argument(metavar="list|promote|rollback", help=text("cli.deed_help"))],
    name: Annotated[str, typer.Argument(help=text("cli.release_name_help"))] = "",
) -> None:
    """List, promote or roll back the releases of the school in DIR."""
    from schoolhelper.runs import current_release, list_releases, promote, read_manifest

    load_config(folder)
    releases, current = list_releases(folder), current_release(folder)
    if deed is Deed.list:
        for path in releases:
            facts = read_manifest(path)["facts"]
            mark = "*" if path == current else " "
            typer.echo(f"{mark} {path.name}  {facts['preset']}  {facts['base']}  AUC {facts['auc']:.2f}")
        return
    if deed is Deed.rollback:
        earlier = [path.name for path in releases if current is None or path.name < current.name]
        if not earlier:
            raise RunError(text("cli.no_earlier"), text("cli.no_earlier_hint"))
        name = earlier[-1]
    typer.echo(text("cli.promoted", name=promote(folder, name).name))
