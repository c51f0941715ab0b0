"""Tiny real models: a byte-level BPE tokenizer with Gemma's special tokens and two small random Gemmas."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from schoolhelper.dataset import Example, Worded
from schoolhelper.models import Loaded, load_base
from schoolhelper.records import Entry, Question

SPECIAL = ["<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>"]

ENTRIES = (
    Entry(
        "library",
        (
            Question("도서관은 몇 시까지 열어요?", "ko", 2),
            Question("도서관 닫는 시간 알려 주세요.", "ko", 3),
            Question("When does the library close?", "en", 4),
        ),
        {"ko": "오후 6시까지 엽니다.", "en": "It closes at 6 p.m."},
    ),
    Entry(
        "lunch",
        (
            Question("점심시간은 언제예요?", "ko", 5),
            Question("점심은 몇 시에 먹어요?", "ko", 6),
            Question("What time is lunch?", "en", 7),
        ),
        {"ko": "12시 30분부터입니다.", "en": "From 12:30."},
    ),
    Entry(
        "nurse",
        (
            Question("보건실은 어디에 있어요?", "ko", 8),
            Question("배가 아픈데 어디로 가야 해요?", "ko", 9),
            Question("Where is the nurse's office?", "en", 10),
        ),
        {"ko": "본관 1층에 있습니다.", "en": "On the first floor."},
    ),
    Entry(
        "uniform",
        (Question("체육복을 입고 등교해도 되나요?", "ko", 11), Question("등교할 때 체육복 돼요?", "ko", 12)),
        {"ko": "체육 수업이 있는 날만 됩니다."},
    ),
    Entry("wifi", (Question("와이파이 비밀번호가 뭐예요?", "ko", 13),), {"ko": "교무실에 물어보세요."}),
)


def verified(entries: Iterable[Entry]) -> list[Worded]:
    """Every wording answered with the verified text."""
    return [(entry, asked, entry.answer(asked.lang)) for entry in entries for asked in entry.questions]


def closed(question: str, completion: str, entry: str = "library") -> Example:
    """An example of the reference recipe."""
    return Example("closed", question, "ko", completion, entry)


def make_tokenizer(folder: Path) -> Any:
    """Train a small tokenizer on the entries and save it; without a chat template, as Gemma's base has."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    lines = [q.text for e in ENTRIES for q in e.questions] + [a for e in ENTRIES for a in e.answers.values()]
    lines += ["예", "아니요", "답이 있나요?", "user\n", "model\n", "assistant\n"] * 4
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(lines, trainer)
    tokenizer.post_processor = processors.TemplateProcessing("<bos> $A", special_tokens=[("<bos>", 2)])
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        eos_token="<eos>",
        bos_token="<bos>",
        unk_token="<unk>",
        extra_special_tokens=["<start_of_turn>", "<end_of_turn>"],
    )
    wrapped.save_pretrained(folder)
    return wrapped


def make_model(folder: Path, kind: str, **changes: Any) -> Path:
    """A random `gemma` (as gemma-2b-it) or `gemma3` of 2 layers with its tokenizer, in safetensors."""
    import torch
    from transformers import Gemma3ForCausalLM, Gemma3TextConfig, GemmaConfig, GemmaForCausalLM

    tokenizer = make_tokenizer(folder)
    shape: dict[str, Any] = {
        "vocab_size": len(tokenizer),
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 1,
        "head_dim": 8,
        "max_position_embeddings": 512,
        "pad_token_id": 0,
        "eos_token_id": 1,
        "bos_token_id": 2,
        "tie_word_embeddings": True,
        "initializer_range": 0.2,
        **changes,
    }
    torch.manual_seed(0)
    model: Any
    if kind == "gemma":
        model = GemmaForCausalLM(GemmaConfig(**shape))
    else:
        layers = ["sliding_attention", "full_attention"]
        model = Gemma3ForCausalLM(
            Gemma3TextConfig(**shape, sliding_window=32, query_pre_attn_scalar=8, layer_types=layers)
        )
    model.get_input_embeddings().weight.data *= 2  # so that tied logits can be sure of a token
    model.save_pretrained(folder)
    return folder


def load_exact(folder: Path) -> Loaded:
    """A tiny model on the CPU in float32, so that equal things can be told from nearly equal ones."""
    loaded = load_base(str(folder), on="cpu")
    model = loaded.model.float()
    embedding = model.get_input_embeddings()
    if hasattr(embedding, "embed_scale"):  # which was rounded to bf16
        embedding.embed_scale.fill_(model.config.hidden_size**0.5)
    return replace(loaded, model=model)


def adapter_of(model: Any) -> dict[str, Any]:
    """The adapter's weights by name, as they are now."""
    return {name: w.detach().clone() for name, w in model.named_parameters() if "lora_" in name}


def let_speak(model: Any, std: float) -> Any:
    """The adapted model, whose adapter says something: B starts at zero, here it does not."""
    import torch

    for name, weight in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=std)
    return model
