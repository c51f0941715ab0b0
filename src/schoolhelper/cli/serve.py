"""`schoolhelper serve`: open the chat page."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from threading import Event, Thread
from typing import Annotated

import typer

from schoolhelper.config import Config, load_config
from schoolhelper.errors import UserError
from schoolhelper.messages import text

GRACE = 3
"""Seconds that answers under way are given when the page is ended."""


def serve(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=text("cli.dir_help"))],
    host: Annotated[str | None, typer.Option(help=text("cli.host_help"))] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help=text("cli.port_help"))] = None,
) -> None:
    """Serve the school in DIR until Ctrl-C."""
    config = load_config(folder)
    serving = dataclasses.replace(
        config.serve, host=host or config.serve.host, port=port or config.serve.port
    )
    open_page(dataclasses.replace(config, serve=serving))


def open_page(config: Config) -> None:
    """Load everything once, then serve the page."""
    if not _is_free(config.serve.host, config.serve.port):
        raise UserError(text("cli.port_taken", port=config.serve.port), text("cli.port_taken_hint"))
    import uvicorn

    from schoolhelper.answer import Answerer
    from schoolhelper.cli.progress import Bars
    from schoolhelper.runs import current_release
    from schoolhelper.serve.app import create_app
    from schoolhelper.serve.live import LiveBackend
    from schoolhelper.sheet import load_sound_sheet
    from schoolhelper.wiring import Models, build_answerer, load_models, remembered

    ready = Event()

    def warm(answerer: Answerer) -> None:
        ready.wait()  # the page comes first
        answerer.warm()

    def build() -> Answerer:
        sheet = load_sound_sheet(config.sheet_path)
        answerer = build_answerer(config, sheet.entries, release, models=models, known=known)
        Thread(target=warm, args=(answerer,), name="warm", daemon=True).start()
        return answerer

    with Bars() as bars:
        bars("stage_check", 0, 1)
        entries = load_sound_sheet(config.sheet_path).entries  # mistakes are told before the model loads
        bars("stage_load", 0, 1)
        release = current_release(config.folder)
        models = load_models(release) if release else Models()
        known = remembered(config, release)
        bars("stage_index", 0, 1)
        live = LiveBackend(build, config.sheet_path, tell=_tell)
        list(live.stream(entries[0].questions[0].text))  # the first question is the slowest
        app = create_app(live, config, ai_model_name=config.base.name, entries=entries)
    live.follow()
    ready.set()
    if release is None:
        typer.secho(text("cli.untrained", folder=config.folder), fg="yellow", err=True)
    typer.secho(text("cli.serving", host=config.serve.host, port=config.serve.port), bold=True)
    uvicorn.run(
        app,
        host=config.serve.host,
        port=config.serve.port,
        log_level="critical",  # at the end it would print a traceback for every page that is open
        timeout_graceful_shutdown=GRACE,  # and wait for those pages for ever
    )


def _tell(error: UserError | None) -> None:
    """On the console, what became of a change of the sheet."""
    if error is None:
        typer.secho(text("cli.sheet_live"))
    else:
        typer.secho(f"{text('cli.sheet_not_live')}\n{error}", fg="yellow", err=True)


def _is_free(host: str, port: int) -> bool:
    import socket

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
