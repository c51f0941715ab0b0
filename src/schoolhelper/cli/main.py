"""The `schoolhelper` command: registers the commands and turns errors into words.

Nothing heavy is imported here; each command imports what it needs when it runs.
"""

from __future__ import annotations

import sys
import tempfile
import traceback
from pathlib import Path

import typer

from schoolhelper.cli import ask, check, exam, export, init, plan, release, serve, train
from schoolhelper.cli.silence import silence
from schoolhelper.errors import UserError
from schoolhelper.messages import text

INTERRUPTED = 130
"""The exit code into which typer turns Ctrl-C, without a word."""

app = typer.Typer(
    name="schoolhelper",
    help=text("cli.help"),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("init", help=text("cli.init_help"))(init.init)
app.command("check", help=text("sheet.check_help"))(check.check)
app.command("train", help=text("cli.train_help"))(train.train)
app.command("exam", help=text("cli.exam_help"))(exam.exam)
app.command("ask", help=text("cli.ask_help"))(ask.ask)
app.command("serve", help=text("cli.serve_help"))(serve.serve)
app.command("release", help=text("cli.release_help"))(release.release)
app.command("export", help=text("cli.export_help"))(export.export)
app.command("plan", help=text("cli.plan_help"))(plan.plan)
app.command("doctor", help=text("cli.doctor_help"))(plan.doctor)
app.command("demo", help=text("cli.demo_help"))(init.demo)


def run() -> None:
    """Run the command line and leave with its exit code: 0 done, 1 fails, 2 wrong usage, 130 Ctrl-C."""
    silence()
    try:
        app()
    except UserError as error:
        say(error.message, error.hint)
        sys.exit(error.exit_code)
    except SystemExit as leaving:
        if leaving.code == INTERRUPTED:
            say(text("cli.interrupted"), text("cli.interrupted_hint"))
        raise
    except Exception:
        say(text("cli.crashed"), text("cli.crashed_hint", path=_keep_trace()))
        sys.exit(1)


def say(message: str, hint: str = "") -> None:
    """Print an error's message and what to do about it."""
    typer.secho(message, fg="red", err=True)
    if hint:
        typer.echo(hint, err=True)


def _keep_trace() -> Path:
    """Write the traceback where whoever helps can read it; it may name files, never what was asked."""
    with tempfile.NamedTemporaryFile(
        "w", prefix="schoolhelper-", suffix=".log", delete=False, encoding="utf-8"
    ) as file:
        traceback.print_exc(file=file)
    return Path(file.name)
