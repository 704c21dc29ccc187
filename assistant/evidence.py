"""How much of a question a text covers: its words weighed by rarity in the corpus."""

from __future__ import annotations

import math
import re
from functools import cached_property

from indexing import Index
from indexing.terms import words

FILLER = re.compile(r"(?:请问|想问|我想|我们|咱们|你们|听说|那个|这个|一下|到底|现在|还是|什么|怎么|多少|哪些|哪个|可以|能不能|有没有|是不是)")


class Evidence:
    """The words of one question with their weights."""

    def __init__(self, question: str, *, index: Index) -> None:
        self.question = question
        self.weights = {}
        frequency = document_frequency(index)
        for word in dict.fromkeys(words(FILLER.sub(" ", question))):
            if len(word) > 1 or not "\u4e00" <= word <= "\u9fff":
                self.weights[word] = math.log(1 + len(index.passages) / (1 + frequency.get(word, 0)))
        self._known = {word for word in self.weights if frequency.get(word)}

    @cached_property
    def total(self) -> float:
        return sum(self.weights.values()) or 1.0

    @property
    def unknown(self) -> float:
        """The share of the question's weight that no passage has."""
        return sum(weight for word, weight in self.weights.items() if word not in self._known) / self.total

    def coverage(self, text: str) -> float:
        """The share of the question's weight that stands in ``text``."""
        return sum(weight for word, weight in self.weights.items() if word in text.lower()) / self.total


_FREQUENCIES: dict[int, dict[str, int]] = {}


def document_frequency(index: Index) -> dict[str, int]:
    if id(index) not in _FREQUENCIES:
        table: dict[str, int] = {}
        for passage in index.passages:
            for word in set(words(passage.embedded_text)):
                table[word] = table.get(word, 0) + 1
        _FREQUENCIES.clear()
        _FREQUENCIES[id(index)] = table
    return _FREQUENCIES[id(index)]
