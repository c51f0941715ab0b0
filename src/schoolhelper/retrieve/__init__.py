"""A question's candidate entries, from words, characters and meaning."""

from schoolhelper.retrieve.dense import Embedder, Remembered, load_embedder
from schoolhelper.retrieve.fuse import RETRIEVERS, Retriever, Scored, Weights, fit_weights

__all__ = [
    "RETRIEVERS",
    "Embedder",
    "Remembered",
    "Retriever",
    "Scored",
    "Weights",
    "fit_weights",
    "load_embedder",
]
