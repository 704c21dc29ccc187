"""The headings that are open at a place of a text, and which of them a new number closes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .lines import Line
from .numbering import RANKS, Mark, mark_of

ITEM_ENDS = ("；", ";")
SENTENCE_ENDS = ("。", "；", ";")
DEEPER = 0.01


@dataclass(slots=True)
class Level:
    """One open heading: its mark, its label in a path, the position it stands at, and the text it opened with."""

    mark: Mark
    label: str
    position: int = -1
    text: str = ""
    heads: float = math.inf  # of a name on a line of its own: the highest rank that can begin below it
    role: bool = False  # 副组长: ended by the first whole sentence
    ends_list: bool = False  # the last of items that are a paragraph each: what follows flush belongs to the level above
    goes_on: bool = False  # it or an item before it has paragraphs of its own below it


class Levels:
    """The stack of open headings, the outermost first.

    A number of a style that is open closes that heading and all below it. A
    style that is not open yet goes below what usually stands above it; 一、
    may also stand below 第三条 or 1. where these count on behind it.
    """

    def __init__(self, lines: Sequence[Line]) -> None:
        self._stack: list[Level] = []
        # For each numbered line the value of the next number of its style.
        self._next: dict[int, int] = {}
        last: dict[str, int] = {}
        for position in range(len(lines) - 1, -1, -1):
            mark = None if lines[position].is_row else mark_of(lines[position].text)
            if mark is not None:
                self._next[position] = last.get(mark.style, 0)
                last[mark.style] = mark.value

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(level.label for level in self._stack)

    def clear(self) -> None:
        self._stack.clear()

    def in_list(self, mark: Mark) -> bool:
        """Whether the item before it, of the same style, ended in ；."""
        return any(level.text.endswith(ITEM_ENDS) for level in self._stack if self._same(level.mark, mark))

    def enter(self, mark: Mark, label: str, position: int, text: str) -> None:
        """A numbered paragraph begins."""
        stack = self._stack
        open_at = next((place for place in range(len(stack) - 1, -1, -1) if self._same(stack[place].mark, mark)), None)
        sibling: Level | None = None
        if open_at is not None:
            sibling = stack[open_at]
            del stack[open_at:]
        else:
            while stack and self._goes_before(stack[-1], mark):
                stack.pop()
        ends = sibling is not None and sibling.text.endswith(ITEM_ENDS) and not text.endswith((*ITEM_ENDS, "：", ":"))
        if sibling is not None and not sibling.goes_on and sibling.text.endswith(SENTENCE_ENDS) and text.endswith(SENTENCE_ENDS):
            ends = ends or self._next.get(position, 0) != mark.value + 1
        stack.append(Level(mark, label, position, text, ends_list=ends, goes_on=sibling is not None and sibling.goes_on))

    @staticmethod
    def _same(one: Mark, other: Mark) -> bool:
        return one.style == other.style and len(one.levels) == len(other.levels)

    def _goes_before(self, top: Level, mark: Mark) -> bool:
        """Whether a number of a style that is not open closes the innermost heading."""
        if top.mark.style == "名":
            return not (mark.value == 1 and mark.rank >= top.heads)
        if top.mark.rank < mark.rank:
            return False
        counts_on = self._next.get(top.position, 0) == top.mark.value + 1 and not mark.levels
        return not (mark.value == 1 and counts_on and top.mark.rank > mark.rank)

    def part(self, label: str, style: str) -> None:
        """A part without a number: 序言 beside the highest style, 附则 as a chapter."""
        place = next((place for place, level in enumerate(self._stack) if level.mark.style in (style, "序")), 0 if style == "序" else len(self._stack))
        del self._stack[place:]
        while self._stack and self._stack[-1].mark.rank >= Mark(style, 0, 0).rank:
            self._stack.pop()
        self._stack.append(Level(Mark(style, 0, 0), label))

    def name(self, label: str, *, alone: bool, marked: bool = False, role: bool = False) -> None:
        """A heading without a number, in the place of the one before it.

        ``alone`` on its line it can head numbers: any where it is ``marked`` as a
        heading, else what goes below the number it stands under itself.
        """
        place = next((place for place, level in enumerate(self._stack) if level.mark.style == "名"), len(self._stack))
        del self._stack[place:]
        lowest = RANKS["一、"] if marked else self._stack[-1].mark.rank + DEEPER if self._stack else RANKS["1."]
        self._stack.append(Level(Mark("名", 0, 0), label, heads=lowest if alone else math.inf, role=role))

    def leave_list(self) -> None:
        """An unnumbered paragraph after the last item of a list belongs to what the list belongs to."""
        if self._stack and self._stack[-1].ends_list:
            self._stack.pop()
        if self._stack:
            self._stack[-1].ends_list, self._stack[-1].goes_on = False, True

    def leave_roles(self, text: str) -> None:
        """A list of members ends with the first whole sentence."""
        if self._stack and self._stack[-1].role and text.endswith(("。", "：", ":")):
            self._stack.pop()
