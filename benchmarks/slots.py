"""Does a wrong fact get past the slot check, and does it reject what is right?

Asks the check about 1,000 seeded wrong versions of a sheet's verified answers (see `wrong_answers`), about
the answers themselves, and about harmless rewordings of them; prints how many got through by kind, and how
many were rejected.

    python benchmarks/slots.py [SHEET] [--n 1000] [--seed 0] [--show]
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter
from pathlib import Path

from number_words import NATIVE
from schoolhelper.answer.slots import SlotCheck
from schoolhelper.records import Lang
from schoolhelper.sheet import load_sheet
from wrong_answers import CLOCK, clock, wrong_answers

SHEET = Path(__file__).parent.parent / "examples" / "hanul-high" / "sheet.csv"

KOREAN = (
    ("있습니다", "있어요"), ("없습니다", "없어요"), ("합니다", "해요"), ("됩니다", "돼요"),
    ("입니다", "이에요"),
    ("([층호일원분])입니다", r"\1이에요"),
    ("까지입니다", "까지예요"), ("해 주세요", "해 주시면 됩니다"), ("하세요", "하시면 돼요"),
    ("주세요[.]", "주시면 감사하겠습니다."), ("며 ", "고, "), (r"(\d층) (\d{3}호)", r"\1에 있는 \2"),
    ("에서는", "에서"),
    (r"(\d),(\d{3})원", r"\1\2 원"), ("(?<![가마])을 ", "은 "), (r"부터 (\d\d:\d\d)까지", r"~\1"),
    ("~", "부터 "),
    ("^", "네, "), ("^", "안내해 드릴게요. "),
    ("$", " 더 궁금한 점이 있으면 물어봐 주세요."), ("$", " 참고해 주세요."),
)  # fmt: skip
ENGLISH = (
    (r"\bis not\b", "isn't"), (r"\bcannot\b", "can't"), (r"\bPlease\b", "Kindly"), (r"\bplease\b", "do"),
    (r"\bwe will\b", "we'll"), (r"\bmust\b", "need to"), (r"\bYou may\b", "You can"), (", and ", " and "),
    (r"\bon floor 1\b", "on the first floor"), (r"\bon floor 2\b", "on the 2nd floor"),
    (r"\bon floor 3\b", "on the third floor"), (r"\b(\d),(\d{3}) won", r"\1\2 won"),
    (r"\b3 days\b", "three days"),
    (r"\b0(\d:\d\d)", r"\1 a.m."), (r"\b13:(\d\d)", r"1:\1 p.m."), (r"\b16:(\d\d)", r"4:\1 p.m."),
    (r"from (\d\d:\d\d) to", r"\1 to"),
    (r"(?<![\d.])2 (\w+)", r"two \1"), ("^", "Sure! "),
    ("^", "Here is what I found: "),
    ("$", " Feel free to ask if you need more help."), ("$", " Have a nice day!"),
)  # fmt: skip


def rewordings(text: str, lang: Lang) -> list[str]:
    """The same facts said otherwise: politeness, particles, order, openings, forms of numbers and times."""
    made = [" ".join(reversed(re.split(r"(?<=[.!?])\s+", text)))]
    made += [re.sub(pattern, new, text) for pattern, new in (KOREAN if lang == "ko" else ENGLISH)]
    if lang == "ko":
        made.append(re.sub(CLOCK, lambda at: clock(lang, int(at["h"]), int(at["m"])), text))
        made.append(re.sub(CLOCK, _in_words, text))
    return [said for said in dict.fromkeys(made) if said != text]


def _in_words(match: re.Match[str]) -> str:
    hour, minute = int(match["h"]), int(match["m"])
    said = {0: "", 30: " 반"}.get(minute, f" {minute}분")
    return f"{'오전' if hour < 12 else '오후'} {NATIVE[hour % 12 or 12]} 시{said}"


def main() -> None:
    """Make the texts, check them and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sheet", nargs="?", type=Path, default=SHEET)
    parser.add_argument("--n", type=int, default=1000, help="how many wrong texts")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", action="store_true", help="print what got through or was rejected")
    options = parser.parse_args()
    entries = load_sheet(options.sheet).entries
    check = SlotCheck(entries)
    asked: Counter[str] = Counter()
    through: Counter[str] = Counter()
    for kind, entry, said in wrong_answers(entries, options.n, random.Random(options.seed)):
        asked[kind] += 1
        if not check.unsupported(said, [entry]):
            through[kind] += 1
            if options.show:
                print(f"through {kind}, {entry.id}: {said}")
    verified = [(entry, lang, text) for entry in entries for lang, text in entry.answers.items()]
    rejected = sum(bool(check.unsupported(text, [entry])) for entry, _, text in verified)
    harmless = [(entry, said) for entry, lang, text in verified for said in rewordings(text, lang)]
    refused = [
        (entry, said, wrong) for entry, said in harmless if (wrong := check.unsupported(said, [entry]))
    ]
    for entry, said, wrong in refused if options.show else ():
        print(f"rejected {entry.id}, {wrong}: {said}")
    print(f"{'kind':28}{'texts':>7}{'through':>9}")
    for kind in sorted(asked):
        print(f"{kind:28}{asked[kind]:7}{through[kind]:9}")
    print(f"{'all':28}{asked.total():7}{through.total():9}")
    print(f"verified answers rejected: {rejected} of {len(verified)}")
    share = len(refused) / len(harmless)
    print(f"harmless rewordings rejected: {len(refused)} of {len(harmless)} ({share:.1%})")


if __name__ == "__main__":
    main()
