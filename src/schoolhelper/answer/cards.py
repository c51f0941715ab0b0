"""Fixed texts: for someone in distress, and for a greeting or thanks. Nothing here is generated."""

from __future__ import annotations

from schoolhelper.answer.distress import Crisis
from schoolhelper.answer.smalltalk import Social
from schoolhelper.config import SchoolConfig
from schoolhelper.messages import text
from schoolhelper.records import Answer, Entry, Lang


def crisis_card(kind: Crisis, lang: Lang, school: SchoolConfig, counsel: Entry | None) -> Answer:
    """Helplines, and the school's own counsellor: `counsel`'s verified answer, else the school's contact."""
    own = counsel.answer(lang) if counsel else school.contact.get(lang)
    said = "\n".join(
        [text(f"answer.crisis_{kind}", lang).strip(), text("answer.crisis_school", lang, answer=own)]
    )
    if counsel is None:
        return Answer(said, lang, "abstain")
    return Answer(said, lang, "answer", "verified", (counsel,), 1.0)


def social_card(kind: Social, lang: Lang, school: SchoolConfig) -> Answer:
    """A word in the school's voice. It states no fact, so that it counts as abstaining."""
    return Answer(text(f"answer.{kind}", lang, school=school.name.get(lang)), lang, "abstain")
