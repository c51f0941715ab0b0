"""A chatbot that follows its sheet: what is saved there is live in seconds, without training."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from threading import Thread

from schoolhelper.errors import UserError
from schoolhelper.records import Answer, Lang, Profile, Turn
from schoolhelper.serve.conversation import ChatBackend

POLL = 0.5
"""Seconds between two looks at the file."""

logger = logging.getLogger(__name__)

Stamp = tuple[int, int]


class LiveBackend:
    """A backend that `build` makes anew whenever the sheet's file was changed; until then, and where the
    file has mistakes, the one before answers. A sheet that is no file is not followed.

    `tell` is given what became of a change: None when it is live, else the error.
    """

    def __init__(
        self,
        build: Callable[[], ChatBackend],
        sheet: Path | str,
        *,
        tell: Callable[[UserError | None], None],
    ) -> None:
        self.build = build
        self.sheet = sheet
        self.tell = tell
        self.live = self.seen = self._stamp()
        self.backend = build()

    def follow(self) -> None:
        """Watch the sheet in the background for as long as the program runs."""
        Thread(target=self._watch, name="sheet", daemon=True).start()

    def look(self) -> None:
        """Take over a change, once two looks have found the same: a file may be half written."""
        before, self.seen = self.seen, self._stamp()
        if self.seen in (None, self.live) or self.seen != before:
            return
        self.live = self.seen
        try:
            self.backend = self.build()
        except UserError as error:
            self.tell(error)
        except Exception as error:
            # Its text may quote the sheet, which the log is not for.
            logger.error("the sheet could not be taken over: %s", type(error).__name__)
        else:
            self.tell(None)

    def _watch(self) -> None:
        while True:
            time.sleep(POLL)
            self.look()

    def _stamp(self) -> Stamp | None:
        """When the file was written and how long it is; None while it is away."""
        try:
            found = Path(self.sheet).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size

    def answer(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        profile: Profile = {},  # noqa: B006  (a Mapping, never written to)
        lang: Lang | None = None,
        today: date | None = None,
    ) -> Answer:
        """The complete answer, from the sheet as it is live now."""
        return self.backend.answer(question, history=history, profile=profile, lang=lang, today=today)

    def stream(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        profile: Profile = {},  # noqa: B006
        lang: Lang | None = None,
        today: date | None = None,
    ) -> Iterator[Answer]:
        """The answer as it grows, from the sheet as it is live now."""
        return self.backend.stream(question, history=history, profile=profile, lang=lang, today=today)
