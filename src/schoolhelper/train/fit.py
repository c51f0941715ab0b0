"""Examples become an adapter: `transformers.Trainer` with the loss on answers and honest checkpoints."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader
from transformers import EarlyStoppingCallback, Trainer, TrainerCallback, TrainerState, TrainingArguments

from schoolhelper.dataset import Example
from schoolhelper.prompts import Rendered, Renderer, padded, save_prompts
from schoolhelper.runs import is_sealed, read_manifest, sealed_folder, write_manifest
from schoolhelper.train.lora import Share, attach, part_of_the_way, share, to_base_type
from schoolhelper.train.loss import Labelled, read_labels
from schoolhelper.train.optimizer import MasterAdamW
from schoolhelper.train.packing import BATCH_ROW, HALVES, Row, collate, even_rows, pack
from schoolhelper.train.recipes import Recipe
from schoolhelper.train.side_by_side import halves, on_each, summed
from schoolhelper.train.vocabulary import Cut, needed

Progress = Callable[[int, int, float], None]
"""Hears the step, the number of steps, and the latest loss."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a fit gives back: the adapted model, its score on the held-out examples, and the log."""

    model: Any
    share: Share
    score: float
    best_epoch: float
    log: list[dict[str, float]]


class AnswerTrainer(Trainer):  # type: ignore[misc]  # transformers is untyped
    """Trainer whose evaluation scores answers, and whose loss computes the head only at labels."""

    recipe: Recipe
    renderer: Renderer
    cut: Cut | None = None

    def compute_loss(
        self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        if not self.recipe.fast:
            return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        parts = [inputs] if self.recipe.dropout else halves(inputs)  # threads would draw it in any order
        weights = [weight for weight in model.parameters() if weight.requires_grad]
        return summed(lambda part: self._read(model, part).loss(num_items_in_batch), parts, weights)

    def create_optimizer(self, *args: Any, **options: Any) -> Any:
        if not self.recipe.fast:
            return super().create_optimizer(*args, **options)
        if getattr(self, "optimizer", None) is None:
            to_base_type(self.model)
            weights = [weight for weight in self.model.parameters() if weight.requires_grad]
            self.optimizer = MasterAdamW(weights, lr=self.args.learning_rate)
        return self.optimizer

    def get_eval_dataloader(self, eval_dataset: Any = None) -> Any:
        def alone(rows: list[Row]) -> list[dict[str, torch.Tensor]]:
            return [collate([row], self.renderer.pad, self.recipe.pad_multiple) for row in rows]

        return self.accelerator.prepare(DataLoader(self.eval_dataset, HALVES, collate_fn=alone))

    def prediction_step(
        self, model: Any, inputs: Any, prediction_loss_only: bool, ignore_keys: Any = None
    ) -> tuple[Any, Any, Any]:
        # One item a row: Accelerate cuts what it gathers to as many items as the dataset has.
        def asked(row: dict[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
            with torch.inference_mode():
                found = self._read(model, row)
                sums = found.scores().sum(0), found.examples.new_tensor([found.size])
                return found.loss(), torch.cat(sums)

        losses, sums = map(torch.stack, zip(*on_each(self._prepare_inputs(inputs), asked), strict=True))
        return losses, sums, sums[:, 2]

    def _read(self, model: Any, inputs: Any) -> Labelled:
        tokens = (self.renderer.no, self.renderer.yes)
        return read_labels(self.accelerator.unwrap_model(model), inputs, tokens, self.cut)


def answer_metrics(predictions: Any) -> dict[str, float]:
    """Of each row's sums and size: `exact`, the share of answers that are right word for word. In
    `answer_score` ties are broken by `likely`, the probability of a token: it still rises before the
    first answer is right."""
    exact, likely, size = (float(value) for value in predictions.predictions.sum(axis=0))
    exact, likely = exact / size, likely / size
    return {"exact": exact, "likely": likely, "answer_score": exact + 0.01 * likely}


class Sealing(TrainerCallback):  # type: ignore[misc]
    """Writes each checkpoint's manifest last, so that a half-written one is never resumed from."""

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        if folder.is_dir():
            write_manifest(folder, step=state.global_step, epoch=state.epoch)


class Telling(TrainerCallback):  # type: ignore[misc]
    """Passes each step on to whoever shows the progress."""

    def __init__(self, tell: Progress) -> None:
        self.tell = tell
        self.loss = float("nan")

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        self.loss = (logs or {}).get("loss", self.loss)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.tell(state.global_step, state.max_steps, self.loss)


def newest_checkpoint(folder: Path, facts: dict[str, Any]) -> Path | None:
    """The newest complete checkpoint that was made by the same recipe and data, if any.

    Incomplete ones are removed: the Trainer would take the newest by name.
    """
    recorded = folder / "facts.json"
    if not recorded.is_file() or json.loads(recorded.read_text(encoding="utf-8")) != facts:
        shutil.rmtree(folder, ignore_errors=True)
        return None
    found = sorted(folder.glob("checkpoint-*"), key=lambda path: int(path.name.partition("-")[2]))
    for path in found:
        if not is_sealed(path):
            shutil.rmtree(path)
    return next((path for path in reversed(found) if path.is_dir()), None)


def fit(
    base: Any,
    renderer: Renderer,
    train: Sequence[Example],
    held_out: Sequence[Example],
    recipe: Recipe,
    work: Path,
    *,
    starter: Path | None = None,
    tell: Progress | None = None,
) -> Fitted:
    """Train a new adapter on `train`, keep the checkpoint that answers `held_out` best.

    It begins as the adapter in `starter`, if one is given, and ends between that and what was trained.

    `work` holds the checkpoints; a fit that was interrupted goes on there if recipe and data are the
    same. Without `held_out` the last epoch is kept.
    """
    model = attach(base, recipe, starter)
    rendered = [renderer.render(example) for example in train]
    rows = pack(rendered, recipe.row_tokens) if recipe.row_tokens else rendered
    checked = [renderer.render(example) for example in held_out]
    asked = pack(checked, recipe.row_tokens or BATCH_ROW)
    begun = read_manifest(starter)["files"] if starter else None
    contents = [asdict(row) for row in (*rows, *asked)]
    facts = {"recipe": recipe.name, "data": _digest(contents, len(rows), asdict(recipe), begun)}
    resume = newest_checkpoint(work, facts)
    state = _ended(resume)
    if resume and state:
        best = Path(state.best_model_checkpoint or resume).name
        model.load_adapter(work / best, "default", is_trainable=True)
    else:
        work.mkdir(parents=True, exist_ok=True)
        (work / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
        trainer = AnswerTrainer(
            model=model,
            args=TrainingArguments(**settings_of(recipe, work, len(rows), evaluated=bool(asked))),
            data_collator=(_packer if recipe.fast else _stock_collator)(renderer, recipe),
            train_dataset=rows,
            eval_dataset=asked or None,
            compute_metrics=answer_metrics,
            callbacks=[Sealing(), *([Telling(tell)] if tell else [])],
        )
        trainer.recipe, trainer.renderer = recipe, renderer
        if recipe.fast:
            trainer.cut = needed(model, renderer, [*rendered, *checked], recipe.cut)
        if recipe.weighting == "example":  # the Trainer divides by the accumulation instead
            trainer.model_accepts_loss_kwargs = False
        if asked:
            trainer.add_callback(EarlyStoppingCallback(recipe.patience))
        trainer.remove_callback(_printer())
        trainer.train(resume_from_checkpoint=str(resume) if resume else None)
        state = trainer.state
    if recipe.fast:
        to_base_type(model)
    if starter:
        part_of_the_way(model, starter, recipe.way)
    model.eval()
    return _fitted(model, state, recipe)


def _ended(checkpoint: Path | None) -> TrainerState | None:
    """The state of a fit that had ended, early or not, when it wrote this checkpoint."""
    if checkpoint is None:
        return None
    state = TrainerState.load_from_json(str(checkpoint / "trainer_state.json"))
    return state if state.stateful_callbacks["TrainerControl"]["args"]["should_training_stop"] else None


def _fitted(model: Any, state: TrainerState, recipe: Recipe) -> Fitted:
    score = state.best_metric if state.best_metric is not None else float("nan")
    log = [
        {k: float(v) for k, v in entry.items() if isinstance(v, int | float)} for entry in state.log_history
    ]
    best = next((e["epoch"] for e in log if e.get("eval_answer_score") == score), float(recipe.epochs))
    return Fitted(model, share(model), score, best, log)


def save_adapter(model: Any, folder: Path, *, base: str, recipe: Recipe, score: float) -> None:
    """Save the adapter and its prompts, sealed."""
    with sealed_folder(folder, base=base, recipe=asdict(recipe), score=score) as work:
        model.peft_config["default"].base_model_name_or_path = base  # not this machine's folder
        model.save_pretrained(work, save_embedding_layers=False)  # else PEFT asks the hub about them
        (work / "README.md").unlink(missing_ok=True)  # an empty form
        save_prompts(work)


def settings_of(recipe: Recipe, work: Path, rows: int, *, evaluated: bool) -> dict[str, Any]:
    """The `TrainingArguments` of a recipe for so many rows, by name; peers are measured with the same."""
    steps = -(-rows // (recipe.batch * recipe.accumulation))
    every = "epoch" if recipe.evaluations == 1 else "steps"
    return {
        "output_dir": str(work),
        "per_device_train_batch_size": recipe.batch,
        "per_device_eval_batch_size": 1,
        "gradient_accumulation_steps": recipe.accumulation,
        "num_train_epochs": recipe.epochs,
        "learning_rate": recipe.learning_rate,
        "lr_scheduler_type": "cosine",
        "warmup_steps": recipe.warmup,
        "optim": "adamw_torch",
        "max_grad_norm": recipe.clip,
        "eval_strategy": every if evaluated else "no",
        "save_strategy": every,
        "eval_steps": -(-steps // recipe.evaluations),
        "save_steps": -(-steps // recipe.evaluations),
        "save_total_limit": 2,
        "load_best_model_at_end": evaluated,
        "restore_callback_states_from_checkpoint": True,
        "metric_for_best_model": "eval_answer_score" if evaluated else None,
        "greater_is_better": True if evaluated else None,
        "logging_steps": 1,
        "disable_tqdm": True,
        "report_to": "none",
        "remove_unused_columns": False,
        "seed": recipe.seed,
        "data_seed": recipe.seed,
        "dataloader_pin_memory": torch.cuda.is_available(),
        "use_cpu": not torch.cuda.is_available(),
    }


def _packer(renderer: Renderer, recipe: Recipe) -> Callable[[list[Any]], dict[str, torch.Tensor]]:
    """Collates rows; or examples, packed here, so that an update sees the same ones as the stock
    collator's."""

    def collated(items: list[Any]) -> dict[str, torch.Tensor]:
        rows = items if recipe.row_tokens else even_rows(items, BATCH_ROW)
        return collate(rows, renderer.pad, recipe.pad_multiple)

    return collated


def _stock_collator(
    renderer: Renderer, recipe: Recipe
) -> Callable[[list[Rendered]], dict[str, torch.Tensor]]:
    def collated(rows: list[Rendered]) -> dict[str, torch.Tensor]:
        batch = padded(rows, renderer.pad, recipe.pad_multiple)
        return {name: torch.tensor(values) for name, values in batch.items()}

    return collated


def _printer() -> type[TrainerCallback]:
    from transformers.trainer_callback import PrinterCallback

    return PrinterCallback  # type: ignore[no-any-return]


def _digest(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
