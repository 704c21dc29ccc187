"""What belongs to a notice, and whether it still stands, as far as the gazettes say: its term, who repealed it, what came after."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cached_property, lru_cache, partial
from typing import Literal

from corpus import Corpus, Notice
from corpus.references import Reference, references_of
from corpus.relations import Relation, relations

# From the gravest on; "" means that nothing in the gazettes ends it, which is not a promise that it is in force.
Standing = Literal["repealed", "expired", "over", "followed", "coming", ""]
PAST = frozenset(("repealed", "expired", "over", "followed"))


class Kin:
    """The relations and references of every notice of a corpus, found when first asked for and kept."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self.references: Callable[[Notice], tuple[Reference, ...]] = lru_cache(maxsize=256)(partial(references_of, corpus))

    @cached_property
    def _by_notice(self) -> dict[str, tuple[Relation, ...]]:
        found: dict[str, list[Relation]] = {}
        for relation in relations(self.corpus):
            found.setdefault(relation.notice, []).append(relation)
        return {key: tuple(items) for key, items in found.items()}

    def of(self, notice: Notice) -> tuple[Relation, ...]:
        return self._by_notice.get(notice.key, ())

    def standing(self, notice: Notice, *, today: date) -> Standing:
        """The gravest thing that the gazettes say against relying on ``notice`` on that day."""
        kinds, validity = {relation.kind for relation in self.of(notice)}, notice.validity
        if "repealed by" in kinds:
            return "repealed"
        if validity.expires and validity.expires < today:
            return "expired"
        if validity.covers_until and validity.covers_until < today:
            return "over"
        if "later" in kinds:
            return "followed"
        if validity.in_force_from and validity.in_force_from > today:
            return "coming"
        return ""
