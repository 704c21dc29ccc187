"""Conditions and exceptions of a cited sentence that the answer leaves out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .folding import folded

if TYPE_CHECKING:
    from .figures import Judged

# The words by which an official text limits a rule; a longer word stands before one that it holds.
CONDITION = re.compile("除外|除非|不包括|不适用|不得|不予|不再|不能|必须|须|同时|以上|以下|以内|但|仅限|方可|逾期")
# A sentence that opens like this limits the one before it.
BINDING = re.compile("但|除|不得|不再|不予|未|须|必须|同时|逾期|否则|仅限|上述|前款|前述|其中")
SENTENCE_END = re.compile(r"[。;；!！?？]")
PIECE_END = re.compile(r"[,，、:：()（）]")
LEAST = 6     # characters of a piece that, found in the answer, show that its sentence was used
MEANT = 4     # characters of a piece that says something: 同时 alone does not
SAID = 0.5    # share of a piece's character pairs that count as having said it in other words


def omitted_conditions(one: Judged) -> tuple[str, ...]:
    """The pieces with a condition or exception word that the answer drops from sentences it otherwise uses, as printed.

    A piece is what stands between two commas. A sentence that the answer takes
    nothing from is not its matter, however much of the clause is cited, unless
    it follows in the same paragraph and opens as a limit of the one used.
    """
    if one.refused:
        return ()
    answer = folded(one.record.answer)
    pairs = character_pairs(answer)
    found: dict[str, None] = {}
    for item, span in zip(one.record.citations, one.cited, strict=True):
        was_used = False
        for sentence in SENTENCE_END.split(folded(one.to_paragraph_end(item))) if span else ():
            pieces = [piece for piece in PIECE_END.split(sentence) if piece]
            used = any(len(piece) >= LEAST and piece in answer for piece in pieces)
            if used or (was_used and BINDING.match(sentence)):
                found.update(dict.fromkeys(piece for piece in pieces if len(piece) >= MEANT and CONDITION.search(piece) and not said(piece, pairs)))
            was_used = used
    return tuple(found)


def said(piece: str, pairs: set[str]) -> bool:
    own = character_pairs(piece)
    return not own or len(own & pairs) / len(own) >= SAID


def character_pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}
