"""`schoolhelper init` and `schoolhelper demo`: a new school folder, and the example school at work."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Annotated

import typer

from schoolhelper.config import FILE_NAME, load_config
from schoolhelper.errors import ConfigError
from schoolhelper.messages import text
from schoolhelper.runs import write_atomic


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=text("cli.init_dir_help"))],
    base: Annotated[str, typer.Option(help=text("cli.base_help"))] = "gemma-3-270m",
) -> None:
    """Make a school folder with a small sheet to start from."""
    if (folder / FILE_NAME).exists():
        raise ConfigError(text("cli.init_exists", folder=folder), text("cli.init_exists_hint"))
    write_atomic(folder / FILE_NAME, text("cli.init_toml", base=json.dumps(base, ensure_ascii=False)[1:-1]))
    if not (folder / "sheet.csv").exists():
        write_atomic(folder / "sheet.csv", "\ufeff" + text("cli.init_sheet"))
    typer.echo(text("cli.init_done", folder=folder))


def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=text("cli.demo_dir_help"))] = Path("demo"),
    example: Annotated[Path, typer.Option(help=text("cli.demo_example_help"))] = Path("examples/hanul-high"),
    page: Annotated[bool, typer.Option("--page/--no-page", help=text("cli.demo_page_help"))] = True,
) -> None:
    """Copy the example school, check, train and examine it, and open its page."""
    from schoolhelper.cli.exam import exam
    from schoolhelper.cli.serve import open_page
    from schoolhelper.cli.train import train

    if not (example / FILE_NAME).is_file():
        raise ConfigError(text("cli.demo_missing", path=example), text("cli.demo_missing_hint"))
    for source in sorted(example.iterdir()):
        target = folder / source.name
        if source.is_file() and (not target.is_file() or target.read_bytes() != source.read_bytes()):
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    train(folder)
    config = load_config(folder)
    exam(folder)
    if page:
        open_page(config)
