from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from schoolhelper.config import Both, Config, load_config
from schoolhelper.errors import ConfigError

ROOT = Path(__file__).parents[2]


def school(folder: Path, content: str | bytes) -> Config:
    data = content.encode("utf-8") if isinstance(content, str) else content
    (folder / "school.toml").write_bytes(data)
    return load_config(folder)


def refusal(folder: Path, content: str | bytes, monkeypatch: pytest.MonkeyPatch) -> ConfigError:
    monkeypatch.setenv("SCHOOLHELPER_LANG", "en")
    with pytest.raises(ConfigError, match=r"school\.toml") as caught:
        school(folder, content)
    assert caught.value.hint
    return caught.value


def test_an_empty_file_is_all_defaults(tmp_path: Path) -> None:
    assert school(tmp_path, "") == Config(tmp_path)


def test_every_kind_of_value(tmp_path: Path) -> None:
    config = school(
        tmp_path,
        """
        [school]
        name = { ko = "한울고등학교", en = "Hanul High School" }
        sheet = "자료.xlsx"
        language = "en"
        [train]
        epochs = 3
        learning_rate = 1
        [answer]
        caution = 0.7
        [serve]
        examples_ko = ["급식 시간은 언제예요?"]
        """,
    )
    assert config.school.name == Both("한울고등학교", "Hanul High School")
    assert config.school.language == "en"
    assert config.sheet_path == tmp_path / "자료.xlsx"
    assert config.exam_path == tmp_path / "exam.csv"
    assert config.train.epochs == 3
    assert config.train.learning_rate == 1.0
    assert isinstance(config.train.learning_rate, float)
    assert config.answer.caution == 0.7
    assert config.serve.examples_ko == ("급식 시간은 언제예요?",)
    assert config.base.name == "gemma-3-270m"


def test_a_file_saved_by_a_windows_editor(tmp_path: Path) -> None:
    text = '\ufeff[school]\r\nsheet = "자료.csv"\r\n'
    assert school(tmp_path, text).sheet_path == tmp_path / "자료.csv"


def test_a_data_set_of_the_hub_is_no_file(tmp_path: Path) -> None:
    assert school(tmp_path, '[school]\nsheet = "hf://datasets/school/sheet"').sheet_path == (
        "hf://datasets/school/sheet"
    )


def test_a_name_in_one_language_serves_both() -> None:
    assert Both("한울고").get("en") == "한울고"
    assert Both(en="Hanul").get("ko") == "Hanul"
    assert Both("한울고", "Hanul").get("en") == "Hanul"


def test_a_missing_file_says_how_to_make_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHOOLHELPER_LANG", "en")
    with pytest.raises(ConfigError, match=r"school\.toml") as caught:
        load_config(tmp_path)
    assert f"schoolhelper init {tmp_path}" in caught.value.hint


@pytest.mark.parametrize(
    "content", ["[school", 'name = "닫지 않음', '[school]\nname = "한울"'.encode("cp949")]
)
def test_what_is_not_toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | bytes) -> None:
    assert "cannot be read" in refusal(tmp_path, content, monkeypatch).message


@pytest.mark.parametrize(
    ("content", "key", "hint"),
    [
        ("[scool]", "`scool`", "`school`"),
        ("[train]\nepoch = 3", "`train.epoch`", "`epochs`"),
        ('[school]\nname = { kr = "한울" }', "`school.name.kr`", "ko"),
        ("[train]\nzzz = 1", "`train.zzz`", "learning_rate"),
        ('folder = "/tmp"', "`folder`", "school"),
    ],
)
def test_unknown_keys_are_named_with_the_nearest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, key: str, hint: str
) -> None:
    error = refusal(tmp_path, content, monkeypatch)
    assert key in error.message
    assert hint in error.hint


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ("school = 3", "`school`"),
        ("[school]\nsheet = 3", "`school.sheet`"),
        ('[school]\nname = "한울고"', "`school.name`"),
        ('[school]\nlanguage = "jp"', "`school.language`"),
        ('[train]\nepochs = "3"', "`train.epochs`"),
        ("[train]\nepochs = 2.5", "`train.epochs`"),
        ("[train]\nepochs = true", "`train.epochs`"),
        ("[train]\nlearning_rate = true", "`train.learning_rate`"),
        ("[answer]\nmode = 1", "`answer.mode`"),
        ("[serve]\nexamples_ko = [1, 2]", "`serve.examples_ko`"),
        ('[serve]\nexamples_ko = "하나"', "`serve.examples_ko`"),
    ],
)
def test_values_of_the_wrong_kind_name_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, key: str
) -> None:
    assert key in refusal(tmp_path, content, monkeypatch).message


@pytest.mark.parametrize("example", sorted(path.parent.name for path in ROOT.glob("examples/*/school.toml")))
def test_the_examples_are_valid(example: str) -> None:
    config = load_config(ROOT / "examples" / example)
    assert Path(config.sheet_path).is_file()


def test_settings_cannot_be_changed_by_accident(tmp_path: Path) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Config(tmp_path).train.epochs = 3  # type: ignore[misc]
