"""The whole service over the real gazettes, in this process."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from assistant import Assistant
from assistant.web.app import create_app
from corpus import Corpus, settings
from indexing import ensure


@pytest.fixture(scope="session")
def assistant() -> Assistant:
    return Assistant(ensure(settings(), progress=False), settings())


@pytest.fixture(scope="session")
def corpus(assistant: Assistant) -> Corpus:
    return assistant.index.corpus


@pytest.fixture(scope="session")
def client(assistant: Assistant) -> TestClient:
    return TestClient(create_app(assistant, settings()))
