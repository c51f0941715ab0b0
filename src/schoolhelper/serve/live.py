"""A chatbot that follows its sheet: what is saved there is live in seconds, without training."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from stat import S_ISREG
from threading import Event, Thread

from schoolhelper.errors import UserError
from schoolhelper.records import Answer, Lang, Profile, Turn
from schoolhelper.serve.conversation import ChatBackend

POLL = 0.3
"""Seconds between two looks at the file."""

RETRY = 10.0
"""Seconds until a change that could not be taken over is tried again."""

logger = logging.getLogger(__name__)

Stamp = tuple[int, int]


class LiveBackend:
    """A backend that `build` makes, and makes anew whenever the sheet's file was changed; until then, and
    where the file has mistakes, the one before answers. A sheet that is no file is not followed.

    Nothing is made before `load`; who asks earlier waits. `tell` is given what became of a change: None
    when it is live, else the error.
    """

    def __init__(
        self,
        build: Callable[[], ChatBackend],
        sheet: Path | str,
        *,
        tell: Callable[[UserError | None], None],
    ) -> None:
        self.build = build
        self.sheet = Path(sheet)
        self.tell = tell
        self.loaded, self.stopped = Event(), Event()
        self.taken: Stamp | None = None
        self.seen: Stamp | None = None
        self.refused: Stamp | None = None
        self.retry_at = 0.0
        self.backend: ChatBackend | None = None

    def load(self, question: str) -> None:
        """Make the backend, and ask it `question` before anybody else does: the first is the slowest."""
        self.taken = self.seen = self._stamp()
        backend = self.build()
        list(backend.stream(question))
        self.backend = backend
        self.loaded.set()

    def stop(self) -> None:
        """Follow the sheet no longer, and keep nobody waiting."""
        self.stopped.set()
        self.loaded.set()

    def follow(self) -> None:
        """Watch the sheet in the background, until it is stopped."""
        Thread(target=self._watch, name="sheet", daemon=True).start()

    def look(self) -> None:
        """Take over a change, once two looks have found the same: a file may be half written.

        What could not be taken over is told once and tried again from time to time: a file may be
        locked while a spreadsheet program has it open.
        """
        before, self.seen = self.seen, self._stamp()
        if self.seen in (None, self.taken) or self.seen != before:
            return
        known = self.seen == self.refused
        if known and time.monotonic() < self.retry_at:
            return
        try:
            backend = self.build()
        except Exception as error:
            self.refused, self.retry_at = self.seen, time.monotonic() + RETRY
            if not isinstance(error, UserError):
                # Its text may quote the sheet, which the log is not for.
                logger.error("the sheet could not be taken over: %s", type(error).__name__)
            elif not known:
                self.tell(error)
            return
        self.backend, self.taken = backend, self.seen
        self.tell(None)

    def _watch(self) -> None:
        while not self.stopped.wait(POLL):
            try:
                self.look()
            except Exception as error:  # whatever `tell` meets, the sheet is followed on
                logger.error("the sheet's change could not be told: %s", type(error).__name__)

    def _stamp(self) -> Stamp | None:
        """When the file was written and how long it is; None while there is none."""
        try:
            found = self.sheet.stat()
        except (OSError, ValueError):
            return None
        return (found.st_mtime_ns, found.st_size) if S_ISREG(found.st_mode) else None

    def stream(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        profile: Profile = {},  # noqa: B006  (a Mapping, never written to)
        lang: Lang | None = None,
        today: date | None = None,
    ) -> Iterator[Answer]:
        """The answer as it grows, from the sheet as it is live now.

        Raises:
            RuntimeError: it was stopped before it was loaded.
        """
        self.loaded.wait()
        if self.backend is None:
            raise RuntimeError("stopped while loading")
        return self.backend.stream(question, history=history, profile=profile, lang=lang, today=today)
