"""The libraries say nothing on the command line: what a user should know, the commands say."""

from __future__ import annotations

import logging
import os
import warnings


def silence() -> None:
    """Keep warnings, bars and reports of the libraries back, in this process and those it starts."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TQDM_DISABLE", "1")  # the libraries' own bars; ours show the time left
    if not os.environ.get("SCHOOLHELPER_DEBUG"):
        warnings.simplefilter("ignore")
        os.environ.setdefault("PYTHONWARNINGS", "ignore")
        logging.disable(logging.WARNING)
