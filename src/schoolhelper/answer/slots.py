"""A generated text may state only what the cited entries state."""

from __future__ import annotations

from collections.abc import Iterable

from schoolhelper.records import Entry
from schoolhelper.sheet.facts import facts


def unsupported(generated: str, entries: Iterable[Entry]) -> list[str]:
    """The numbers, dates, times, phones and addresses in `generated` that no cited entry states.

    A fact counts as stated only in the same kind and value, so that `3층` does not excuse `3시`;
    a doubtful one is reported, since the verified text is always at hand.
    """
    stated = {
        (fact.kind, fact.value)
        for entry in entries
        for answer in entry.answers.values()
        for fact in facts(answer)
    }
    return [fact.shown for fact in facts(generated) if (fact.kind, fact.value) not in stated]
