import re
from pathlib import Path

from schoolhelper.sheet import SEVERITY
from schoolhelper.sheet.checks import LONG_ANSWER, LONG_QUESTION
from schoolhelper.sheet.table import ALIASES

GUIDE = (Path(__file__).parents[3] / "docs" / "sheet.md").read_text(encoding="utf-8")
KOREAN, ENGLISH = GUIDE.split("\n# The sheet\n")
SEVERITY_KO = {"오류": "error", "주의": "warning", "참고": "info"}


def issue_table(part: str) -> dict[str, str]:
    return dict(re.findall(r"^\| `([a-z-]+)` \| (오류|주의|참고|error|warning|info) \|", part, re.MULTILINE))


def test_every_code_is_documented_in_both_languages() -> None:
    assert {code: SEVERITY_KO[word] for code, word in issue_table(KOREAN).items()} == SEVERITY
    assert issue_table(ENGLISH) == SEVERITY


def test_every_column_is_documented_with_its_korean_name() -> None:
    for column, others in ALIASES.items():
        assert f"`{column}`" in KOREAN
        assert f"`{column}`" in ENGLISH
        assert next(name for name in others.split() if not name.isascii()) in KOREAN


def test_the_limits_are_the_documented_ones() -> None:
    for part in (KOREAN, ENGLISH):
        assert str(LONG_QUESTION) in part
        assert str(LONG_ANSWER) in part
