"""How fast does training run against the reference recipe's Trainer and TRL's, in one run?

All train the same adapter (rank 8 from the same first weights) on the same closed-book rows of the example
school, in the same order, 16 rows an update: transformers' Trainer as the reference design has it (4 rows x
4), TRL's SFTTrainer (4 x 4), and ours. Each runs in a process of its own, in turn, several rounds. Time is
the training's alone, loading left out; memory is the whole process's; the loss is that of all rows after the
last update, read by the same code, over the tokens that ours keeps and over the whole vocabulary. `of peak`:
the useful products (layers forward and back to the inputs, the head at labels, for ours over the tokens that
it keeps) against what this machine's matrix product reaches in the same round.

    pip install -c constraints.txt -e '.[bench]'
    python benchmarks/train_speed.py [--short]
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from process import in_new_process, peak_memory

SHEET = Path(__file__).parent.parent / "examples" / "hanul-high" / "sheet.csv"
BASE = "gemma-3-270m"
PEERS = ("transformers Trainer", "TRL SFTTrainer", "schoolhelper")


def prepared(rows: int, epochs: int) -> tuple[Any, Any, list[Any], Any]:
    """The base model, the renderer, the rows as examples, and the recipe that all follow."""
    from schoolhelper.dataset import closed_examples
    from schoolhelper.models import load_base
    from schoolhelper.prompts import Renderer
    from schoolhelper.sheet import load_sheet
    from schoolhelper.train.recipes import REFERENCE

    base = load_base(BASE)
    recipe = dataclasses.replace(REFERENCE, epochs=epochs, dropout=0.0)
    examples = closed_examples(load_sheet(SHEET).entries)
    return base, Renderer(base.tokenizer), examples[:: len(examples) // rows][:rows], recipe


def run_one(peer: str, rows: int, epochs: int) -> dict[str, float]:
    """Train once as `peer` does; seconds, tokens, useful products, last loss and peak memory."""
    from schoolhelper.train.vocabulary import kept_tokens

    base, renderer, examples, recipe = prepared(rows, epochs)
    rendered = [renderer.render(example) for example in examples]
    tokens = epochs * sum(len(each.input_ids) for each in rendered)
    labels = epochs * sum(label >= 0 for each in rendered for label in each.labels)
    words, width = base.model.get_output_embeddings().weight.shape
    layers = layer_weights(base.model)
    with tempfile.TemporaryDirectory() as work:
        if peer != "schoolhelper":
            base.model.set_attn_implementation("eager")  # the library's own; its default is slower here
        if peer == "TRL SFTTrainer":
            model, seconds = by_trl(base, rendered, recipe, work)
        else:
            model, seconds = by_fit(base, renderer, examples, recipe, work, stock=peer != "schoolhelper")
    memory = peak_memory()
    if peer == "schoolhelper":
        words = len(kept_tokens(renderer, rendered))
    return {
        "speed": tokens / seconds,
        "memory": memory,
        "loss": whole_loss(model, renderer, rendered, cut=True),
        "loss_whole": whole_loss(model, renderer, rendered, cut=False),
        "useful": 4 * (layers * tokens + words * width * labels) / seconds,
    }


def by_fit(
    base: Any, renderer: Any, examples: list[Any], recipe: Any, work: str, *, stock: bool
) -> tuple[Any, float]:
    """Through our `fit`: with the Trainer's own loss, optimiser and batches, or with ours."""
    from schoolhelper.train.fit import fit

    if stock:
        recipe = dataclasses.replace(recipe, fast=False)
    else:
        batch = recipe.batch * recipe.accumulation
        recipe = dataclasses.replace(recipe, batch=batch, accumulation=1, cut=True)
    begun = time.perf_counter()
    fitted = fit(base.model, renderer, examples, [], recipe, Path(work))
    return fitted.model, time.perf_counter() - begun


