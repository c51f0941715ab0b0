"""`schoolhelper serve`: open the chat page."""

from __future__ import annotations

import dataclasses
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Annotated, Any

import typer

from schoolhelper.cli.silence import silence
from schoolhelper.config import Config, load_config
from schoolhelper.errors import UserError
from schoolhelper.messages import text

if TYPE_CHECKING:
    from schoolhelper.answer import Answerer
    from schoolhelper.records import Answer

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

    from schoolhelper.serve import apart

    backend, ended = apart.start(_Behind, config, release, entries[0].questions[0].text)
    import uvicorn

    from schoolhelper.serve.app import create_app

    ready = Event()
    app = create_app(backend, config, ai_model_name=config.base.name, entries=entries, is_ready=ready.is_set)
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

    def watch() -> None:
        try:
            backend.wait()
            ready.set()
            typer.secho(text("cli.answering"), bold=True)
            ended()
            raise EOFError  # it does not end by itself
        except (EOFError, ConnectionError):
            failed.append(UserError(text("cli.chatbot_ended"), text("cli.chatbot_ended_hint")))
        except Exception as error:
            failed.append(error)
        server.should_exit = True

    typer.secho(text("cli.serving", host=config.serve.host, port=config.serve.port))
    Thread(target=watch, name="watch", daemon=True).start()
    with suppress(KeyboardInterrupt):  # which it passes on when it has ended
        server.run()
    if failed:
        raise failed[0]
    sys.stdout.flush()
    os._exit(0)  # askers who wait in the background would hold up the interpreter's own end


class _Behind:
    """What answers behind the page, in a process of its own: the release's models, loaded once, and the
    sheet as it is `live`. It is ready when it has answered `question`."""

    def __init__(self, config: Config, release: Path | None, question: str) -> None:
        from schoolhelper.serve.live import LiveBackend

        silence()
        self.config = config
        self.release = release
        self.question = question
        self.live = LiveBackend(self.build, config.sheet_path, tell=_tell)
        self.failed: Exception | None = None
        self.loading = Thread(target=self._load, name="load", daemon=True)
        self.loading.start()

    def stream(self, question: str, **asked: Any) -> Iterator[Answer]:
        """The answer as it grows."""
        from schoolhelper.serve.conversation import keep_place

        try:
            yield from self.live.stream(question, **asked)
        except Exception as error:
            keep_place(error)
            raise

    def wait(self) -> None:
        """Until it answers.

        Raises:
            Exception: what kept it from that.
        """
        self.loading.join()
        if self.failed:
            raise self.failed

    def _load(self) -> None:
        try:
            self._load_all()
        except Exception as error:
            error.add_note(traceback.format_exc())  # which does not travel with it
            self.failed = error
            self.live.stop()

    def _load_all(self) -> None:
        from schoolhelper.cli.progress import Bars

        with Bars() as bars:
            bars("stage_load", 0, 1)
            from schoolhelper.wiring import Models, load_models, remembered

            self.models = load_models(self.release) if self.release else Models()
            self.known = remembered(self.config, self.release)
            bars("stage_index", 0, 1)
            self.live.load(self.question)
        self.live.follow()

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
