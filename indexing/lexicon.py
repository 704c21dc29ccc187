"""A person's words to the gazettes': 鞭炮 -> 烟花爆竹. The entries stand in ``lexicon.yaml``, open to whoever adds one."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml

from corpus.normalise import normalise


@lru_cache(maxsize=1)
def longest_first() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The entries in the order in which a question is searched for them."""
    return tuple(sorted(entries().items(), key=lambda pair: -len(pair[0])))


@lru_cache(maxsize=1)
def entries() -> dict[str, tuple[str, ...]]:
    """What is said, normalised, to the words of the rules."""
    table = yaml.safe_load((Path(__file__).parent / "lexicon.yaml").read_text("utf-8"))
    return {normalise(str(said)): tuple(normalise(word) for word in ruled) for said, ruled in table.items()}


def mapped(question: str) -> list[str]:
    """The rules' words for what a question says, those that it has itself left out.

    >>> mapped("家门口能放鞭炮吗")
    ['烟花爆竹']
    """
    plain = normalise(question)
    words = (word for said, ruled in entries().items() if said in plain for word in ruled if word not in plain)
    return list(dict.fromkeys(words))


def concepts(question: str) -> tuple[list[tuple[str, ...]], str]:
    """Each thing that a question says in a person's words, with the rules' words for it; and the question without them, normalised.

    >>> concepts("家门口能放鞭炮吗")
    ([('鞭炮', '烟花爆竹')], '家门口能放 吗')
    """
    left, found = normalise(question), []
    for said, ruled in longest_first():
        # 失业 in 登记失业人员: the question has the rules' word already.
        if said in left and not any(said in word and word in left for word in ruled):
            found.append((said, *ruled))
            left = left.replace(said, " ")
    return found, left