def by_trl(base: Any, rendered: list[Any], recipe: Any, work: str) -> tuple[Any, float]:
    """Through TRL, with the same settings, on rows that are tokenised and labelled already."""
    from datasets import Dataset
    from transformers import AutoTokenizer
    from trl import SFTConfig, SFTTrainer

    from schoolhelper.train.fit import settings_of
    from schoolhelper.train.lora import attach

    tokenizer = AutoTokenizer.from_pretrained(base.path)
    begun = time.perf_counter()
    model = attach(base.model, dataclasses.replace(recipe, fast=False))
    settings = SFTConfig(
        **settings_of(recipe, Path(work), len(rendered), evaluated=False),
        pad_to_multiple_of=recipe.pad_multiple,
        dataset_kwargs={"skip_prepare_dataset": True},
        gradient_checkpointing=False,
        bf16=False,  # the base is in bf16 as it is; autocast would copy it
    )
    data = Dataset.from_list([{"input_ids": each.input_ids, "labels": each.labels} for each in rendered])
    trainer = SFTTrainer(model=model, args=settings, train_dataset=data, processing_class=tokenizer)
    trainer.train()
    return model, time.perf_counter() - begun


def layer_weights(model: Any) -> int:
    """Weights of all linear maps but the vocabulary head."""
    import torch

    head = model.get_output_embeddings()
    linear = (each for each in model.modules() if isinstance(each, torch.nn.Linear) and each is not head)
    return sum(each.weight.numel() for each in linear)


def whole_loss(model: Any, renderer: Any, rendered: list[Any], *, cut: bool) -> float:
    """Mean cross entropy of a label over all rows, read in the same way whoever trained; over the whole
    vocabulary, or, `cut`, over the tokens that ours keeps."""
    import torch

    from schoolhelper.train.loss import read_labels
    from schoolhelper.train.packing import collate, pack
    from schoolhelper.train.vocabulary import needed

    model.eval()
    part = needed(model, renderer, rendered, cut)
    total = 0.0
    with torch.inference_mode():
        for row in pack(rendered, 256):
            batch = collate([row], renderer.pad, 8)
            total += float(read_labels(model, batch, (renderer.no, renderer.yes), part).entropy.sum())
    return total / sum(label >= 0 for each in rendered for label in each.labels)


def peak() -> float:
    """Products a second of a large matrix product in bf16, the best of a few."""
    import torch

    one, two = torch.randn(2048, 2048).bfloat16(), torch.randn(2048, 2048).bfloat16()
    best = 0.0
    for _ in range(20):
        begun = time.perf_counter()
        one @ two
        best = max(best, 2 * 2048**3 / (time.perf_counter() - begun))
    return best


def main() -> None:
    """Run the peers in turn, each in a new process, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="32 rows once, not 64 four times; one round")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--one", choices=PEERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    size = (32, 1) if options.short else (64, 4)
    if options.one:
        print(json.dumps(run_one(options.one, *size)))
        return
    found: dict[str, list[dict[str, float]]] = {peer: [] for peer in PEERS}
    for _ in range(1 if options.short else options.rounds):
        top = peak()
        for peer in PEERS:
            figures = in_new_process(__file__, "--one", peer, *(["--short"] if options.short else []))
            found[peer].append(figures | {"peak": figures["useful"] / top})
            print(f"{peer}: {figures['speed']:.0f} tokens/s", file=sys.stderr, flush=True)
    show(found)


def show(found: dict[str, list[dict[str, float]]]) -> None:
    """The table: medians over the rounds, with the spread of the speed."""

    def middle(peer: str, name: str) -> float:
        return statistics.median(each[name] for each in found[peer])

    print("| | tokens/s | min to max | ours is faster by | memory | loss after, kept / whole | of peak |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    ours = middle("schoolhelper", "speed")
    for peer, runs in found.items():
        speeds = [each["speed"] for each in runs]
        print(
            f"| {peer} | {middle(peer, 'speed'):.0f} | {min(speeds):.0f} to {max(speeds):.0f} "
            f"| {ours / middle(peer, 'speed'):.1f} times | {middle(peer, 'memory'):.2f} GiB "
            f"| {middle(peer, 'loss'):.3f} / {middle(peer, 'loss_whole'):.3f} | {middle(peer, 'peak'):.0%} |"
        )


if __name__ == "__main__":
    main()
