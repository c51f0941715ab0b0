"""How long until the chatbot is there? Starts what a user starts, in a new process each time.

The command line's help; one answer on the command line, from a trained school; the chat page until it
is shown, and until it has answered a first question of its own.

    python benchmarks/startup.py SCHOOL [--rounds 3]
"""

from __future__ import annotations

import argparse
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx

COMMAND = [sys.executable, "-m", "schoolhelper"]
PATIENCE = 120
"""Seconds after which the page is given up."""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def timed(work: Callable[[], None]) -> float:
    """Seconds that `work` takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def run(*words: str) -> None:
    """A command from start to end."""
    subprocess.run([*COMMAND, *words], check=True, capture_output=True)


def served(school: Path, path: str) -> None:
    """From the command until the server has this to give."""
    port = free_port()
    command = [*COMMAND, "serve", str(school), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            deadline = time.monotonic() + PATIENCE
            while server.poll() is None and time.monotonic() < deadline:
                try:
                    if httpx.get(f"http://127.0.0.1:{port}{path}", timeout=5).status_code == 200:
                        return
                except httpx.TransportError:
                    pass
                time.sleep(0.05)
            raise TimeoutError(f"nothing at {path} after {PATIENCE} s, or the command ended")
        finally:
            server.terminate()


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("school", type=Path, help="a school folder with a release")
    parser.add_argument("--question", default="도서관은 언제 닫아요?")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    school = str(options.school)
    works: dict[str, Callable[[], None]] = {
        "help": lambda: run("--help"),
        "one answer": lambda: run("ask", school, options.question),
        "page": lambda: served(options.school, "/"),
        "page that answers": lambda: served(options.school, "/health"),
    }
    print("| from the command to | median | min | max |\n| --- | --- | --- | --- |")
    for name, work in works.items():
        spent = [timed(work) for _ in range(options.rounds)]
        cells = (statistics.median(spent), min(spent), max(spent))
        print(f"| {name} | " + " | ".join(f"{each:.2f} s" for each in cells) + " |", flush=True)


if __name__ == "__main__":
    main()
