"""What the tests of the corpus share: the five gazettes, parsed once, and what they print on a line."""

from __future__ import annotations

import pytest

from corpus import Corpus, load_corpus, settings


@pytest.fixture(scope="session")
def gazettes() -> Corpus:
    return load_corpus(settings().gazettes)


@pytest.fixture(scope="session")
def clauses_on(gazettes):
    """The clauses that print something on a line of a gazette, by the beginning of its file name and the 1-based line."""

    def found(name: str, line: int):
        parsed = next(item for item in gazettes.parsed if item.gazette.source.startswith(name))
        text = parsed.gazette.text
        start = 0
        for _ in range(line - 1):
            start = text.index("\n", start) + 1
        end = text.find("\n", start)
        return gazettes.clauses_at(parsed.gazette.source, start, end if end >= 0 else len(text))

    return found
