"""How many misread answers does the check of clauses find, and how many right ones does it doubt?

The answers of the made-up organisations, as people worded them from their entries; then each again with one
clause denied that was affirmed, or affirmed that was denied, wherever a rule below applies; and with one of
its numbers changed for another of the same entry, where the check of facts sees nothing wrong.

    python benchmarks/alignment.py
"""

from __future__ import annotations

import random
import re

from schoolhelper.answer.alignment import misread
from schoolhelper.answer.slots import SlotCheck
from schoolhelper.dataset.general import load_general

ROUND = {
    "ko": (
        (r"(?<=[가-힣]) 안 (?=[가-힣])", " "),
        (r"지 않(?:아요|습니다)", "어요"),
        (r"없(어요|습니다)", r"있\1"),
        (r"있(어요|습니다)", r"없\1"),
        (r"(?<=[가-힣]) (돼요|됩니다|해요|가요|열어요|받아요)(?=\.)", r" 안 \1"),
        (r"(?<=[가-힣])(할|볼|쓸|갈|받을|탈) 수 있", r"\1 수 없"),
        (r"(?<=[가-힣])(할|볼|쓸|갈|받을|탈) 수 없", r"\1 수 있"),
        (r"하면 됩니다", "하면 안 됩니다"),
        (r"면 돼요", "면 안 돼요"),
        (r"이에요\.", "이 아니에요."),
        (r"예요\.", "가 아니에요."),
        (r"입니다\.", "이 아닙니다."),
    ),
    "en": (
        (r"\bcannot\b", "can"),
        (r"\bcan\b(?!not)", "cannot"),
        (r"\bis not\b", "is"),
        (r"\bis\b(?! not)", "is not"),
        (r"\bare\b(?! not)", "are not"),
        (r"don't\b", "do"),
        (r"\bmust\b(?! not)", "must not"),
        (r"\bno\b", "a"),
    ),
}


NUMBER = re.compile(r"\d[\d:,]*")


def swapped(said: str, verified: str, rng: random.Random) -> str:
    """The text with one of its numbers changed for another of the verified text's; the same if it cannot."""
    places = list(NUMBER.finditer(said))
    if not places:
        return said
    place = rng.choice(places)
    others = [each for each in NUMBER.findall(verified) if each != place.group()]
    alike = [each for each in others if (":" in each) == (":" in place.group())]
    return said[: place.start()] + rng.choice(alike) + said[place.end() :] if alike else said


def main() -> None:
    """Print the three shares."""
    rng, facts = random.Random(0), SlotCheck(())
    doubted, turned, mixed = [], [], []
    for entry, asked, said in (each for sheet in load_general("train") for each in sheet.worded):
        verified = entry.answer(asked.lang)
        doubted.append(bool(misread(said, [verified], asked.lang)))
        if doubted[-1]:
            continue
        for pattern, other in ROUND[asked.lang]:
            changed = re.sub(pattern, other, said, count=1)
            if changed != said:
                turned.append(bool(misread(changed, [verified], asked.lang)))
        changed = swapped(said, verified, rng)
        if changed != said and not facts.unsupported(changed, [entry]):
            mixed.append(bool(misread(changed, [verified], asked.lang)))
    for name, found in (
        ("right, doubted", doubted),
        ("turned round, found", turned),
        ("mixed up, found", mixed),
    ):
        print(f"{name}: {sum(found)} of {len(found)} ({sum(found) / len(found):.1%})")


if __name__ == "__main__":
    main()
