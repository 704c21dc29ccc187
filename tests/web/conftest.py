"""The whole service over the real gazettes, in this process."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from threading import Thread

import pytest
import uvicorn
from fastapi.testclient import TestClient

from assistant import Assistant
from assistant.web.app import create_app
from assistant.web.served import Served, Serving
from corpus import Corpus, Settings, settings
from indexing import ensure


@pytest.fixture(scope="session")
def assistant() -> Assistant:
    return Assistant(ensure(settings(), progress=False), settings())


@pytest.fixture(scope="session")
def corpus(assistant: Assistant) -> Corpus:
    return assistant.index.corpus


@pytest.fixture(scope="session")
def chosen(tmp_path_factory) -> Settings:
    """The settings of the process, with a database of the tests' own."""
    return settings().model_copy(update={"database": f"sqlite:///{tmp_path_factory.mktemp('records') / 'conversations.sqlite'}"})


@pytest.fixture(scope="session")
def serving(assistant: Assistant) -> Serving:
    served = Served(assistant)
    return lambda: served


@pytest.fixture(scope="session")
def client(serving: Serving, chosen: Settings) -> TestClient:
    return TestClient(create_app(serving, chosen))


@pytest.fixture(scope="session")
def served(serving: Serving, chosen: Settings) -> Iterator[str]:
    """The address of the same service on a real port, for clients that bring their own connection."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(serving, chosen), log_level="warning"))
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(20)
