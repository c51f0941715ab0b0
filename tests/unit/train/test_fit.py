from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Literal

import pytest
import torch
from transformers import TrainingArguments

from schoolhelper.dataset import Example, closed_examples
from schoolhelper.models import Loaded, load_base
from schoolhelper.prompts import Renderer, check_prompts
from schoolhelper.runs import is_sealed, read_manifest
from schoolhelper.train.fit import Fitted, fit, newest_checkpoint, save_adapter, settings_of
from schoolhelper.train.lora import detach
from schoolhelper.train.loss import read_labels
from schoolhelper.train.packing import collate, pack
from schoolhelper.train.recipes import DEFAULT, REFERENCE, Recipe
from schoolhelper.train.side_by_side import halves
from tiny import ENTRIES, adapter_of

RECIPE = dataclasses.replace(
    REFERENCE, batch=4, accumulation=1, epochs=12, learning_rate=2e-2, dropout=0.0, patience=50
)
FAST = dataclasses.replace(RECIPE, name="fast", fast=True, evaluations=2)
EXAMPLES = closed_examples(ENTRIES)[:8]


def run(base: Loaded, work: Path, recipe: Recipe = RECIPE, held_out: list[Example] | None = None) -> Fitted:
    asked = EXAMPLES[:4] if held_out is None else held_out
    return fit(base.model, Renderer(base.tokenizer), EXAMPLES, asked, recipe, work)


def series(fitted: Fitted, key: str) -> list[float]:
    return [entry[key] for entry in fitted.log if key in entry]


def checkpoints(work: Path) -> list[Path]:
    return sorted(work.glob("checkpoint-*"), key=lambda path: int(path.name.partition("-")[2]))


@pytest.mark.parametrize("recipe", [RECIPE, FAST], ids=["reference", "fast"])
def test_training_lowers_the_loss_and_raises_the_score(base: Loaded, tmp_path: Path, recipe: Recipe) -> None:
    heard: list[tuple[int, int, float]] = []
    fitted = fit(
        base.model,
        Renderer(base.tokenizer),
        EXAMPLES,
        EXAMPLES[:4],
        recipe,
        tmp_path / "work",
        tell=lambda step, steps, loss: heard.append((step, steps, loss)),
    )
    losses, scores = series(fitted, "loss"), series(fitted, "eval_answer_score")
    assert losses[-1] < 0.5 * losses[0]
    assert scores[-1] > scores[0]
    assert fitted.score == max(scores) > 0.4
    assert [step for step, _, _ in heard] == list(range(1, 25))
    assert {steps for _, steps, _ in heard} == {24}
    assert heard[-1][2] < heard[1][2]


