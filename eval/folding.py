"""What counts as the same text: white space, width, markup and bracket style make no difference to a fact."""

from __future__ import annotations

import re
import unicodedata

WHITE = re.compile(r"\s+")
MARKUP = re.compile(r"[\s*#`_>|\\$]+")
NUMBER = re.compile(r"\d+(?:\.\d+)?%?")
MARKER = re.compile(r"\[\d+\]")
ONE_STYLE = str.maketrans({"〔": "[", "〕": "]", "“": '"', "”": '"'})


def squeezed(text: str) -> str:
    """``text`` without white space."""
    return WHITE.sub("", text)


def folded(text: str) -> str:
    """``text`` in NFKC, lower case, without white space and markup, with one style of brackets and quotes."""
    return MARKUP.sub("", unicodedata.normalize("NFKC", text)).translate(ONE_STYLE).lower()


def numbers_in(text: str) -> set[str]:
    """The numbers of a text as written: ``3``, ``3.5``, ``30%``."""
    return set(NUMBER.findall(folded(text)))


def without_markers(text: str) -> str:
    """An answer without its ``[1]``."""
    return MARKER.sub("", text)
