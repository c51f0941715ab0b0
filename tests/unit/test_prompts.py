from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from schoolhelper.dataset import Example, closed_examples, grounded_examples
from schoolhelper.errors import ModelError
from schoolhelper.models import load_tokenizer
from schoolhelper.prompts import IGNORED, Rendered, Renderer, check_prompts, padded, save_prompts
from tiny import ENTRIES, closed, verified

CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
JUDGE = Example(
    "judge",
    "도서관 언제 닫아요?",
    "ko",
    "예",
    "library",
    (("도서관은 몇 시까지 열어요?", "오후 6시까지 엽니다."),),
)


@pytest.fixture
def tokenizer(tiny_gemma: Path) -> Any:
    return load_tokenizer(str(tiny_gemma))


def all_examples() -> list[Example]:
    return [*closed_examples(ENTRIES), *grounded_examples(verified(ENTRIES), seed=1), JUDGE]


def test_hangul_survives_the_tokenizer(tokenizer: Any) -> None:
    said = "뷁, 체육관 3층 😀"
    assert tokenizer.decode(tokenizer.encode(said, add_special_tokens=False)) == said


def test_every_prompt_has_one_bos_though_tokenizer_and_template_both_write_one(tokenizer: Any) -> None:
    assert tokenizer.encode("질문")[0] == tokenizer.bos_token_id
    assert "bos_token" in tokenizer.chat_template
    for example in all_examples():
        assert Renderer(tokenizer).prompt(example).count(tokenizer.bos_token_id) == 1


def test_a_template_that_writes_no_bos_still_gets_one(tokenizer: Any) -> None:
    tokenizer.chat_template = tokenizer.chat_template.replace("{{ bos_token }}", "")
    prompt = Renderer(tokenizer).prompt(closed("점심시간은 언제예요?", "12시 30분부터입니다."))
    assert prompt[0] == tokenizer.bos_token_id
    assert prompt.count(tokenizer.bos_token_id) == 1


def test_only_the_answer_is_learned_and_the_end_of_turn_comes_last(tokenizer: Any) -> None:
    renderer = Renderer(tokenizer)
    for example in all_examples():
        prompt, rendered = renderer.prompt(example), renderer.render(example)
        assert rendered.input_ids[: len(prompt)] == prompt
        assert rendered.labels[: len(prompt)] == [IGNORED] * len(prompt)
        assert rendered.labels[len(prompt) :] == rendered.input_ids[len(prompt) :]
        learned = [label for label in rendered.labels if label != IGNORED]
        if example.task == "judge":
            assert learned == [renderer.yes]
            continue
        assert tokenizer.decode(learned[:-1]) == example.completion
        assert learned[-1] == tokenizer.convert_tokens_to_ids("<end_of_turn>") == renderer.end


def test_the_answer_does_not_change_the_prompt(tokenizer: Any) -> None:
    renderer = Renderer(tokenizer)
    for example in all_examples():
        assert renderer.prompt(example) == renderer.prompt(replace(example, completion="다른 답변"))


def test_tokens_are_the_templates_own(tokenizer: Any) -> None:
    """What is trained on reads as the template renders the whole conversation, up to the end of turn."""
    example = closed("도서관은 몇 시까지 열어요?", "오후 6시까지 엽니다.")
    turns = [
        {"role": "user", "content": example.question},
        {"role": "assistant", "content": example.completion},
    ]
    whole = tokenizer.apply_chat_template(turns, tokenize=False)
    assert tokenizer.decode(Renderer(tokenizer).render(example).input_ids) == whole.rstrip("\n")


def test_context_and_question_are_all_in_the_prompt(tokenizer: Any) -> None:
    prompt = tokenizer.decode(Renderer(tokenizer).prompt(JUDGE))
    wording, answer = JUDGE.context[0]
    assert prompt.index(wording) < prompt.index(answer) < prompt.index(JUDGE.question)


def test_braces_in_a_schools_text_are_text(tokenizer: Any) -> None:
    prompt = Renderer(tokenizer).prompt(closed("{question} {{ bos_token }} 이게 뭐예요?", "모르겠어요."))
    assert "{question} {{ bos_token }} 이게 뭐예요?" in tokenizer.decode(prompt)
    assert prompt.count(tokenizer.bos_token_id) == 1


def test_a_template_of_another_family(tiny_gemma: Path) -> None:
    tokenizer = load_tokenizer(str(tiny_gemma))
    tokenizer.add_special_tokens({"extra_special_tokens": ["<|im_start|>", "<|im_end|>"]})
    tokenizer.chat_template = CHATML
    tokenizer.bos_token = None
    renderer = Renderer(tokenizer)
    rendered = renderer.render(closed("점심시간은 언제예요?", "12시 30분부터입니다."))
    assert renderer.end == tokenizer.convert_tokens_to_ids("<|im_end|>")
    assert tokenizer.decode(rendered.input_ids) == (
        "<|im_start|>user\n점심시간은 언제예요?<|im_end|>\n"
        "<|im_start|>assistant\n12시 30분부터입니다.<|im_end|>"
    )


def test_yes_and_no_must_begin_with_different_tokens(tokenizer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    renderer = Renderer(tokenizer)
    assert renderer.yes != renderer.no
    monkeypatch.setattr("schoolhelper.prompts.NO", "예 아님")
    with pytest.raises(ModelError):
        Renderer(tokenizer)


@pytest.mark.parametrize(
    "template",
    ["", "{{ messages[0].content }}", "{% for m in messages %}{{ m.content }}{% endfor %}"],
    ids=["none", "answer hidden", "no end of turn"],
)
def test_templates_that_cannot_teach_an_answer_are_refused(tokenizer: Any, template: str) -> None:
    tokenizer.chat_template = template or None
    with pytest.raises(ModelError) as caught:
        Renderer(tokenizer)
    assert caught.value.hint


def test_batches_are_padded_right_to_a_multiple() -> None:
    rows = [
        Rendered([2, 7, 8, 9, 5], [IGNORED, IGNORED, 8, 9, 5]),
        Rendered([2, 7, 5], [IGNORED, IGNORED, 5]),
    ]
    batch = padded(rows, pad=0, multiple=8)
    assert batch["input_ids"] == [[2, 7, 8, 9, 5, 0, 0, 0], [2, 7, 5, 0, 0, 0, 0, 0]]
    assert batch["labels"][1] == [IGNORED, IGNORED, 5] + [IGNORED] * 5
    assert batch["attention_mask"] == [[1, 1, 1, 1, 1, 0, 0, 0], [1, 1, 1, 0, 0, 0, 0, 0]]
    nine = Rendered([1] * 9, [1] * 9)
    assert len(padded([nine], pad=0, multiple=8)["input_ids"][0]) == 16


def test_prompts_are_kept_beside_the_model(tmp_path: Path) -> None:
    save_prompts(tmp_path)
    check_prompts(tmp_path)


@pytest.mark.parametrize("key", ["version", "templates", "yes", "no"])
def test_a_model_of_other_prompts_is_refused(tmp_path: Path, key: str) -> None:
    save_prompts(tmp_path)
    path = tmp_path / "prompts.json"
    saved = json.loads(path.read_text(encoding="utf-8"))
    saved[key] = {"closed": "다른 틀: {question}"} if key == "templates" else "다름"
    path.write_text(json.dumps(saved), encoding="utf-8")
    with pytest.raises(ModelError, match=str(tmp_path)):
        check_prompts(tmp_path)
