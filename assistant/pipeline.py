"""The steps of one question, in order, each timed."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from corpus import Settings, settings
from indexing import Index

from .compose import composed, refused
from .decide import Decider
from .model import Answer, Turn
from .retrieve import Retriever
from .understanding import Understander
from .verify import verified

log = logging.getLogger(__name__)

RETRIEVED = 20


class Assistant:
    """Answers from one index; thread-safe, holds nothing of a conversation.

    >>> Assistant(Index.load()).ask("过年在朝阳区家门口能放鞭炮吗").status
    'answered'
    """

    def __init__(self, index: Index, chosen: Settings | None = None) -> None:
        self.index, self.settings = index, chosen or settings()
        self.understand, self.retrieve, self.decide = Understander(index), Retriever(index), Decider(index)

    def ask(self, question: str, *, history: Sequence[Turn] = (), district: str = "") -> Answer:
        """The answer to ``question`` after ``history`` (oldest first); ``district`` is the one chosen on the page."""
        began, timings = time.perf_counter(), {}
        corpus = self.index.corpus
        with timed("understand", timings):
            understood = self.understand(question, history=history, district=district)
        if understood.guard or understood.outside:
            answer = refused(understood, corpus=corpus, reason=understood.guard or "outside")
        else:
            with timed("retrieve", timings):
                hits = self.retrieve(understood, limit=RETRIEVED)
            with timed("decide", timings):
                decision = self.decide(understood, hits)
            with timed("compose", timings):
                if decision.status == "refused":
                    answer = refused(understood, corpus=corpus, reason=decision.reason, hits=hits)
                else:
                    answer = composed(understood, decision, index=self.index)
            with timed("verify", timings):
                answer = verified(answer, corpus=corpus)
        elapsed = 1000 * (time.perf_counter() - began)
        log.info("%s in %.0f ms (%s)", answer.status, elapsed, ", ".join(f"{k} {v:.0f}" for k, v in timings.items()))
        return replaced(answer, latency_ms=elapsed, timings=timings)


def replaced(answer: Answer, **changes: object) -> Answer:
    from dataclasses import replace

    return replace(answer, **changes)


@contextmanager
def timed(step: str, timings: dict[str, float]) -> Iterator[None]:
    began = time.perf_counter()
    yield
    timings[step] = 1000 * (time.perf_counter() - began)
