"""Which passages belong to a district, a year, a notice: masks over passage positions."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

import numpy as np

from .model import Passage


class Filters:
    """Positions of the passages by district, year and notice key."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self.count = len(passages)
        self.districts = self._positions((passage.district,) for passage in passages)
        self.years = self._positions(passage.years for passage in passages)
        self.notices = self._positions((passage.notice,) for passage in passages)

    @staticmethod
    def _positions(values: Iterable[Iterable[Hashable]]) -> dict[Hashable, np.ndarray]:
        found: dict[Hashable, list[int]] = {}
        for position, names in enumerate(values):
            for name in names:
                found.setdefault(name, []).append(position)
        return {name: np.asarray(positions) for name, positions in found.items()}

    def mask(
        self, *, districts: Sequence[str] = (), years: Sequence[int] = (), notices: Sequence[str] = ()
    ) -> np.ndarray | None:
        """True where a passage is of one of the districts, and of one of the years, and of one of the notices.

        An empty sequence asks for nothing; ``None`` when all three are empty.
        """
        mask = None
        for wanted, positions in ((districts, self.districts), (years, self.years), (notices, self.notices)):
            if not wanted:
                continue
            one = np.zeros(self.count, bool)
            for name in wanted:
                if name in positions:
                    one[positions[name]] = True
            mask = one if mask is None else mask & one
        return mask
