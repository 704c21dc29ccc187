"""What the tests of the assistant share: the five gazettes indexed, and the assistant over them."""

from __future__ import annotations

import pytest

from assistant import Assistant
from corpus import Corpus, settings
from indexing import ensure


@pytest.fixture(scope="session")
def assistant() -> Assistant:
    return Assistant(ensure(settings(), progress=False), settings())


@pytest.fixture(scope="session")
def corpus(assistant: Assistant) -> Corpus:
    return assistant.index.corpus
