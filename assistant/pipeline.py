"""The steps of one question, in order, each timed."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from corpus import Settings, settings
from indexing import Hit, Index

from .compose import Composer
from .decide import Decider, Decision
from .followup import only_tells
from .guard import LONGEST, masked
from .model import Answer, Turn, Understanding
from .reading import Reader
from .retrieve import Retriever
from .understanding import Understander
from .verify import verified
from .writer import Writer

log = logging.getLogger(__name__)

RETRIEVED = 20
REMEMBERED = 6  # questions asked before that are answered again where their answers are not known
# Least confidence in the answer to a meaning that is not the likeliest: of 57 questions that no gazette answers, each asked
# after another matter, nine are answered with it, and with 0.5; of the 65 answerable ones that go on or change the topic in
# eval/questions/written.jsonl 63, with 0.5 one less.
SURELY = 0.45


class Assistant:
    """Answers from one index; thread-safe, holds nothing of a conversation.

    >>> Assistant(Index.load()).ask("过年在朝阳区家门口能放鞭炮吗").status
    'answered'
    """

    def __init__(self, index: Index, chosen: Settings | None = None) -> None:
        self.index, self.settings = index, chosen or settings()
        self.understand, self.retrieve = Understander(index), Retriever(index)
        reader = Reader(index)
        self.decide = Decider(index, self.retrieve, reader)
        self.writer = Writer(self.settings, corpus=index.corpus) if self.settings.llm_url else None
        self.compose = Composer(index, reader)

    def ask(self, question: str, *, history: Sequence[Turn] = (), district: str = "") -> Answer:
        """The answer to ``question`` after ``history`` (oldest first); ``district`` is the one chosen on the page."""
        *_, answer = self.stream(question, history=history, district=district)
        return answer

    def stream(self, question: str, *, history: Sequence[Turn] = (), district: str = "") -> Iterator[str | Answer]:
        """The pieces of the answer's text as each becomes final, then the answer: the pieces, joined, are its text.

        What a language model writes is yielded sentence by sentence, each checked
        before; without one the text comes at once.
        """
        began, timings = time.perf_counter(), {}
        answer = self.found(question, history=history, district=district, timings=timings)
        if self.writer and answer.status == "answered":
            with timed("write", timings):
                answer = yield from self.writer(answer)
        else:
            yield answer.text
        elapsed = 1000 * (time.perf_counter() - began)
        steps = ", ".join(f"{step} {ms:.0f}" for step, ms in timings.items())
        log.info("%s in %.0f ms (%s): %s", answer.status, elapsed, steps, masked(question[:LONGEST]))
        yield replace(answer, latency_ms=elapsed, timings=timings)

    def turns(self, questions: Sequence[str], *, district: str = "") -> list[Turn]:
        """The last of ``questions`` (oldest first) with their answers, for who kept the questions alone: what a follow-up leans on
        is how those were understood and what they cited. No language model is asked."""
        history: list[Turn] = []
        for question in questions[-REMEMBERED:]:
            history.append(Turn(question, self.found(question, history=history, district=district)))
        return history

    def found(
        self, question: str, *, history: Sequence[Turn] = (), district: str = "", timings: dict[str, float] | None = None
    ) -> Answer:
        """The answer in the clauses' own words, no language model asked for it; ``timings`` takes the milliseconds of each step."""
        timings = {} if timings is None else timings
        with timed("understand", timings):
            meanings = self.understand.meanings(question, history=history, district=district)
        understood, hits, decision = meanings[0], [], None
        if understood.guard or understood.outside:
            return self.compose.presenter.refused(understood, reason=understood.guard or "outside")
        for meaning in (one for one in meanings if not one.outside):
            found, decided = self.decided(meaning, history=history, timings=timings)
            surely = decided.status != "refused" and decided.confidence >= SURELY
            if decision is None or surely:
                understood, hits, decision = meaning, found, decided
            if surely:
                break
        with timed("compose", timings):
            if decision.status == "refused":
                asked = replace(understood, outside=decision.outside)
                if decision.reason == "unsupported" and only_tells(question):
                    answer = self.compose.presenter.refused(asked, reason="told")
                else:
                    answer = self.compose.presenter.refused(asked, reason=decision.reason, hits=hits, elsewhere=decision.elsewhere)
            else:
                answer = self.compose(understood, decision)
        with timed("verify", timings):
            answer = verified(answer, corpus=self.index.corpus)
        if answer.status != "refused" and not answer.citations:
            return self.compose.presenter.refused(understood, reason="unsupported", hits=hits)
        return answer

    def decided(
        self, understood: Understanding, *, history: Sequence[Turn], timings: dict[str, float]
    ) -> tuple[list[Hit], Decision]:
        """What is found for one meaning of a question, and whether that answers it."""
        query = understood
        if understood.is_followup and self.writer and self.settings.llm_completes_followups:
            with timed("complete", timings):
                query = replace(understood, question=self.writer.completed(understood, history))
        with timed("retrieve", timings):
            hits = self.retrieve(query, limit=RETRIEVED)
        with timed("decide", timings):
            return hits, self.decide(understood, hits)


@contextmanager
def timed(step: str, timings: dict[str, float]) -> Iterator[None]:
    began = time.perf_counter()
    yield
    timings[step] = timings.get(step, 0.0) + 1000 * (time.perf_counter() - began)
