"""Writes wrong versions of a sheet's verified answers, one way of being wrong after another.

What is put in stands in no answer of the cited entry, which is made sure of here with patterns of its own,
so that holes of the slot check show.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from number_words import DAYS, ENGLISH, NATIVE, ORDINAL, WEEK, said_otherwise
from schoolhelper.records import Entry, Lang

NAME: dict[Lang, re.Pattern[str]] = {
    "ko": re.compile(
        r"(?<![가-힣])(?:[가-힣]{1,5}관|[가-힣]{2,5}(?:[무건정담악술식습서]실|센터|학사)|[가-힣]{2,6}(?:생활부|정보부)"
        r"|운동장|경기장|주차장|매점|[정후]문)(?<![기습대보]관)(?=[은는이을에의로과와,. ])"
    ),
    "en": re.compile(
        r"(?<=the )(?:[a-z]+ (?:room|building|hall|office|center|gate|store|teacher)|library|gym|cafeteria"
        r"|Student Life Department|Wee Class)\b(?! teacher| building| entrance| center| room)"
    ),
}
INVENTED: dict[Lang, str] = {
    "ko": "별관|신관|후생관|방송실|김민지 선생님|이서준 선생님|나눔센터|햇살역|미래부|서울시청",
    "en": "Maple Hall|the annex|Mr. Parker|the broadcasting room|Sunrise Center|Ms. Kimura",
}


@dataclass(frozen=True)
class Cited:
    """An entry as the generator sees it: the answer to spoil and all that the entry states."""

    entry: Entry
    lang: Lang
    names: frozenset[str]  # of the whole sheet, in this language
    sentences: Sequence[str]  # of the other entries

    @property
    def text(self) -> str:
        return self.entry.answers[self.lang]

    @property
    def stated(self) -> str:
        return " ".join(self.entry.answers.values())

    @property
    def numbers(self) -> set[int]:
        """Every number the entry states, hours also on the 12-hour clock, thousands also without zeros."""
        found = {int(n.replace(",", "")) for n in re.findall(r"\d[\d,]*", self.stated)}
        for words in (ENGLISH, NATIVE, DAYS, ORDINAL):
            found |= {n for n, word in enumerate(words) if word and word in self.stated.lower()}
        return found | {n % 12 or 12 for n in found if n <= 24} | {n // 1000 for n in found if n >= 1000}

    def fresh(self, rng: random.Random, low: int, high: int) -> int:
        """A number between `low` and `high` that the entry does not state; IndexError if it states all."""
        return rng.choice(sorted(set(range(low, high + 1)) - self.numbers))

    def put(self, rng: random.Random, pattern: str, new: str | Callable[[re.Match[str]], str]) -> str:
        """The text with one place that fits `pattern` replaced; unchanged where none does."""
        places = list(re.finditer(pattern, self.text))
        if not places:
            return self.text
        place = rng.choice(places)
        made = new if isinstance(new, str) else new(place)
        return self.text[: place.start()] + made + self.text[place.end() :]

    def add(self, rng: random.Random, korean: str, english: str) -> str:
        """The text and one more sentence, one of those between bars."""
        return f"{self.text} {one_of(rng, korean if self.lang == 'ko' else english)}"


Spoil = Callable[[Cited, random.Random], str]
SPOILS: dict[str, list[Spoil]] = defaultdict(list)


def wrong_answers(entries: Sequence[Entry], n: int, rng: random.Random) -> list[tuple[str, Entry, str]]:
    """`n` different wrong texts, the kinds in turn: (kind, the cited entry, the text)."""
    made: dict[str, tuple[str, Entry, str]] = {}
    kinds = list(SPOILS)
    answers = [(entry, lang, text) for entry in entries for lang, text in entry.answers.items()]
    names = {
        lang: frozenset(name for _, its, text in answers if its == lang for name in NAME[lang].findall(text))
        for lang in NAME
    }
    sentences = [
        (entry.id, lang, said.strip())
        for entry, lang, text in answers
        for said in re.findall(r"[^.!?]+(?:\.(?=\S)[^.!?]+)*[.!?]", text)
    ]
    for turn in range(n * 100):
        entry, lang, text = rng.choice(answers)
        others = [
            said
            for other, its, said in rng.sample(sentences, min(20, len(sentences)))
            if other != entry.id and its == lang
        ]
        kind = kinds[turn % len(kinds)]
        with suppress(IndexError):  # nothing here to make wrong in this way
            said = rng.choice(SPOILS[kind])(Cited(entry, lang, names[lang], others), rng)
            if said != text:
                made.setdefault(said, (kind, entry, said))
        if len(made) == n:
            break
    return list(made.values())


def spoils(kind: str) -> Callable[[Spoil], Spoil]:
    """Register a way to make an answer wrong."""

    def register(spoil: Spoil) -> Spoil:
        SPOILS[kind].append(spoil)
        return spoil

    return register


def one_of(rng: random.Random, choices: str) -> str:
    return rng.choice(choices.split("|"))


CLOCK = r"(?<!\d)(?P<h>[01]\d|2[0-3]):(?P<m>\d{2})(?!\d| ?[ap]\.?m)"


def _fresh_number(way: dict[str, Any], c: Cited, rng: random.Random) -> str:
    """The text made wrong in a way of wrong_answers.toml."""
    n, m = c.fresh(rng, way["low"], way["high"]), c.fresh(rng, 1, 12)
    said = one_of(rng, way[c.lang]).format(**said_otherwise(n, m), four=rng.randint(1000, 9999))
    return c.put(rng, way["put"], said) if "put" in way else f"{c.text} {said}"


for _way in tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))["way"]:
    SPOILS[_way["kind"]].append(partial(_fresh_number, _way))


def clock(lang: Lang, hour: int, minute: int) -> str:
    """A time with the half of the day named."""
    if lang == "en":
        return f"{hour % 12 or 12}:{minute:02} {'a' if hour < 12 else 'p'}.m."
    return f"{'오전' if hour < 12 else '오후'} {hour % 12 or 12}시" + (f" {minute}분" if minute else "")


@spoils("time shifted")
def shifted(c: Cited, rng: random.Random) -> str:
    stated = {(int(h) % 12, int(m)) for h, m in re.findall(r"(\d{1,2}):(\d{2})", c.stated)}

    def new(match: re.Match[str]) -> str:
        at = int(match["h"]) * 60 + int(match["m"]) + rng.choice((-90, -60, -30, 30, 60, 90, 120))
        hour, minute = divmod(at % 1440, 60)
        said = one_of(rng, f"{hour:02}:{minute:02}|{clock(c.lang, hour, minute)}")
        return match[0] if (hour % 12, minute) in stated else said

    return c.put(rng, CLOCK, new)


@spoils("a.m. and p.m. swapped")
def swapped_half(c: Cited, rng: random.Random) -> str:
    def new(match: re.Match[str]) -> str:
        hour, minute = (int(match["h"]) + 12) % 24, int(match["m"])
        return match[0] if f"{hour:02}:{minute:02}" in c.stated else clock(c.lang, hour, minute)

    return c.put(rng, CLOCK, new)


@spoils("weekday")
def another_weekday(c: Cited, rng: random.Random) -> str:
    if c.lang == "en":
        return c.put(rng, "|".join(WEEK), rng.choice([day for day in WEEK if day not in c.stated]))
    free = [day for day in "월화수목금토일" if f"{day}요일" not in c.stated]
    return c.put(rng, "[월화수목금토일](?=요일)", rng.choice(free))


@spoils("weekday")
def added_weekday(c: Cited, rng: random.Random) -> str:
    if re.search("[월화수목금토일]요일|[월화수목금토일][·~]|(?<!holi)(?<!week)day", c.stated):
        return c.text
    day, english = rng.choice("월화수목금토일"), rng.choice(WEEK)
    other = "월" if day != "월" else "금"
    return c.add(
        rng,
        f"{day}요일에 열어요.|매주 {day}·{other}요일입니다.|({day})에만 해요.|{day}~{other} 오후에 오세요.",
        f"It is open on {english}.|Only on {english[:3]}.|Come every {english}.",
    )


@spoils("weekdays widened")
def widened(c: Cited, rng: random.Random) -> str:
    korean = "매일|월~토|월요일부터 토요일까지|월요일에서 일요일까지|월~일요일"
    english = "every day|daily|from Monday to Saturday|Monday through Sunday|Mon-Sat"
    wide = [said for said in (korean if c.lang == "ko" else english).split("|") if said not in c.stated]
    return c.put(rng, "평일|월요일부터 목요일까지|(?:on )?weekdays|Monday to Thursday", rng.choice(wide))


@spoils("unit for another")
def another_unit(c: Cited, rng: random.Random) -> str:
    units = {
        "층": "floors",
        "호": "rooms",
        "명": "people",
        "권": "books",
        "주": "weeks",
        "개월": "months",
        "원": "won",
    }
    free = [
        korean
        for korean, english in units.items()
        if not re.search(rf"\d\s?{korean}|{english.removesuffix('s')}|stor(?:y|ies)", c.stated)
    ]
    unit = rng.choice(free)
    counted = r"(?<=\d)(?:일(?= 동안| 안| 더| 전)|분|권|명|점|과목|번(?! 출구)|대)(?!\w*요일)"
    english = r"(?<=\d )(?:days|minutes|books|weeks|points|devices|subjects|hours|students)"
    return c.put(rng, f"{counted}|{english}", unit if c.lang == "ko" else units[unit])


@spoils("price")
def free_of_charge(c: Cited, rng: random.Random) -> str:
    if re.search("무료|무상|공짜|[Ff]ree|없|no |not pay|내지 않|받지 않", c.stated):
        return c.text
    return c.add(
        rng, "무료입니다.|비용은 없습니다.|공짜예요.", "It is free.|There is no charge.|It is free of charge."
    )


@spoils("phone")
def another_phone(c: Cited, rng: random.Random) -> str:
    def new(match: re.Match[str]) -> str:
        at = rng.choice([i for i, char in enumerate(match[0]) if char.isdigit() and i > 1])
        made = match[0][:at] + str((int(match[0][at]) + rng.randint(1, 9)) % 10) + match[0][at + 1 :]
        return (
            match[0]
            if made in c.stated
            else rng.choice([made, made.replace("-", ""), made.replace("-", " ")])
        )

    return c.put(rng, r"0\d{1,2}-\d{3,4}-\d{4}", new)


@spoils("e-mail or URL")
def another_address(c: Cited, rng: random.Random) -> str:
    def new(match: re.Match[str]) -> str:
        at = rng.choice(
            [i for i, char in enumerate(match[0]) if char.isalpha() and i > 8 * ("//" in match[0])]
        )
        letter = rng.choice([char for char in "abcdefghijklmnopqrstuvwxyz" if char != match[0][at].lower()])
        made = match[0][:at] + letter + match[0][at + 1 :]
        return rng.choice([made, made.removeprefix("https://")])

    return c.put(rng, r"https?://[\w./-]*\w|[\w.]+@[\w.]*\w", new)


def closed(name: str) -> bool:
    """Whether a Korean name ends in a consonant, which decides the particles after it."""
    return (ord(name[-1]) - ord("가")) % 28 > 0


def renamed(c: Cited, rng: random.Random, name: str) -> str:
    """The text with `name` for one of its own, where the particles fit; or else added."""
    if rng.random() < 0.7 and not name.endswith("님"):
        made = c.put(
            rng, NAME[c.lang].pattern,
            lambda match: name if c.lang == "en" or closed(name) == closed(match[0]) else match[0],
        )  # fmt: skip
        if made != c.text:
            return made
    korean = f"{name}께 여쭤보세요." if name.endswith("님") else f"{name}에서 확인해 주세요."
    return c.add(rng, korean, f"Please ask {'' if name.startswith(('the ', 'M')) else 'at the '}{name}.")


@spoils("name of another entry")
def another_name(c: Cited, rng: random.Random) -> str:
    wordings = " ".join(question.text for question in c.entry.questions)
    mentioned = f"{c.stated} {wordings}".lower().replace(" ", "")
    return renamed(
        c, rng, rng.choice([n for n in sorted(c.names) if n.lower().replace(" ", "") not in mentioned])
    )


@spoils("invented name")
def invented_name(c: Cited, rng: random.Random) -> str:
    name = one_of(rng, INVENTED[c.lang])
    return c.text if name in c.stated else renamed(c, rng, name)


@spoils("sentence of another answer")
def another_sentence(c: Cited, rng: random.Random) -> str:
    numbers = re.compile(r"(?<!\d)\d[\d,]*(?<!,)")
    wrong = [
        said for said in c.sentences if {int(n.replace(",", "")) for n in numbers.findall(said)} - c.numbers
    ]
    return one_of(rng, f"{c.text} {{0}}|{{0}} {c.text}").format(rng.choice(wrong))
