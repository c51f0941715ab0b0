import pytest

import small_school
from schoolhelper.answer.cards import crisis_card, social_card
from schoolhelper.answer.distress import Crisis
from schoolhelper.answer.smalltalk import Social
from schoolhelper.config import Both, SchoolConfig
from schoolhelper.records import LANGS, Lang

LINES: dict[Crisis, set[str]] = {
    "life": {"109", "1388", "119"},
    "harm": {"117", "1388", "112"},
    "low": {"109", "1388"},
}


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("kind", LINES)
def test_a_crisis_card_lists_the_lines_and_then_the_schools_counsellor(kind: Crisis, lang: Lang) -> None:
    counsel = small_school.entry("nurse")
    card = crisis_card(kind, lang, small_school.SCHOOL, counsel)
    opening, *lines = card.text.splitlines()
    assert opening
    assert all(line.startswith("- ") for line in lines)
    assert {number for number in LINES[kind] if any(number in line for line in lines)} == LINES[kind]
    assert lines[-1].endswith(counsel.answers[lang])
    assert (card.action, card.mode, card.entries, card.lang) == ("answer", "verified", (counsel,), lang)


@pytest.mark.parametrize("lang", LANGS)
def test_without_a_counsellor_it_names_the_schools_contact(lang: Lang) -> None:
    card = crisis_card("life", lang, small_school.SCHOOL, None)
    assert small_school.CONTACT.get(lang) in card.text.splitlines()[-1]
    assert (card.action, card.entries) == ("abstain", ())


def test_each_kind_has_its_own_words() -> None:
    assert len({crisis_card(kind, "ko", small_school.SCHOOL, None).text for kind in LINES}) == 3


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("kind", ["greeting", "thanks", "farewell", "self", "wordless"])
def test_a_word_in_the_schools_voice_cites_nothing(kind: Social, lang: Lang) -> None:
    card = social_card(kind, lang, small_school.SCHOOL)
    assert card.text
    assert (card.action, card.entries, card.suggestions, card.lang) == ("abstain", (), (), lang)


def test_the_school_is_named_in_the_askers_language() -> None:
    school = SchoolConfig(name=Both("한빛고등학교", "Hanbit High School"))
    for kind in ("greeting", "self"):
        assert "한빛고등학교" in social_card(kind, "ko", school).text  # type: ignore[arg-type]
        assert "Hanbit High School" in social_card(kind, "en", school).text  # type: ignore[arg-type]
