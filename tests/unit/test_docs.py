"""docs/commands.md says every command, argument, option and variable that there is, and no other."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer

import schoolhelper
from schoolhelper.cli.main import app

ROOT = Path(__file__).parents[2]
KOREAN, ENGLISH = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8").split("\n# Commands\n")
GUIDES = {"ko": KOREAN, "en": ENGLISH}
COMMANDS: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]


def sections(guide: str) -> dict[str, str]:
    """Command -> what the guide says about it."""
    parts = re.split(r"^## (.+)$", guide, flags=re.MULTILINE)[1:]
    found = dict(zip(parts[::2], parts[1::2], strict=True))
    return {name.strip("`"): text for name, text in found.items() if name.startswith("`")}


def options(command: Any) -> set[str]:
    """The options of a command, `--help` left out."""
    named = (param for param in command.params if param.param_type_name == "option")
    return {name for param in named for name in (*param.opts, *param.secondary_opts)} - {"--help"}


def arguments(command: Any) -> set[str]:
    """What the arguments of a command are called, or the words they may be."""
    named = [param for param in command.params if param.param_type_name == "argument"]
    names = [param.metavar or param.name.upper() for param in named]
    return {word for name in names for word in (name.split("|") if name.islower() else [name])}


@pytest.mark.parametrize("lang", GUIDES)
def test_the_commands_are_documented_in_their_order(lang: str) -> None:
    assert list(sections(GUIDES[lang])) == list(COMMANDS)


@pytest.mark.parametrize("lang", GUIDES)
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_documented_with_all_it_takes_and_an_example(lang: str, name: str) -> None:
    section = sections(GUIDES[lang])[name]
    items = "\n".join(re.findall(r"^- (.+?):", section, re.MULTILINE))
    told = set(re.findall(r"`([^`]+)`", items))
    assert {each for each in told if each.startswith("--")} == options(COMMANDS[name])
    words = {word for each in told for word in each.split()}
    assert arguments(COMMANDS[name]) <= words
    assert re.search(rf"^schoolhelper {name}\b", section, re.MULTILINE)


@pytest.mark.parametrize("lang", GUIDES)
def test_examples_use_only_options_that_are_there(lang: str) -> None:
    for example in re.findall(r"^schoolhelper .+$", GUIDES[lang], re.MULTILINE):
        used = set(re.findall(r"(?<=\s)--[a-z-]+", example))
        assert used <= options(COMMANDS[example.split()[1]]), example


@pytest.mark.parametrize("lang", GUIDES)
def test_every_environment_variable_is_documented(lang: str) -> None:
    code = "\n".join(
        path.read_text(encoding="utf-8") for path in Path(schoolhelper.__file__).parent.rglob("*.py")
    )
    told = set(re.findall(r"^\| `([A-Z_]+)` \|", GUIDES[lang], re.MULTILINE))
    assert told == {*re.findall(r"SCHOOLHELPER_[A-Z]+", code), "HF_TOKEN"}


@pytest.mark.parametrize("lang", GUIDES)
def test_links_lead_somewhere(lang: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", GUIDES[lang]):
        assert (ROOT / "docs" / target).is_file(), target
