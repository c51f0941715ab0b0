"""How often does a release answer what has nothing to do with the school?

Messages in Korean and English (chat, general knowledge, nonsense) that no school's sheet answers, none of
them ever taught. Each is asked of the served release, and of calibrated retrieval beside it.

    python benchmarks/offtopic.py examples/hanul-high
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from schoolhelper.config import load_config
from schoolhelper.runs import current_release
from schoolhelper.sheet import load_sound_sheet
from schoolhelper.wiring import build_answerer, remembered

MESSAGES = Path(__file__).with_name("offtopic.txt")


def main() -> None:
    """Print one table, and under it what was answered."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("school", type=Path)
    parser.add_argument("--release", help="another release than the served one")
    options = parser.parse_args()
    config = load_config(options.school)
    entries = load_sound_sheet(config.sheet_path).entries
    release = current_release(config.folder)
    if options.release:
        release = config.folder / "releases" / options.release
    messages = MESSAGES.read_text(encoding="utf-8").splitlines()
    print(f"{len(messages)} messages, {len(entries)} entries")
    print("| way | answered | asked back | refused |")
    print("| --- | --- | --- | --- |")
    known = remembered(config, release)
    for name, used in (("release", release), ("retrieval", None)):
        answerer = build_answerer(config, entries, used, known=known, mode="verified")
        answers = [(message, answerer.answer(message)) for message in messages]
        said = Counter(answer.action for _, answer in answers)
        print(
            "| " + " | ".join([name, *(f"{said[kind]}" for kind in ("answer", "clarify", "abstain"))]) + " |"
        )
        for message, answer in answers:
            if answer.action == "answer":
                cited = ", ".join(entry.id for entry in answer.entries)
                print(f"    {message} -> {cited} ({answer.confidence:.2f})")


if __name__ == "__main__":
    main()
