"""`schoolhelper exam`: ask the exam, write results.json and the report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from schoolhelper.config import load_config
from schoolhelper.evaluate.plots import named
from schoolhelper.messages import text, user_language


def exam(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=text("cli.dir_help"))],
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help=text("cli.exam_file_help"))] = None,
    as_json: Annotated[bool, typer.Option("--json", help=text("cli.json_help"))] = False,
    out: Annotated[Path | None, typer.Option(help=text("cli.exam_out_help"))] = None,
    ladder: Annotated[bool, typer.Option("--ladder", help=text("cli.ladder_help"))] = False,
    sample: Annotated[int, typer.Option(min=1, help=text("cli.sample_help"))] = 60,
    again: Annotated[bool, typer.Option("--again", help=text("cli.again_help"))] = False,
) -> None:
    """Examine the served release of the school in DIR."""
    from schoolhelper import pipeline
    from schoolhelper.cli.progress import Bars

    config = load_config(folder)
    with Bars() as bars:
        done = pipeline.examine(
            config, file or config.exam_path, sample=sample if ladder else 0, out=out, again=again, tell=bars
        )
    if as_json:
        typer.echo(json.dumps(done.document, ensure_ascii=False, indent=2))
    else:
        _print(done)


def _print(done: Any) -> None:
    if done.skipped:
        typer.echo(text("cli.exam_skipped"))
    counts = done.document["summary"]
    answerable = counts["answerable"]
    typer.echo(
        text(
            "cli.examined",
            n=counts["n"],
            answerable=answerable,
            right=counts["answered_right"],
            wrong=counts["answered_wrong"],
            clarified=counts["clarified"],
            refused=counts["abstained_right"],
        )
    )

    def name(rung: dict[str, Any]) -> str:
        return named("rung", rung["name"], user_language())

    if ladder := done.document.get("ladder"):
        for rung in ladder["rungs"]:
            right, wrong = rung["shared_right"]["mean"], rung["shared_wrong"]["mean"]
            typer.echo(text("cli.ladder_rung", name=name(rung), right=f"{right:.1%}", wrong=f"{wrong:.1%}"))
        best = next(rung for rung in ladder["rungs"] if rung["name"] == ladder["best"])
        typer.echo(text("cli.ladder_best", name=name(best)))
    typer.echo(text("cli.report_at", path=done.report))
