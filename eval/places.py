"""Where evidence stands in the gazettes, and how much of it spans cover; white space apart throughout."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from corpus import Gazette, GazetteError, read_gazette, settings

from .folding import squeezed

ENOUGH = 0.6  # share of the evidence that spans must cover


@dataclass(frozen=True, slots=True)
class Place:
    """``[start, end)`` of a gazette, counted in characters that are not white space."""

    source: str
    start: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.start

    def touches(self, other: Place) -> bool:
        return self.source == other.source and min(self.end, other.end) > max(self.start, other.start)


class Texts:
    """The gazettes' texts with and without white space, and the way from one to the other."""

    def __init__(self, gazettes: Mapping[str, Gazette]) -> None:
        self.gazettes = dict(sorted(gazettes.items()))
        self.raw = {source: gazette.text for source, gazette in self.gazettes.items()}
        self.flat = {source: squeezed(text) for source, text in self.raw.items()}
        self._offsets = {
            source: list(accumulate((not character.isspace() for character in text), initial=0))
            for source, text in self.raw.items()
        }

    @classmethod
    def load(cls, folder: Path | None = None) -> Texts:
        """The ``*.txt`` gazettes of a folder (default: the settings'). Raises ``GazetteError`` where there is none."""
        folder = folder or settings().gazettes
        gazettes = {path.name: read_gazette(path) for path in sorted(folder.glob("*.txt"))}
        if not gazettes:
            raise GazetteError(f"no gazette found in {folder}")
        return cls(gazettes)

    def find(self, evidence: str) -> tuple[Place, ...]:
        """Every place where ``evidence`` is printed."""
        wanted, found = squeezed(evidence), []
        if not wanted:
            return ()
        for source, text in self.flat.items():
            at = text.find(wanted)
            while at >= 0:
                found.append(Place(source, at, at + len(wanted)))
                at = text.find(wanted, at + 1)
        return tuple(found)

    def place(self, source: str, start: int, end: int) -> Place | None:
        """The place of ``text[start:end]``; ``None`` where the gazette has no such characters."""
        offsets = self._offsets.get(source)
        if offsets is None or not 0 <= start < end < len(offsets):
            return None
        return Place(source, offsets[start], offsets[end])

    def printed(self, place: Place) -> tuple[int, int]:
        """The character offsets of a place in its gazette, from its first character to behind its last."""
        offsets = self._offsets[place.source]
        return bisect_right(offsets, place.start) - 1, bisect_left(offsets, place.end)


def covered(place: Place, spans: Iterable[Place | None]) -> float:
    """The share of ``place`` that the union of ``spans`` covers, 0 to 1."""
    inside = sorted(
        (max(place.start, span.start), min(place.end, span.end)) for span in spans if span and span.touches(place)
    )
    total, reached = 0, place.start
    for start, end in inside:
        total += max(0, end - max(start, reached))
        reached = max(reached, end)
    return total / max(1, place.size)


def covers(evidence: Sequence[Place], spans: Sequence[Place | None]) -> bool:
    """Whether ``spans`` cover enough of the evidence at any one of the places where it is printed."""
    return any(covered(place, spans) >= ENOUGH for place in evidence)


def first_characters(spans: Iterable[Place | None], budget: int) -> list[Place]:
    """The leading spans that hold ``budget`` characters together, the last one cut."""
    kept, left = [], budget
    for span in spans:
        if span is None:
            continue
        if span.size > left:
            kept.append(Place(span.source, span.start, span.start + left))
            break
        left -= span.size
        kept.append(span)
    return kept
