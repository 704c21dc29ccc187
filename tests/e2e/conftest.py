"""The real program on a free port and a real Chromium in front of it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run", "--no-default-browser-check", *(["--no-sandbox"] if os.geteuid() == 0 else []),
]
PATIENCE = 280  # seconds for a first start, which unpacks the model and builds the index
NAME, PASSWORD = "王敏", "an ordinary long password"
CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}


class Service:
    """``python app.py`` as a person starts it, on a free port, with a database of its own; it can be started again; ``more`` are further settings."""

    def __init__(self, folder: Path, *, allowed_site: str = "", **more: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.home, self.output = f"http://127.0.0.1:{self.port}", folder / "output.txt"
        self.settings = {
            "GAZETTE_PORT": str(self.port), "GAZETTE_DATABASE": f"sqlite:///{folder / 'conversations.sqlite'}",
            "GAZETTE_ALLOWED_SITES": allowed_site, **more,
        }

    def start(self) -> None:
        with self.output.open("a") as file:
            self.program = subprocess.Popen(
                [sys.executable, "app.py"], cwd=ROOT, env=os.environ | self.settings, stdout=file, stderr=subprocess.STDOUT
            )
        until = time.monotonic() + PATIENCE
        while not answers(f"{self.home}/readyz"):
            assert self.program.poll() is None and time.monotonic() < until, self.output.read_text()[-3000:]
            time.sleep(0.3)

    @cached_property
    def operator(self) -> str:
        """Added once, as an administrator does it."""
        subprocess.run(
            [sys.executable, "-m", "assistant", "operators", "add", NAME], cwd=ROOT, env=os.environ | self.settings, text=True,
            input=f"{PASSWORD}\n", check=True, capture_output=True,
        )
        return NAME

    def stop(self) -> None:
        self.program.terminate()
        self.program.wait(20)


class Site(ThreadingHTTPServer):
    """Somebody else's web site: ``pages`` are its pages by path, ``policy`` its content policy; another site to a browser than ours."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), SiteRequest)
        self.pages: dict[str, str] = {}
        self.policy = ""
        self.home, self.elsewhere = f"http://localhost:{self.server_port}", f"http://other.localhost:{self.server_port}"


class SiteRequest(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        page = self.server.pages.get(self.path)
        self.send_response(200 if page else 404)
        self.send_header("content-type", "text/html; charset=utf-8")
        if self.server.policy:
            self.send_header("content-security-policy", self.server.policy)
        self.end_headers()
        self.wfile.write((page or "").encode())

    def log_message(self, *_: object) -> None:
        """Nothing: the tests' output is for what fails."""


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    site = Site()
    Thread(target=site.serve_forever, daemon=True).start()
    yield site
    site.shutdown()


@pytest.fixture(scope="session")
def service(tmp_path_factory, site: Site) -> Iterator[Service]:
    service = Service(tmp_path_factory.mktemp("service"), allowed_site=site.home)
    service.start()
    yield service
    service.stop()


@pytest.fixture
def address(service: Service) -> str:
    return service.home


def answers(address: str) -> bool:
    try:
        return urlopen(address, timeout=5).status == 200
    except (URLError, OSError):
        return False


# Closed after the last of these tests: while it is open, no other test can run an event loop of its own.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The system's Chromium, or the one Playwright brings."""
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """Opens a page of the service in a fresh profile; a request that leaves the server or an error in a script fails the test."""
    contexts, strangers, errors = [], [], []

    def opened(path: str = "/", *, viewport: dict = PHONE, **more: object) -> Page:
        context = browser.new_context(viewport=viewport, locale="zh-CN", reduced_motion="reduce", **more)
        contexts.append(context)
        own = (address, "data:", "blob:", "about:")
        context.on("request", lambda request: strangers.append(request.url) if not request.url.startswith(own) else None)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.goto(f"{address}{path}")
        if path.partition("#")[0] == "/":
            page.locator("#question textarea").wait_for()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not strangers, "a request left the server"
    assert not errors


@pytest.fixture
def open_console(open_page, service: Service) -> Callable[..., Page]:
    """A page of the console, logged in by typing only."""

    def opened(path: str = "/operator", **more: object) -> Page:
        operator = service.operator
        page = open_page(path, **{"viewport": DESK, **CLIPBOARD, **more})
        ready(page)
        page.keyboard.type(operator)
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{path}")
        if path == "/operator":
            ready(page)
        return page

    return opened


def ready(page: Page) -> None:
    """The page has put the cursor where one types: who types earlier types into nothing."""
    expect(page.locator("[autofocus]")).to_be_focused()
