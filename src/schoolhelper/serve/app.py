"""The web application: the chat page, and a health check for whoever watches the server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import FastAPI, HTTPException, Response

from schoolhelper.config import Config
from schoolhelper.records import Entry
from schoolhelper.serve.conversation import ChatBackend
from schoolhelper.serve.student_page import build_page

_STATIC = Path(__file__).parent / "static"
_NO_DOCS: dict[str, Any] = {"docs_url": None, "redoc_url": None, "openapi_url": None}
"""There is no public API to show, and the pages that show one load scripts from another host."""

_FONTS = (
    "Pretendard",
    "Apple SD Gothic Neo",
    "Malgun Gothic",
    "Noto Sans CJK KR",
    "Noto Sans KR",
    "sans-serif",
)
"""Fonts the visitor's device already has: nothing is fetched from another host."""


def create_app(
    backend: ChatBackend,
    config: Config,
    *,
    ai_model_name: str,
    entries: Sequence[Entry] = (),
    is_ready: Callable[[], bool] = lambda: True,
) -> FastAPI:
    """The application that serves `backend`.

    `ai_model_name` is named in the notice that an AI answers. The departments of the `entries`'
    audiences become the choices of the optional profile. Until the backend `is_ready`, questions wait
    and the health check answers 503.
    """
    app = FastAPI(**_NO_DOCS)

    @app.get("/health")
    def health(response: Response) -> dict[str, str]:
        if is_ready():
            return {"status": "ok"}
        response.status_code = 503
        return {"status": "loading"}

    @app.post("/gradio_api/upload")
    def refuse_upload() -> None:
        """Gradio would store any visitor's file; the page takes none."""
        raise HTTPException(status_code=404)

    page = build_page(backend, config, ai_model_name=ai_model_name, entries=entries)
    return gr.mount_gradio_app(  # type: ignore[no-any-return]
        app,
        page,
        path="/",
        app_kwargs=_NO_DOCS,
        theme=gr.themes.Base(font=_FONTS, font_mono=("monospace",)),
        css_paths=[_STATIC / "page.css"],
        head=f"<script>{(_STATIC / 'page.js').read_text(encoding='utf-8')}</script>",
        favicon_path=str(_STATIC / "icon.svg"),
        footer_links=[],
        run_history=False,
        show_error=False,
        enable_monitoring=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
    )
