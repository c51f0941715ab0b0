"""The example school's page on a real server, seen through a real Chromium."""

from __future__ import annotations

import gc
import os
import shutil
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

from browser_chat import free_port
from schoolhelper.config import load_config
from schoolhelper.serve.app import create_app
from schoolhelper.sheet import load_sheet
from schoolhelper.wiring import build_answerer

EXAMPLE = Path(__file__).parents[2] / "examples" / "hanul-high"
OpenPage = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the example school's page, answering from the sheet without a trained release."""
    folder = tmp_path_factory.mktemp("schools") / "hanul-high"
    shutil.copytree(EXAMPLE, folder)
    config = load_config(folder)
    entries = load_sheet(config.sheet_path).entries
    answerer = build_answerer(config, entries, release=None)
    with warnings.catch_warnings():
        # Gradio drops event loops without closing them; collect them here, not in another test.
        warnings.simplefilter("ignore", ResourceWarning)
        app = create_app(answerer, config, ai_model_name=config.base.name, entries=entries)
        gc.collect()
    port = free_port()
    running = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not running.started and time.monotonic() < deadline:
        time.sleep(0.05)
    assert running.started
    yield f"http://127.0.0.1:{port}/"
    running.should_exit = True
    thread.join(timeout=10)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium: the one that `CHROMIUM` names, else the first on the path."""
    named = (
        os.environ.get("CHROMIUM"),
        *map(shutil.which, ("chromium", "chromium-browser", "google-chrome")),
    )
    found = next((path for path in named if path), None)
    if found is None:
        pytest.skip("no Chromium: install one (`apt install chromium`) or name it in CHROMIUM")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=found,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser, server: str) -> Iterator[OpenPage]:
    """Open the page in a window of its own; at the end nothing may have left this computer or failed."""
    contexts, foreign, errors = [], [], []

    def note(request: Request) -> None:
        if not request.url.startswith((server, "data:", "blob:")):
            foreign.append(request.url)

    def opened(query: str = "", size: tuple[int, int] = (1280, 900), dark: bool = False) -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme="dark" if dark else "light"
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("request", note)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(server + query)
        expect(page.locator(".sh-welcome")).to_be_visible(timeout=20_000)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert foreign == []
    assert errors == []


@pytest.fixture
def shot(tmp_path: Path) -> Callable[[Page, str], None]:
    """Keep a picture of the page in the folder that `SCREENSHOTS` names, else in the test's own."""
    folder = Path(os.environ.get("SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)

    def take(page: Page, name: str) -> None:
        page.wait_for_timeout(400)
        page.screenshot(path=folder / f"{name}.png")

    return take
