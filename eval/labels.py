"""Whether a heading path names the right clause: headings are compared by their numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .folding import folded

DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")}
UNITS = {"十": 10, "百": 100}

# Tried in this order on the folded heading (half-width brackets); "1.1" before "1.", "第一条" before "一、".
STYLES = (
    ("part", re.compile(r"第([零一二三四五六七八九十百\d]+)[章部编篇]")),
    ("article", re.compile(r"第([零一二三四五六七八九十百\d]+)条")),
    ("一、", re.compile(r"([一二三四五六七八九十百]+)[、.,]")),
    ("(一)", re.compile(r"\(([一二三四五六七八九十百]+)\)")),
    ("1.1", re.compile(r"(\d+(?:\.\d+)+)")),
    ("1.", re.compile(r"(\d+)[.、]")),
    ("(1)", re.compile(r"\((\d+)\)")),
    ("1", re.compile(r"(\d+)")),
)
ATTACHMENT = re.compile(r"附(件|表)")
FIRST_WORDS = 6  # characters of a heading without a number that must agree

Label = tuple[str, int | str]


def chinese_number(text: str) -> int:
    """``二十一`` is 21; digits are read as they are."""
    if text.isdigit():
        return int(text)
    total = pending = 0
    for character in text:
        if character in UNITS:
            total, pending = total + (pending or 1) * UNITS[character], 0
        else:
            pending = DIGITS[character]
    return total + pending


def label(heading: str) -> Label:
    """The numbering style and number of a heading; its first words where it has none."""
    text = folded(heading)
    for style, pattern in STYLES:
        if match := pattern.match(text):
            number = match.group(1)
            return style, number if style == "1.1" else chinese_number(number)
    return "text", text[:FIRST_WORDS]


def names_clause(cited: Sequence[str], gold: Sequence[str]) -> bool:
    """Whether the headings of ``gold`` occur in ``cited`` in order; attachments' labels are not asked for."""
    have = iter([label(heading) for heading in cited])
    return all(want in have for want in [label(heading) for heading in gold if not ATTACHMENT.match(folded(heading))])
