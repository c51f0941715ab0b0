"""Run as a program: serve a tiny Gemma as the gated google/gemma-2b-it from a hub on this machine, visit it
in every way, and print what happened as JSON. A program of its own, because the hub's library reads the
hub's address once, on import."""

from __future__ import annotations

import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

TOKEN = "hf_of_the_school"
COMMITS = {"main": "a" * 40, "v2": "b" * 40}
FOLDER = Path(sys.argv[1])
SEEN: list[dict[str, str]] = []


class Hub(BaseHTTPRequestHandler):
    """As much of the hub as fetching a model asks for."""

    def do_HEAD(self) -> None:
        self.do_GET(body=False)

    def do_GET(self, body: bool = True) -> None:
        authorization = self.headers.get("Authorization", "")
        SEEN.append({"path": self.path, "authorization": authorization})
        if not self.path.startswith("/google/gemma-2b-it/resolve/"):
            known = "gemma-2b-it" in self.path
            return self.refuse(404 if known else 401, "EntryNotFound" if known else "RepoNotFound")
        if authorization != f"Bearer {TOKEN}":
            return self.refuse(401, "GatedRepo")
        revision, name = self.path.removeprefix("/google/gemma-2b-it/resolve/").split("/", 1)
        if not (FOLDER / name).is_file():
            return self.refuse(404, "EntryNotFound")
        data = (FOLDER / name).read_bytes()
        self.send_response(200)
        self.send_header("X-Repo-Commit", COMMITS.get(revision, revision))
        self.send_header("ETag", f'"{hash(data):x}"')
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if body:
            self.wfile.write(data)
        return None

    def refuse(self, status: int, code: str) -> None:
        self.send_response(status)
        self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


def visit(name: str, token: str = "", revision: str = "") -> dict[str, Any]:
    """What `load_base` gives or says."""
    from schoolhelper.errors import ModelError
    from schoolhelper.models import load_base

    SEEN.clear()
    os.environ["HF_TOKEN"] = token
    try:
        loaded = load_base(name, revision=revision, on="cpu")
    except ModelError as error:
        return {"message": error.message, "hint": error.hint}
    return {
        "path": loaded.path,
        "kind": type(loaded.model).__name__,
        "template": "<start_of_turn>" in loaded.tokenizer.chat_template,
        "weights": float(loaded.model.get_input_embeddings().weight.detach().float().sum()),
        "tokens_sent": sorted({seen["authorization"] for seen in SEEN}),
        "revisions": sorted({s["path"].split("/")[4] for s in SEEN if "/resolve/" in s["path"]}),
    }


def main() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    os.environ["HF_ENDPOINT"] = f"http://127.0.0.1:{server.server_port}"
    said = {
        "no token": visit("google/gemma-2b-it"),
        "unknown": visit("school/no-such-model", TOKEN),
        "token": visit("google/gemma-2b-it", TOKEN),
        "preset": visit("gemma-2b-it", TOKEN),
        "revision": visit("google/gemma-2b-it", TOKEN, "v2"),
    }
    server.shutdown()
    server.server_close()
    said["cached, no network"] = visit("google/gemma-2b-it", TOKEN)
    print(json.dumps(said))


if __name__ == "__main__":
    main()
