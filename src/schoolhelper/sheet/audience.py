"""Whom an entry is for, and who is asking: `grade=1,2; department=소프트웨어과`."""

from __future__ import annotations

import difflib
import re
import unicodedata

from schoolhelper.errors import SheetError, UsageError
from schoolhelper.messages import text
from schoolhelper.records import Audience
from schoolhelper.sheet.values import clean_line

_KEYS = {
    "grade": "grade", "학년": "grade", "department": "department", "학과": "department", "과": "department",
    "class": "class", "반": "class",
}  # fmt: skip
_EVERYONE = {"", "전체", "모두", "전교생", "all", "everyone"}
_PARTS = re.compile(r"[;\n]|,(?=[^,;=]+=)")


def parse_audience(written: str) -> Audience:
    """The audience a cell names; empty means everyone.

    Keys are `grade` (학년), `department` (학과), `class` (반) or the school's own; `1학년` and
    `소프트웨어과` are understood without a key.

    Raises:
        SheetError: a part is not `key=value`, or its key looks like a misspelt one.
    """
    plain = clean_line(unicodedata.normalize("NFKC", written))
    if plain.casefold() in _EVERYONE:
        return ()
    found: dict[str, dict[str, None]] = {}
    for part in filter(None, (part.strip() for part in _PARTS.split(plain))):
        key, values = _pair(part)
        found.setdefault(key, {}).update(dict.fromkeys(values))
    return tuple((key, tuple(values)) for key, values in found.items())


def parse_profile(written: str) -> dict[str, str]:
    """What an asker tells about themself, `grade=2; department=소프트웨어과`: one value a key.

    Raises:
        UsageError: it is not of this form.
    """
    try:
        audience = parse_audience(written)
    except SheetError as error:
        raise UsageError(error.message, error.hint) from None
    for key, values in audience:
        if len(values) > 1:
            raise UsageError(text("sheet.profile_many", name=key), text("sheet.profile_hint"))
    return {key: values[0] for key, values in audience}


def disjoint(one: Audience, other: Audience) -> bool:
    """Whether nobody belongs to both."""
    allowed = dict(other)
    return any(key in allowed and not set(values) & set(allowed[key]) for key, values in one)


def _pair(part: str) -> tuple[str, list[str]]:
    key, equals, rest = (piece.strip() for piece in re.sub(r"^([^=:]+):", r"\1=", part).partition("="))
    values = [value.strip() for value in (rest if equals else part).split(",") if value.strip()]
    if not equals:
        if all(re.fullmatch(r"\d 학년|\d학년|\d", value) for value in values) and part.endswith("학년"):
            key = "grade"
        elif all(value.endswith("과") for value in values):
            key = "department"
        else:
            raise SheetError(text("sheet.audience_form", part=part), text("sheet.audience_hint"))
    name = _KEYS.get(key.casefold(), key.casefold())
    near = difflib.get_close_matches(name, set(_KEYS.values()), n=1, cutoff=0.75)
    if near and near[0] != name:
        raise SheetError(text("sheet.audience_key", name=key, near=near[0]), text("sheet.audience_hint"))
    if not name or not values:
        raise SheetError(text("sheet.audience_form", part=part), text("sheet.audience_hint"))
    if name == "grade":
        values = [value.removesuffix("학년").strip() for value in values]
    return name, values
