"""`schoolhelper serve`: open the chat page."""

from __future__ import annotations

import dataclasses
import os
import sys
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Annotated

import typer

from schoolhelper.config import Config, load_config
from schoolhelper.errors import UserError
from schoolhelper.messages import text

if TYPE_CHECKING:
    from schoolhelper.answer import Answerer

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
    """Serve the page, and load behind it what answers: whoever is early waits for the first answer, not
    for the page."""
    if not _is_free(config.serve.host, config.serve.port):
        raise UserError(text("cli.port_taken", port=config.serve.port), text("cli.port_taken_hint"))
    from schoolhelper.runs import current_release
    from schoolhelper.sheet import load_sound_sheet

    entries = load_sound_sheet(config.sheet_path).entries  # mistakes are told before anything is loaded
    release = current_release(config.folder)
    if release is None:
        typer.secho(text("cli.untrained", folder=config.folder), fg="yellow", err=True)

    import uvicorn

    from schoolhelper.serve.app import create_app

    behind = _Behind(config, release)
    app = create_app(
        behind.live,
        config,
        ai_model_name=config.base.name,
        entries=entries,
        is_ready=behind.live.loaded.is_set,
    )
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=config.serve.host,
            port=config.serve.port,
            log_level="critical",  # at the end it would print a traceback for every page that is open
            timeout_graceful_shutdown=GRACE,  # and wait for those pages for ever
        )
    )
    failed: list[Exception] = []

    def load() -> None:
        try:
            behind.load(entries[0].questions[0].text)
        except Exception as error:
            failed.append(error)
            server.should_exit = True

    typer.secho(text("cli.serving", host=config.serve.host, port=config.serve.port))
    Thread(target=load, name="load", daemon=True).start()
    try:
        server.run()
    except KeyboardInterrupt:  # which it passes on when it has ended
        pass
    finally:
        behind.live.stop()
    if failed:
        raise failed[0]
    sys.stdout.flush()
    os._exit(0)  # what is loaded or read in the background would abort the interpreter's own end


class _Behind:
    """What answers behind the page: the release's models, loaded once, and the sheet as it is `live`."""

    def __init__(self, config: Config, release: Path | None) -> None:
        from schoolhelper.serve.live import LiveBackend

        self.config = config
        self.release = release
        self.live = LiveBackend(self.build, config.sheet_path, tell=_tell)

    def load(self, question: str) -> None:
        """Make ready, with `question` as the first one, and follow the sheet from then on."""
        from schoolhelper.cli.progress import Bars

        with Bars() as bars:
            bars("stage_load", 0, 1)
            from schoolhelper.wiring import Models, load_models, remembered

            self.models = load_models(self.release) if self.release else Models()
            self.known = remembered(self.config, self.release)
            bars("stage_index", 0, 1)
            self.live.load(question)
        self.live.follow()
        typer.secho(text("cli.answering"), bold=True)

    def build(self) -> Answerer:
        """What answers from the sheet as it is now."""
        from schoolhelper.sheet import load_sound_sheet
        from schoolhelper.wiring import build_answerer

        entries = load_sound_sheet(self.config.sheet_path).entries
        answerer = build_answerer(self.config, entries, self.release, models=self.models, known=self.known)
        Thread(target=self._warm, args=(answerer,), name="warm", daemon=True).start()
        return answerer

    def _warm(self, answerer: Answerer) -> None:
        self.live.loaded.wait()
        answerer.warm()


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
