import sys
from pathlib import Path

import pytest

from schoolhelper.errors import SheetError
from schoolhelper.sheet import load_sheet, read_table


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets.config
    import huggingface_hub.constants

    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)


def test_a_folder_made_by_save_to_disk(tmp_path: Path) -> None:
    import datasets

    rows = {"instruction": ["급식은?", "교복은?"], "output": ["1층입니다.", "하복입니다."]}
    datasets.Dataset.from_dict(rows).save_to_disk(tmp_path / "saved")
    table = read_table(tmp_path / "saved")
    assert table.columns == ("question", "answer")
    assert [(row.number, row.cells["answer"]) for row in table.rows] == [
        (2, "1층입니다."),
        (3, "하복입니다."),
    ]


def test_of_several_splits_train_is_read_and_the_others_are_named(tmp_path: Path) -> None:
    import datasets

    part = datasets.Dataset.from_dict({"question": ["급식은?"], "answer": ["1층입니다."]})
    datasets.DatasetDict({"test": part, "train": part}).save_to_disk(tmp_path / "saved")
    (issue,) = read_table(tmp_path / "saved").issues
    assert issue.code == "other-sheets"
    assert "test" in issue.text


@pytest.mark.usefixtures("no_network")
def test_an_unreachable_data_set_is_a_clear_error() -> None:
    sheet = load_sheet("hf://hanul-high/no-such-data-set")
    assert [issue.code for issue in sheet.errors] == ["unreadable-file"]
    assert "no-such-data-set" in sheet.errors[0].text
    assert "hf://" in sheet.errors[0].hint


def test_a_plain_folder_is_no_sheet(tmp_path: Path) -> None:
    with pytest.raises(SheetError) as caught:
        read_table(tmp_path)
    assert "save_to_disk" in caught.value.hint


def test_without_datasets_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(SheetError) as caught:
        read_table("datasets:hanul-high/questions")
    assert "schoolhelper[hub]" in caught.value.hint
