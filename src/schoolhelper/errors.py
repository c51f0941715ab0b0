"""Errors that a user can act on: what went wrong, where, and what to do next."""

from __future__ import annotations


class UserError(Exception):
    """Something the user can mend.

    `message` says what is wrong and where; `hint` says what to do. Both are already in the
    user's language. The command line prints them without a traceback and leaves with
    `exit_code` (1: the input or result fails, 2: wrong usage).
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class UsageError(UserError):
    """The command was called wrongly."""

    exit_code = 2


class ConfigError(UserError):
    """`school.toml` is missing, unreadable or says something unknown."""


class SheetError(UserError):
    """The sheet cannot be read, or has problems that stop the work."""


class ExamError(UserError):
    """The exam file cannot be read or does not fit the sheet."""


class ModelError(UserError):
    """A base model, adapter or embedder is missing, damaged or not permitted."""


class RunError(UserError):
    """A run, checkpoint or release is missing, incomplete or damaged."""
