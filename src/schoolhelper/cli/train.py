"""`schoolhelper train`: a sheet becomes a release."""

from __future__ import annotations

import dataclasses
import json
from itertools import product
from pathlib import Path
from typing import Annotated, Any

import typer

from schoolhelper.config import load_config
from schoolhelper.messages import text


def train(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=text("cli.dir_help"))],
    folds: Annotated[int | None, typer.Option(min=0, help=text("cli.folds_help"))] = None,
    preset: Annotated[str | None, typer.Option(help=text("cli.preset_help"))] = None,
    seed: Annotated[int | None, typer.Option(min=0, help=text("cli.seed_help"))] = None,
    learning_rate: Annotated[list[float] | None, typer.Option(min=0, help=text("cli.sweep_rates"))] = None,
    rank: Annotated[list[int] | None, typer.Option(min=1, help=text("cli.sweep_ranks"))] = None,
    promote: Annotated[bool, typer.Option("--promote/--no-promote", help=text("cli.promote_help"))] = True,
    ray: Annotated[str, typer.Option(metavar="ADDRESS", help=text("cli.ray_help"))] = "",
    again: Annotated[bool, typer.Option("--again", help=text("cli.again_help"))] = False,
    as_json: Annotated[bool, typer.Option("--json", help=text("cli.json_help"))] = False,
) -> None:
    """Train the school in DIR and serve the result from then on."""
    from schoolhelper import pipeline
    from schoolhelper.cli.prepare import prepare
    from schoolhelper.cli.progress import Bars

    config = load_config(folder)
    chosen = dataclasses.replace(
        config.train,
        preset=preset or config.train.preset,
        seed=config.train.seed if seed is None else seed,
        folds=config.train.folds if folds is None else folds,
    )
    config = dataclasses.replace(config, train=chosen)
    if chosen.folds == 1:
        raise typer.BadParameter(text("cli.folds_one"))
    if ray and not chosen.folds:
        raise typer.BadParameter(text("cli.ray_folds"))
    tried = product(learning_rate or [chosen.learning_rate], rank or [chosen.rank])
    trials = [dataclasses.replace(chosen, learning_rate=each, rank=size) for each, size in tried]
    if len(trials) > 1 and not chosen.folds:
        raise typer.BadParameter(text("cli.sweep_folds"))
    with Bars() as bars:
        prepare(config.base.name, bars)
        made = pipeline.train(config, trials=trials, again=again, serve=promote, cluster=ray, tell=bars)
    if as_json:
        typer.echo(json.dumps({"version": 1, **summary(made)}, ensure_ascii=False, indent=2))
    elif made.skipped:
        typer.echo(text("cli.train_skipped", release=made.release.name))
    else:
        _print(made)


def summary(made: Any) -> dict[str, Any]:
    """What `--json` prints of a training."""
    return {"run": str(made.run.path), "release": made.release.name, "skipped": made.skipped, **made.facts}


def _print(made: Any) -> None:
    facts = made.facts
    if len(facts["trials"]) > 1:
        for each in facts["trials"]:
            typer.echo(text("cli.trial", **each))
    typer.echo(text("cli.trained", seconds=round(facts["seconds"]), share=facts["trainable"]))
    wording, entry = facts["folds"]["wording"], facts["folds"]["entry"]
    typer.echo(
        text(
            "cli.trained_folds",
            right=_spread(wording, "answered_right"),
            wrong=_spread(wording, "answered_wrong"),
            refused=_spread(entry, "abstained_right", "clarified"),
            auc=f"{facts['auc']:.2f}",
        )
    )
    typer.echo(text("cli.trained_next", folder=made.run.path.parent.parent, release=made.release.name))


def _spread(summaries: list[dict[str, Any]], *keys: str) -> str:
    """Mean and, over several folds, standard deviation of a share."""
    from statistics import mean, stdev

    shares = [sum(each[key] for key in keys) / each["n"] for each in summaries if each["n"]]
    if not shares:
        return "–"
    return f"{mean(shares):.1%}" + (f" ± {stdev(shares):.1%}" if len(shares) > 1 else "")
