"""The checks of a sheet, second part: what rows say together, as entries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from schoolhelper.messages import text
from schoolhelper.records import LANGS, Entry
from schoolhelper.sheet.audience import disjoint
from schoolhelper.sheet.entries import DETAILS, Group, Line, answer_key
from schoolhelper.sheet.facts import differences
from schoolhelper.sheet.issues import SheetIssue, issue, short
from schoolhelper.sheet.values import wording_key

FEW_WORDINGS = 3
STALE_AFTER = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Draft:
    """A sheet on its way: its entries as far as they could be made, on the day of the check."""

    name: str
    groups: tuple[Group, ...]
    orphans: tuple[Line, ...]
    today: date

    @property
    def entries(self) -> list[Entry]:
        return [group.entry for group in self.groups if group.entry]


def missing_texts(draft: Draft) -> Iterator[SheetIssue]:
    """Rows without a wording, entries without an answer, rows that belong to no entry."""
    for line in draft.orphans:
        if line.question:
            yield issue("orphan-wording", draft.name, line.row, "answer", question=line.question)
        else:
            yield issue("missing-question", draft.name, line.row, "question")
    for group in draft.groups:
        for line in group.lines:
            if not line.question:
                yield issue("missing-question", draft.name, line.row, "question")
        if not any(line.answer for line in group.lines):
            yield issue("missing-answer", draft.name, group.lines[0].row, "answer", id=group.id)


def disagreements(draft: Draft) -> Iterator[SheetIssue]:
    """Rows of one entry that say different things; details may differ between the languages."""
    for group in draft.groups:
        for lang in LANGS:
            lines = [line for line in group.lines if line.lang == lang]
            yield from _differ(draft, lines, "answers-disagree", "answer")
            for detail in (*DETAILS, "confirmed_on"):
                yield from _differ(draft, lines, "details-differ", detail)
        for condition in ("audience", "valid_from", "valid_until"):
            yield from _differ(draft, group.lines, "conditions-disagree", condition)


def wordings(draft: Draft) -> Iterator[SheetIssue]:
    """One wording twice in an entry, or in two entries that one person may be shown."""
    seen: dict[str, list[tuple[Group, Line]]] = {}
    for group in draft.groups:
        for line in group.lines:
            if line.question:
                seen.setdefault(wording_key(line.question), []).append((group, line))
    for places in seen.values():
        for place, (group, line) in enumerate(places):
            earlier = places[:place]
            twin = next((other for same, other in earlier if same is group), None)
            rival = next((pair for pair in earlier if pair[0] is not group and _meet(group, pair[0])), None)
            if twin:
                yield issue(
                    "duplicate-wording", draft.name, line.row, "question", value=line.question, other=twin.row
                )
            elif rival:
                yield issue(
                    "same-wording", draft.name, line.row, "question",
                    value=line.question, other=rival[1].row, id=group.id, other_id=rival[0].id,
                )  # fmt: skip


def same_answers(draft: Draft) -> Iterator[SheetIssue]:
    """Entries with one and the same answer: most often one entry whose rows were numbered one by one."""
    first: dict[str, Group] = {}
    for group in draft.groups:
        for line in group.lines:
            if line.answer:
                other = first.setdefault(answer_key(line.answer), group)
                if other is not group and _meet(group, other):
                    ids = {"id": group.id, "other_id": other.id, "other": other.lines[0].row}
                    yield issue("same-answer", draft.name, line.row, "answer", **ids)
                    break


def languages(draft: Draft) -> Iterator[SheetIssue]:
    """Facts that differ between the languages, and languages that are missing."""
    used = {lang for entry in draft.entries for lang in entry.answers}
    if len(used) == 1:
        yield issue("one-language", draft.name, language=text(f"sheet.language_{next(iter(used))}"))
    for entry in draft.entries:
        for lang in LANGS:
            if lang not in entry.answers and len(used) == len(LANGS):
                language = text(f"sheet.language_{lang}")
                yield issue(
                    "missing-language", draft.name, entry.rows[0], "answer", id=entry.id, language=language
                )
        if len(entry.answers) == len(LANGS):
            korean, english = differences(entry.answers["ko"], entry.answers["en"])
            if korean or english:
                only = {"ko": ", ".join(korean) or "–", "en": ", ".join(english) or "–"}
                yield issue(
                    "languages-disagree", draft.name, entry.rows[0], "answer",
                    id=entry.id, korean=only["ko"], english=only["en"],
                )  # fmt: skip


def few_wordings(draft: Draft) -> Iterator[SheetIssue]:
    for entry in draft.entries:
        count = max(sum(question.lang == lang for question in entry.questions) for lang in LANGS)
        if count < FEW_WORDINGS:
            values = {"id": entry.id, "count": count, "least": FEW_WORDINGS}
            yield issue("few-wordings", draft.name, entry.rows[0], "question", **values)


def dates(draft: Draft) -> Iterator[SheetIssue]:
    """Validity and confirmation against the calendar."""
    today = draft.today
    for entry in draft.entries:
        row, first, last, confirmed = entry.rows[0], entry.valid_from, entry.valid_until, entry.confirmed_on
        if first and last and first > last:
            yield issue("dates-reversed", draft.name, row, "valid_until", id=entry.id, first=first, last=last)
        elif last and last < today:
            yield issue("expired", draft.name, row, "valid_until", id=entry.id, day=last)
        elif first and first > today:
            yield issue("not-yet-valid", draft.name, row, "valid_from", id=entry.id, day=first)
        if confirmed and confirmed > today:
            yield issue("confirmed-in-future", draft.name, row, "confirmed_on", id=entry.id, day=confirmed)
        elif confirmed and today - confirmed > STALE_AFTER:
            yield issue("stale", draft.name, row, "confirmed_on", id=entry.id, day=confirmed)


ENTRY_CHECKS = (missing_texts, disagreements, wordings, same_answers, languages, few_wordings, dates)


def _differ(draft: Draft, lines: Sequence[Line], code: str, column: str) -> Iterator[SheetIssue]:
    """An issue for each line whose value is not the first one given; empty cells agree with all."""
    given = [line for line in lines if getattr(line, column)]
    for line in given[1:]:
        if _comparable(line, column) != _comparable(given[0], column):
            values = {"value": _written(line, column), "other": _written(given[0], column)}
            yield issue(code, draft.name, line.row, column, other_row=given[0].row, **values)


def _comparable(line: Line, column: str) -> object:
    if column == "audience":
        return {key: frozenset(values) for key, values in line.audience}
    return answer_key(line.answer) if column == "answer" else getattr(line, column)


def _written(line: Line, column: str) -> str:
    if column == "audience":
        return "; ".join(f"{key}={','.join(values)}" for key, values in line.audience)
    return short(getattr(line, column))


def _meet(one: Group, other: Group) -> bool:
    """Whether some person may be shown both entries on some day."""
    a, b = one.entry, other.entry
    if a is None or b is None:
        return False
    first = max(a.valid_from or date.min, b.valid_from or date.min)
    last = min(a.valid_until or date.max, b.valid_until or date.max)
    return first <= last and not disjoint(a.audience, b.audience)
