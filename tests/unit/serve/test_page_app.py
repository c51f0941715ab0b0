"""The application: healthy, closed to everyone but the page, and without other hosts."""

from __future__ import annotations

import gc
import re
import warnings
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from threading import Event

import pytest
from fastapi.testclient import TestClient

from schoolhelper.config import Both, Config, SchoolConfig
from schoolhelper.messages import catalogue
from schoolhelper.records import Answer, Entry, Lang, Profile, Question, Turn
from schoolhelper.serve.app import create_app
from schoolhelper.serve.student_page import departments


class Silent:
    """A backend that is never asked here."""

    def stream(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        profile: Profile = {},  # noqa: B006
        lang: Lang | None = None,
        today: date | None = None,
    ) -> Iterator[Answer]:
        raise NotImplementedError


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("school")
    (folder / "school.toml").write_text("", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def ready() -> Event:
    event = Event()
    event.set()
    return event


@pytest.fixture(scope="module")
def client(school: Path, ready: Event) -> Iterator[TestClient]:
    config = Config(school, SchoolConfig(name=Both("한울고등학교", "Hanul High School")))
    with warnings.catch_warnings():
        # Gradio drops event loops without closing them; collect them here, not in another test.
        warnings.simplefilter("ignore", ResourceWarning)
        app = create_app(Silent(), config, ai_model_name="gemma-3-270m", is_ready=ready.is_set)
        gc.collect()
    with TestClient(app) as client:
        yield client


def test_health(client: TestClient, ready: Event) -> None:
    assert client.get("/health").json() == {"status": "ok"}
    ready.clear()
    early = client.get("/health")
    assert (early.status_code, early.json()) == (503, {"status": "loading"})


def test_page_has_the_school_as_its_title(client: TestClient) -> None:
    assert "한울고등학교" in client.get("/").text


def test_page_asks_no_other_host(client: TestClient) -> None:
    page = client.get("/").text
    loaded = re.findall(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=\"(https?://[^\"]+)\"", page)
    assert [url for url in loaded if not url.startswith("http://testserver")] == []
    assert "fonts.googleapis" not in page + client.get("/theme.css").text


def test_no_event_is_a_public_api(client: TestClient) -> None:
    assert client.get("/gradio_api/info").json() == {"named_endpoints": {}, "unnamed_endpoints": {}}
    events = client.get("/config").json()["dependencies"]
    assert events
    assert {event["api_visibility"] for event in events} == {"private"}


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/gradio_api/runs", "/monitoring"])
def test_pages_for_developers_are_closed(client: TestClient, path: str) -> None:
    assert client.get(path).status_code in (403, 404)


def test_visitors_cannot_store_files(client: TestClient) -> None:
    assert client.post("/gradio_api/upload", files={"files": ("a.txt", b"a")}).status_code == 404


def test_school_folder_is_not_served(client: TestClient, school: Path) -> None:
    assert client.get(f"/gradio_api/file={school / 'school.toml'}").status_code in (403, 404)


def test_nothing_is_sent_to_gradio(client: TestClient) -> None:
    config = client.get("/config").json()
    assert config["analytics_enabled"] is False
    assert config["run_history"] is False


def test_departments_come_from_the_audiences() -> None:
    question = (Question("실습실은 어디예요?", "ko"),)
    entries = [
        Entry("a", question, {"ko": "3층"}, audience=(("department", ("소프트웨어과", "디자인과")),)),
        Entry("b", question, {"ko": "2층"}, audience=(("grade", ("1",)), ("department", ("디자인과",)))),
        Entry("c", question, {"ko": "1층"}),
    ]
    assert departments(entries) == ("디자인과", "소프트웨어과")


def test_every_page_text_is_used() -> None:
    folder = Path(__file__).parents[3] / "src" / "schoolhelper" / "serve"
    source = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    modes = {"verified", "generated"}
    assert [key for key in catalogue("page") if f"page.{key}" not in source and key not in modes] == []
