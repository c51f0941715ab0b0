"""Matching words and characters.

Words are Kiwi's Korean morphemes (content words only) and English words, ranked by BM25 (bm25s).
Character n-grams catch slang, typos and missing spaces that a morphological analyser trips over.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]

_CONTENT = ("N", "V", "MAG", "XR", "SL", "SN", "SH")
_EMPTY = {
    "있",
    "하",
    "되",
    "이",
    "어떻",
    "어떡하",
    "알",
    "싶",
    "주",
    "것",
    "수",
    "the",
    "is",
    "a",
    "to",
    "do",
}


@cache
def _kiwi() -> Any:
    from kiwipiepy import Kiwi

    return Kiwi(num_workers=1, load_multi_dict=False)  # names of several words: a second, and not ours


def normalise(message: str) -> str:
    """One form for the same text: NFKC, lower case, single spaces."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", message)).strip().lower()


@lru_cache(maxsize=1 << 17)  # a sheet of ten thousand entries, whole
def morphemes(message: str) -> list[str]:
    """The content words of a message, in order; never empty for a non-empty message."""
    found = [token.form for token in _kiwi().tokenize(normalise(message)) if token.tag.startswith(_CONTENT)]
    return [word for word in found if word not in _EMPTY] or found or [normalise(message)]


def tagged(message: str) -> Sequence[Any]:
    """Kiwi's tokens of a message as it stands: `form`, `tag`, `start` and `end` in characters."""
    found: Sequence[Any] = _kiwi().tokenize(message)
    return found


def spaced(message: str) -> str:
    """A Korean message spaced as Kiwi would write it."""
    found: str = _kiwi().space(message)
    return found


def sentences(message: str) -> list[str]:
    """The sentences of a message, also where their marks are missing."""
    return [each.text for each in _kiwi().split_into_sents(message)]


class MorphemeIndex:
    """BM25 over morphemes, squashed to [0, 1)."""

    def __init__(self, texts: Sequence[str]) -> None:
        import bm25s

        corpus = [morphemes(each) for each in texts]
        self.known = {word for words in corpus for word in words}
        self.size = len(corpus)
        self.index = bm25s.BM25(method="lucene")
        self.index.index(corpus, show_progress=False)

    def scores(self, questions: Sequence[str]) -> Scores:
        """Scores in [0, 1), shape (questions, texts)."""
        out = np.zeros((len(questions), self.size), dtype=np.float32)
        for row, question in enumerate(questions):
            words = [word for word in morphemes(question) if word in self.known]
            if words:
                out[row] = self.index.get_scores(words)
        return out / (out + 4.0)


class CharacterIndex:
    """Cosine of character 2- to 4-grams with TF-IDF weights, spaces left out.

    Logarithmic counts and smoothed document frequencies, as scikit-learn's `TfidfVectorizer` has them
    (`sublinear_tf`), which takes a second to import.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        grams = [_ngrams(each) for each in texts]
        self.places = {gram: place for place, gram in enumerate(dict.fromkeys(chain(*grams)))}
        counts = self._counted(grams)
        self.rarity = (
            np.log((1 + len(texts)) / (1 + np.bincount(counts.indices, minlength=len(self.places)))) + 1
        )
        # Turned once: a product turns it again for each question otherwise.
        self.matrix = self._weighed(counts).T.tocsr()

    def scores(self, questions: Sequence[str]) -> Scores:
        """Scores in [0, 1], shape (questions, texts)."""
        asked = self._counted([[g for g in _ngrams(each) if g in self.places] for each in questions])
        return np.asarray((self._weighed(asked) @ self.matrix).toarray(), dtype=np.float32)

    def _counted(self, grams: Sequence[Sequence[str]]) -> Any:
        """How often each text has each known n-gram, sparse, (texts, n-grams)."""
        from scipy.sparse import csr_array

        places = [self.places[gram] for gram in chain(*grams)]
        owner = np.repeat(np.arange(len(grams)), [len(each) for each in grams])
        return csr_array((np.ones(len(places)), (owner, places)), shape=(len(grams), len(self.places)))

    def _weighed(self, counts: Any) -> Any:
        """The texts' weights, each text a unit vector."""
        weights = (1 + np.log(counts.data)) * self.rarity[counts.indices]
        owner = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
        counts.data = weights / np.sqrt(np.bincount(owner, weights**2))[owner]
        return counts


def _ngrams(message: str) -> list[str]:
    """Two to four characters in a row, spaces and marks left out, with signs for beginning and end."""
    said = re.sub(r"[^0-9a-z가-힣ㄱ-ㅎㅏ-ㅣ]", "", normalise(message))
    marked = f"^{said}$"
    return [marked[at : at + size] for size in (2, 3, 4) for at in range(len(marked) - size + 1)]
