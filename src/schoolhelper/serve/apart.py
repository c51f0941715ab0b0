"""The chatbot in a process of its own: the page and the models load side by side, each on its own core."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from multiprocessing.managers import SyncManager
from threading import Thread
from typing import Any, Protocol

from schoolhelper.serve.conversation import ChatBackend


class Waited(ChatBackend, Protocol):
    """A chatbot that is loading."""

    def wait(self) -> None:
        """Until it answers; raises what kept it from that."""


class _Manager(SyncManager):
    """Starts the process, and calls what is in it over a connection that a random key protects."""


_made: Any = None
"""In the process: what was made there."""


def _made_there() -> Any:
    return _made


_Manager.register("backend", _made_there, exposed=("stream", "wait"), method_to_typeid={"stream": "Iterator"})


def start(make: Callable[..., Waited], *arguments: Any) -> tuple[Waited, Callable[[], None]]:
    """What `make` makes of the arguments, in a new process, which ends with this one; and what waits for
    that process's end. Only for the main thread."""
    manager = _Manager(("127.0.0.1", 0), ctx=multiprocessing.get_context("spawn"))
    before = set(multiprocessing.active_children())
    interrupted = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as the new process inherits it
    try:
        manager.start(_begin, (make, arguments))
    finally:
        signal.signal(signal.SIGINT, interrupted)
    (process,) = set(multiprocessing.active_children()) - before
    backend: Waited = manager.backend()  # type: ignore[attr-defined]
    return backend, process.join


def _begin(make: Callable[..., Waited], arguments: tuple[Any, ...]) -> None:
    global _made
    Thread(target=_end_with_parent, name="parent", daemon=True).start()
    _made = make(*arguments)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
    os._exit(0)
