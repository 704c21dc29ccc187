"""What the pages show of one index: its assistant, its gazettes, and what is made of them once."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from assistant import Assistant
from corpus import Notice

from .blocks import Block, blocks
from .conversation import places
from .operator.finding import Finder
from .reader import filter_values
from .suggestions import FirstQuestions


class Served:
    """Thread-safe; it never changes."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant, self.index, self.corpus = assistant, assistant.index, assistant.index.corpus
        self.places, self.filter_values = places(self.corpus), filter_values(self.corpus)
        self.finder, self.first_questions = Finder(self.index), FirstQuestions(assistant)
        self.blocks = lru_cache(maxsize=32)(self._blocks)
        self.first_questions("")  # also loads dictionaries and models: not on a resident's time

    def _blocks(self, notice: Notice) -> list[Block]:
        """A notice's blocks with nothing marked."""
        return blocks(notice, self.corpus.clauses_of(notice), corpus=self.corpus, references=self.corpus.references_of(notice))


Serving = Callable[[], Served]  # of the index in force; a request takes it once
