"""Progress with time left, on standard error, so that standard output stays for results."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from schoolhelper.messages import text


class Bars:
    """One line a stage; a stage ends when the next begins."""

    def __init__(self) -> None:
        self.progress = Progress(
            SpinnerColumn(finished_text="✓"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeElapsedColumn(),
            TextColumn(text("cli.time_left")),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}"),
            console=Console(stderr=True),
        )
        self.stage = ""
        self.task = self.progress.add_task("", total=None, visible=False, note="")

    def __call__(self, stage: str, done: int, total: int, note: str = "") -> None:
        """Show `stage` (a key of the catalogue's `cli` section) at `done` of `total`."""
        name = f"{stage} {note.partition(' ')[0]}" if stage in ("stage_fold", "stage_rung") else stage
        if name != self.stage:
            self.finish()
            self.stage = name
            self.task = self.progress.add_task(text(f"cli.{stage}"), total=total or None, note=note)
        self.progress.update(self.task, completed=done, total=total or None, note=note)

    def finish(self) -> None:
        """The running stage is done."""
        if self.stage:
            whole = self.progress.tasks[-1].total or 1
            self.progress.update(self.task, total=whole, completed=whole)
            self.stage = ""

    def __enter__(self) -> Bars:
        self.progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.finish()
        self.progress.stop()
