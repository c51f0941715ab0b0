"""Every text a person reads, in Korean and English, from one catalogue.

The catalogue is the TOML files beside this one; `text("sheet.missing_answer", row=3)` is the key
`missing_answer` of `sheet.toml`. A test holds that every key has both languages and the same
placeholders.
"""

from __future__ import annotations

import locale
import os
import tomllib
from functools import cache
from importlib.resources import files

from schoolhelper.records import Lang


@cache
def catalogue(section: str) -> dict[str, dict[str, str]]:
    """The texts of one section: key -> language -> text."""
    data = files(__package__).joinpath(f"{section}.toml").read_text(encoding="utf-8")
    return tomllib.loads(data)


def text(key: str, lang: Lang | None = None, /, **values: object) -> str:
    """The text named `section.key` in `lang` (default: the user's), with `values` filled in."""
    section, _, name = key.partition(".")
    return catalogue(section)[name][lang or user_language()].format(**values)


def user_language() -> Lang:
    """SCHOOLHELPER_LANG, else English for an English system, else Korean."""
    chosen = os.environ.get("SCHOOLHELPER_LANG", "")
    if chosen in ("ko", "en"):
        return "ko" if chosen == "ko" else "en"
    system = os.environ.get("LC_ALL") or os.environ.get("LANG") or locale.getlocale()[0] or ""
    return "en" if system.lower().startswith("en") else "ko"
