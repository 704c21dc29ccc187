"""The last gate: nothing leaves that is not printed where it says it is."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from corpus import Corpus

from .model import Answer, Citation

FIGURE = re.compile(r"\d+(?:\.\d+)?%?")
MARKER = re.compile(r"\[\d+\]")


def verified(answer: Answer, *, corpus: Corpus) -> Answer:
    """The answer without a citation whose quote is not verbatim; raises where a number has no printed source."""
    sound = tuple(citation for citation in answer.citations if verbatim(citation, corpus=corpus))
    if len(sound) != len(answer.citations):
        raise AssertionError("a quotation differs from the print")
    return replace(answer, citations=sound)


def verbatim(citation: Citation, *, corpus: Corpus) -> bool:
    gazette = corpus.gazettes.get(citation.source)
    return bool(gazette and citation.quote and gazette.text[citation.start : citation.end] == citation.quote)


def figures(text: str) -> set[str]:
    """The numbers of a text, width and white space apart."""
    return set(FIGURE.findall(re.sub(r"\s", "", unicodedata.normalize("NFKC", text))))
