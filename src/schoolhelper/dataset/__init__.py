"""Entries become training examples, folds and files."""

from schoolhelper.dataset.examples import (
    NO,
    YES,
    Example,
    Foreign,
    Task,
    Worded,
    closed_examples,
    grounded_examples,
    judge_context,
    judge_examples,
)
from schoolhelper.dataset.files import read_examples, write_examples
from schoolhelper.dataset.folds import Asked, Fold, make_folds

__all__ = [
    "NO",
    "YES",
    "Asked",
    "Example",
    "Fold",
    "Foreign",
    "Task",
    "Worded",
    "closed_examples",
    "grounded_examples",
    "judge_context",
    "judge_examples",
    "make_folds",
    "read_examples",
    "write_examples",
]
