from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from schoolhelper.dataset import closed_examples
from schoolhelper.models import Loaded
from schoolhelper.prompts import Renderer
from schoolhelper.train.vocabulary import cut_vocabulary, kept_tokens, needed
from tiny import ENTRIES

READ = torch.tensor([1, 5, 9, 30])


def test_what_is_read_is_what_the_model_reads(base: Loaded) -> None:
    ids = torch.tensor([[30, 1, 1], [9, 5, 30]])
    found = cut_vocabulary(base.model, READ, None).read.embedded(ids)
    assert torch.equal(found, base.model.get_input_embeddings()(ids))


def test_what_is_written_are_the_rows_of_the_head(base: Loaded) -> None:
    written = cut_vocabulary(base.model, READ, READ[1:]).written
    assert written is not None
    assert torch.equal(written.weight, base.model.get_output_embeddings().weight[READ[1:]])


def test_texts_need_their_tokens_and_what_answers_are_written_in(base: Loaded) -> None:
    renderer = Renderer(base.tokenizer)
    rendered = [renderer.render(example) for example in closed_examples(ENTRIES)]
    cut = needed(base.model, renderer, rendered, cut=True)
    assert cut.written is not None
    assert cut.written.tokens.tolist() == kept_tokens(renderer, rendered).tolist()
    assert set(cut.read.tokens.tolist()) == {renderer.pad, *(t for each in rendered for t in each.input_ids)}
    assert needed(base.model, renderer, rendered, cut=False).written is None


def test_a_table_put_away_is_read_again(base: Loaded, tmp_path: Path) -> None:
    """Also if it has changed since it was read from its file, which then does not hold it."""
    table = torch.randn(5000, 64)
    save_file({"table": table}, tmp_path / "table.safetensors")
    mapped = load_file(tmp_path / "table.safetensors")["table"]
    mapped[7] = 3.0
    table[7] = 3.0
    base.model.get_input_embeddings().weight = torch.nn.Parameter(mapped)
    cut_vocabulary(base.model, READ, None)
    assert torch.equal(mapped, table)
