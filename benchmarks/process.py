"""What benchmarks share: each thing runs in a process of its own, so that its memory is its own and nothing
is warm; times are told in the same way."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

KIB_A_GIB = 2**20


def peak_memory() -> float:
    """The most memory that this process has had, in GiB (`ru_maxrss` counts KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_A_GIB


def in_new_process(script: str, *words: str | Path | int) -> Any:
    """What `script` prints last, as JSON.

    Raises:
        subprocess.CalledProcessError: it fails.
    """
    command = [sys.executable, script, *map(str, words)]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(said.splitlines()[-1])


def percentiles(seconds: Sequence[float]) -> str:
    """Median and 95th percentile, in milliseconds."""
    return "{:.0f} / {:.0f} ms".format(*np.percentile(seconds, [50, 95]) * 1000)
