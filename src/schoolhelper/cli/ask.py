"""`schoolhelper ask`: one question on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from schoolhelper.config import load_config
from schoolhelper.messages import text


def ask(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=text("cli.dir_help"))],
    question: Annotated[str, typer.Argument(help=text("cli.question_help"))],
    profile: Annotated[str, typer.Option(help=text("cli.profile_help"))] = "",
    as_json: Annotated[bool, typer.Option("--json", help=text("cli.json_help"))] = False,
) -> None:
    """Answer one question with the served release."""
    from schoolhelper.cli.progress import Bars
    from schoolhelper.runs import current_release
    from schoolhelper.sheet import load_sound_sheet, parse_profile
    from schoolhelper.wiring import build_answerer

    config = load_config(folder)
    asker = parse_profile(profile)
    with Bars() as bars:
        bars("stage_check", 0, 1)
        sheet = load_sound_sheet(config.sheet_path)
        bars("stage_load", 0, 1)
        answerer = build_answerer(config, sheet.entries, current_release(folder))
    answer = answerer.answer(question, profile=asker)
    if as_json:
        found = {
            "version": 1,
            "question": question,
            "action": answer.action,
            "answer": answer.text,
            "mode": answer.mode,
            "entries": [entry.id for entry in answer.entries],
            "confidence": round(answer.confidence, 4),
            "suggestions": list(answer.suggestions),
        }
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    typer.echo(answer.text)
    for suggestion in answer.suggestions:
        typer.echo(f"  · {suggestion}")
    for first in answer.entries[:1] if answer.action == "answer" else ():
        typer.echo(text("cli.cited", source=first.source or first.id, day=first.confirmed_on or "–"))
