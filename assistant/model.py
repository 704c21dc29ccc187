"""What a question is understood as, and what an answer is made of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Literal

from indexing import Hit

Status = Literal["answered", "clarify", "refused"]


@dataclass(frozen=True, slots=True)
class Citation:
    """A printed place, frozen as it was shown: ``quote`` is ``gazette.text[start:end]`` of ``source``."""

    notice: str
    title: str
    date: str
    clause: tuple[str, ...]
    source: str
    start: int
    end: int
    quote: str

    @property
    def label(self) -> str:
        """The official form: 《题目》（文号）第X条（X)."""
        number = f"（{self.notice}）" if self.notice != self.title else ""
        return f"《{self.title}》{number}{''.join(short_heading(heading) for heading in self.clause)}"

    def record(self) -> dict:
        return {
            "notice": self.notice, "title": self.title, "date": self.date, "clause": list(self.clause),
            "source": self.source, "start": self.start, "end": self.end, "quote": self.quote,
        }


HEADING_NUMBER = re.compile(
    r"第[一二三四五六七八九十百零\d]{1,5}[章条部编篇]分?|[一二三四五六七八九十]{1,3}、|[（(]\s?[一二三四五六七八九十\d]{1,4}\s?[)）]"
    r"|\d{1,2}(?:\.\d{1,2}){1,3}|\d{1,2}[.、．]|[①-⑳]|附件\s?\d{0,2}"
)


def short_heading(heading: str) -> str:
    """The number of a heading, or its first words where it has none."""
    number = HEADING_NUMBER.match(heading)
    return re.sub(r"\s", "", number.group()) if number else f"“{heading[:16]}”"


@dataclass(frozen=True, slots=True)
class Turn:
    """One exchange of a conversation; ``answer`` is ``None`` where only the question is known."""

    question: str
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to answer a clarifying question: what is shown and the question it sends."""

    label: str
    question: str


@dataclass(frozen=True, slots=True)
class Understanding:
    """``question`` is complete in itself (a follow-up is filled from the turns before); ``original`` is what was typed.

    ``districts``, ``years`` and ``notices`` narrow the search; ``guard`` and
    ``outside`` name what forbids an answer: a canned text's key, a place, year or
    paper that no gazette here covers. ``articles`` are clause numbers named, in
    digits. Of a follow-up, ``carried`` names what was taken from the turns before
    (district, year, notice, question, matter) and ``cited`` the notices that the
    last answer cited, most cited first; ``own`` is what it asks itself where the
    turns before lend it their matter; ``left`` are the districts spoken of before,
    where the question is asked of all. ``chosen`` is the district chosen on the page when it was asked.
    """

    original: str
    question: str
    districts: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    notices: tuple[str, ...] = ()
    kind: str = "fact"
    guard: str = ""
    outside: str = ""
    is_followup: bool = False
    articles: tuple[str, ...] = ()
    carried: tuple[str, ...] = ()
    cited: tuple[str, ...] = ()
    own: str = ""
    left: tuple[str, ...] = ()
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class Generation:
    """What a language model's text came to. ``end`` says how it ended: ``done``, or what cut it short
    (``slow``, ``failed``, ``long``, ``repeats``, ``empty``, ``resting``); ``used`` is false where the answer was made without it.

    Its sentences by what became of them: ``passed``; ``completed`` with a condition
    it had left out; ``replaced`` by the quotation; ``dropped``. ``faults`` counts
    why; ``put_back`` are quotations it had not used and must not be without.
    """

    model: str
    used: bool = False
    end: str = "done"
    passed: int = 0
    completed: int = 0
    replaced: int = 0
    dropped: int = 0
    put_back: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    first_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """Marker ``[1]`` of ``text`` is ``citations[0]``. ``reason`` names the canned text where there is one."""

    status: Status
    text: str
    understanding: Understanding
    citations: tuple[Citation, ...] = ()
    retrieved: tuple[Hit, ...] = ()
    validity: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    related: tuple[Citation, ...] = ()
    reason: str = ""
    confidence: float = 0.0
    latency_ms: float = 0.0
    timings: dict[str, float] = field(default_factory=dict)
    generation: Generation | None = None

    def record(self, id: str) -> dict:
        """The result record that evaluation reads."""
        return {
            "id": id, "status": self.status, "answer": self.text,
            "citations": [citation.record() for citation in self.citations],
            "retrieved": [
                {"source": hit.passage.source, "start": hit.passage.start, "end": hit.passage.end, "score": hit.score}
                for hit in self.retrieved
            ],
            "latency_ms": round(self.latency_ms, 2), "confidence": round(self.confidence, 4),
            "timings": {step: round(ms, 2) for step, ms in self.timings.items()},
        } | ({"generation": asdict(self.generation)} if self.generation else {})


History = Sequence[Turn]
