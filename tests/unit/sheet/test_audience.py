import pytest

from schoolhelper.errors import SheetError, UsageError
from schoolhelper.records import Audience
from schoolhelper.sheet import disjoint, parse_audience, parse_profile

SOFTWARE = (("grade", ("1", "2")), ("department", ("소프트웨어과",)))


@pytest.mark.parametrize(
    ("written", "audience"),
    [
        ("grade=1,2; department=소프트웨어과", SOFTWARE),
        ("학년 = 1, 2 ; 학과 = 소프트웨어과", SOFTWARE),
        ("학년：１，２；학과：소프트웨어과", SOFTWARE),
        ("1,2학년; 소프트웨어과", SOFTWARE),
        ("1학년, 2학년; 소프트웨어과", SOFTWARE),
        ("grade=1학년; grade=2학년; department=소프트웨어과", SOFTWARE),
        ("grade=1, department=소프트웨어과", (("grade", ("1",)), ("department", ("소프트웨어과",)))),
        ("dormitory=yes", (("dormitory", ("yes",)),)),
        ("전체", ()),
        ("", ()),
    ],
)
def test_audiences(written: str, audience: Audience) -> None:
    assert parse_audience(written) == audience


@pytest.mark.parametrize("written", ["grad=1", "depatment=요리과", "grade=", "=1", "신입생만", "1학년만"])
def test_what_is_no_audience_is_refused(written: str) -> None:
    with pytest.raises(SheetError) as caught:
        parse_audience(written)
    assert "grade=1,2" in caught.value.hint


def test_profiles_have_one_value_a_key() -> None:
    assert parse_profile("grade=2") == {"grade": "2"}
    assert parse_profile("학년=2; 학과=소프트웨어과") == {"grade": "2", "department": "소프트웨어과"}
    assert parse_profile("") == {}
    with pytest.raises(UsageError):
        parse_profile("grade=1,2")
    with pytest.raises(UsageError):
        parse_profile("2")


def test_audiences_are_disjoint_only_by_a_shared_key() -> None:
    assert disjoint(parse_audience("1학년"), parse_audience("2,3학년"))
    assert not disjoint(parse_audience("1,2학년"), parse_audience("2,3학년"))
    assert not disjoint(parse_audience("1학년"), parse_audience("소프트웨어과"))
    assert not disjoint((), parse_audience("1학년"))