@pytest.mark.parametrize("threads", [1, 2], indirect=True)
@pytest.mark.usefixtures("threads")
def test_fast_and_stock_training_agree(base: Loaded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The head only at labels, our AdamW and an update's halves side by side are the stock Trainer's
    arithmetic, in float32."""
    parts: set[int] = set()

    def watched(batch: dict[str, torch.Tensor]) -> list[dict[str, torch.Tensor]]:
        found = halves(batch)
        parts.add(len(found))
        return found

    monkeypatch.setattr("schoolhelper.train.fit.halves", watched)
    recipe = dataclasses.replace(RECIPE, batch=2, accumulation=2, epochs=3)
    stock = run(base, tmp_path / "stock", dataclasses.replace(recipe, fast=False))
    stock_weights = adapter_of(stock.model)
    detach(stock.model)
    fast = run(base, tmp_path / "fast", recipe)
    assert parts == {2}
    assert series(fast, "loss") == pytest.approx(series(stock, "loss"), rel=1e-3)
    torch.testing.assert_close(adapter_of(fast.model), stock_weights, rtol=2e-2, atol=2e-3)


@pytest.mark.parametrize(("fast", "weighting"), [(False, "token"), (True, "token"), (True, "example")])
def test_accumulated_batches_are_one_big_batch(
    base: Loaded, tmp_path: Path, fast: bool, weighting: Literal["token", "example"]
) -> None:
    """Answers differ in length, so this fails if each small batch is averaged by itself."""
    big = dataclasses.replace(RECIPE, fast=fast, weighting=weighting, batch=4, epochs=2)
    once = run(base, tmp_path / "big", big, [])
    weights = adapter_of(once.model)
    detach(once.model)
    small = run(base, tmp_path / "small", dataclasses.replace(big, batch=1, accumulation=4), [])
    assert series(small, "loss") == pytest.approx(series(once, "loss"), rel=1e-4)
    torch.testing.assert_close(adapter_of(small.model), weights, rtol=1e-3, atol=1e-4)


def test_early_stopping_keeps_the_best_checkpoint(tiny_gemma: Path, tmp_path: Path) -> None:
    """Far too large a learning rate: the score rises, falls, and training ends."""
    base = load_base(str(tiny_gemma), on="cpu")
    base.model.float()
    recipe = dataclasses.replace(RECIPE, epochs=40, learning_rate=0.1, patience=2)
    fitted = run(base, tmp_path, recipe)
    scores = series(fitted, "eval_answer_score")
    assert len(scores) < 40
    assert scores.index(max(scores)) == len(scores) - 1 - 2
    assert fitted.score == max(scores)
    assert fitted.best_epoch == scores.index(max(scores)) + 1
    assert len(checkpoints(tmp_path)) == 2
    from safetensors.torch import load_file

    best = checkpoints(tmp_path)[0]
    assert int(best.name.partition("-")[2]) == 2 * fitted.best_epoch
    saved = load_file(best / "adapter_model.safetensors")
    kept = {name.replace(".default", ""): weight for name, weight in adapter_of(fitted.model).items()}
    torch.testing.assert_close(kept, saved, rtol=0, atol=0)


def test_without_held_out_examples_the_last_epoch_is_kept(tiny_gemma: Path, tmp_path: Path) -> None:
    fitted = run(load_base(str(tiny_gemma), on="cpu"), tmp_path, dataclasses.replace(RECIPE, epochs=2), [])
    assert fitted.best_epoch == 2
    assert fitted.score != fitted.score  # not a number: nothing was asked
    assert series(fitted, "loss")
    assert not series(fitted, "eval_loss")


def test_a_fit_that_ended_is_not_done_again(base: Loaded, tmp_path: Path) -> None:
    recipe = dataclasses.replace(FAST, epochs=20, learning_rate=0.1, patience=1)
    first = run(base, tmp_path, recipe)
    weights = adapter_of(first.model)
    steps = [path.name for path in checkpoints(tmp_path)]
    detach(first.model)
    again = run(base, tmp_path, recipe)
    assert [path.name for path in checkpoints(tmp_path)] == steps
    assert (again.score, again.best_epoch, again.share) == (first.score, first.best_epoch, first.share)
    assert series(again, "eval_loss") == series(first, "eval_loss")
    torch.testing.assert_close(adapter_of(again.model), weights, rtol=0, atol=0)


@pytest.mark.parametrize("recipe", [RECIPE, FAST], ids=["reference", "fast"])
def test_a_half_written_checkpoint_is_not_used(tiny_gemma3: Path, tmp_path: Path, recipe: Recipe) -> None:
    """Take the newest checkpoint's manifest away: training goes on at the one before, to the same end."""
    recipe = dataclasses.replace(recipe, epochs=4, dropout=0.1)
    whole = run(load_base(str(tiny_gemma3), on="cpu"), tmp_path, recipe)
    older, newest = checkpoints(tmp_path)
    shutil.copytree(older, tmp_path / "copy")
    (newest / "manifest.json").unlink()
    again = run(load_base(str(tiny_gemma3), on="cpu"), tmp_path, recipe)
    assert is_sealed(newest)
    assert (older / "manifest.json").read_bytes() == (tmp_path / "copy" / "manifest.json").read_bytes()
    assert series(again, "loss") == series(whole, "loss")
    assert again.score == whole.score
    torch.testing.assert_close(adapter_of(again.model), adapter_of(whole.model), rtol=0, atol=0)


def test_patience_is_not_forgotten_when_training_goes_on(tiny_gemma: Path, tmp_path: Path) -> None:
    recipe = dataclasses.replace(RECIPE, epochs=40, learning_rate=0.1, patience=3)
    whole = run(load_base(str(tiny_gemma), on="cpu"), tmp_path / "a", recipe)
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    shutil.rmtree(checkpoints(tmp_path / "b")[-1])
    last = checkpoints(tmp_path / "b")[-1]
    state = json.loads((last / "trainer_state.json").read_text(encoding="utf-8"))
    state["stateful_callbacks"]["EarlyStoppingCallback"]["attributes"]["early_stopping_patience_counter"] = 2
    state["best_metric"] = 2.0  # nothing beats it: one more evaluation is the third without a better one
    (last / "trainer_state.json").write_text(json.dumps(state), encoding="utf-8")
    again = run(load_base(str(tiny_gemma), on="cpu"), tmp_path / "b", recipe)
    assert len(series(again, "eval_loss")) == state["epoch"] + 1 <= len(series(whole, "eval_loss"))


def test_other_data_or_another_recipe_starts_anew(tmp_path: Path) -> None:
    facts = {"recipe": "reference", "data": "1"}
    work = tmp_path / "work"
    sealed = work / "checkpoint-4"
    sealed.mkdir(parents=True)
    (sealed / "manifest.json").write_text("{}", encoding="utf-8")
    (work / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
    (work / "checkpoint-12").mkdir()
    assert newest_checkpoint(work, facts) == sealed
    assert not (work / "checkpoint-12").exists()
    assert newest_checkpoint(work, {**facts, "data": "2"}) is None
    assert not work.exists()
    assert newest_checkpoint(work, facts) is None


def test_a_changed_answer_is_other_data(tiny_gemma: Path, tmp_path: Path) -> None:
    recipe = dataclasses.replace(RECIPE, epochs=1)
    base = load_base(str(tiny_gemma), on="cpu")
    first = run(base, tmp_path, recipe)
    facts = (tmp_path / "facts.json").read_text(encoding="utf-8")
    base.model.get_input_embeddings()  # the base is the same object once the adapter is off
    detach(first.model)
    changed = [dataclasses.replace(EXAMPLES[0], completion="오후 7시까지 엽니다."), *EXAMPLES[1:]]
    fit(base.model, Renderer(base.tokenizer), changed, EXAMPLES[:4], recipe, tmp_path)
    assert (tmp_path / "facts.json").read_text(encoding="utf-8") != facts


@pytest.mark.parametrize("recipe", [REFERENCE, DEFAULT], ids=["reference", "default"])
def test_the_trainer_is_told_what_the_recipe_says(recipe: Recipe, tmp_path: Path) -> None:
    args = TrainingArguments(**settings_of(recipe, tmp_path, 128, evaluated=True))
    assert args.per_device_train_batch_size == recipe.batch
    assert args.gradient_accumulation_steps == recipe.accumulation
    assert args.num_train_epochs == recipe.epochs
    assert args.learning_rate == recipe.learning_rate
    assert (args.lr_scheduler_type, args.warmup_steps) == ("cosine", 0.06)
    assert (args.optim, args.max_grad_norm) == ("adamw_torch", 1.0)
    assert args.save_total_limit == 2
    assert args.load_best_model_at_end
    assert args.metric_for_best_model == "eval_answer_score"


def test_a_saved_adapter_is_sealed_with_its_prompts(tiny_gemma: Path, tmp_path: Path) -> None:
    fitted = run(
        load_base(str(tiny_gemma), on="cpu"), tmp_path / "w", dataclasses.replace(RECIPE, epochs=1), []
    )
    save_adapter(fitted.model, tmp_path / "adapter", base="tiny", recipe=RECIPE, score=0.5)
    manifest = read_manifest(tmp_path / "adapter", verify=True)
    check_prompts(tmp_path / "adapter")
    assert manifest["recipe"]["epochs"] == RECIPE.epochs
    assert {"adapter_config.json", "adapter_model.safetensors", "prompts.json"} <= set(manifest["files"])


@pytest.mark.parametrize("threads", [1, 2], indirect=True)
@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize("row_tokens", [0, 64, 256])
def test_the_score_counts_every_held_out_example(base: Loaded, tmp_path: Path, row_tokens: int) -> None:
    """In rows of several examples, too, and whatever the number of rows."""
    recipe = dataclasses.replace(RECIPE, epochs=1, batch=2, row_tokens=row_tokens)
    held_out = closed_examples(ENTRIES)[:7]
    fitted = run(base, tmp_path / "work", recipe, held_out)
    renderer = Renderer(base.tokenizer)
    alone = pack([renderer.render(example) for example in held_out], 0)
    with torch.inference_mode():
        found = read_labels(fitted.model, collate(alone, renderer.pad, 8), (renderer.no, renderer.yes))
    exact, likely = found.scores().mean(0).tolist()
    assert fitted.score == pytest.approx(exact + 0.01 * likely, rel=1e-3)
