"""What the HTTP API takes and gives."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from assistant import Answer, Citation
from assistant.records import Verdict
from corpus import Clause, Notice, Span
from indexing import Hit

from .links import citation_address, notice_address, span_address

LONGEST = 2000  # characters of a question that are taken and kept; what the assistant reads of them is its own matter
QuestionText = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]


class Question(BaseModel):
    """A question and what came before it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [
        {"question": "过年在朝阳区家门口能放鞭炮吗"},
        {"question": "那初中呢", "district": "朝阳区", "history": ["2021年朝阳区外省市户籍孩子上小学要什么条件"]},
    ]})
    question: QuestionText
    district: str = Field("", max_length=50, description="the district that holds where the question names none")
    history: list[QuestionText] = Field([], max_length=20, description="the questions asked before, oldest first")


class CitationOut(BaseModel):
    """A printed place; ``quote`` is the text of the gazette file ``source`` from ``start`` to ``end`` (characters)."""

    notice: str
    title: str
    date: str
    clause: list[str] = Field(description="headings as printed, outermost first")
    source: str
    start: int
    end: int
    quote: str
    label: str = Field(description="the official form")
    url: str = Field(description="the notice's page with the quotation highlighted")

    @classmethod
    def of(cls, citation: Citation) -> CitationOut:
        return cls(**citation.record(), label=citation.label, url=citation_address(citation))


class ChoiceOut(BaseModel):
    """One way to answer a clarifying question."""

    label: str
    question: str


class Understood(BaseModel):
    """What the question was taken to ask for."""

    question: str = Field(description="complete in itself: a follow-up filled from the questions before")
    districts: list[str]
    years: list[int]
    notices: list[str]


class AnswerOut(BaseModel):
    """Marker ``[1]`` of ``answer`` is ``citations[0]``."""

    status: Literal["answered", "clarify", "refused"]
    answer: str
    citations: list[CitationOut]
    validity: list[str]
    choices: list[ChoiceOut]
    related: list[CitationOut]
    understanding: Understood
    reason: str = Field(description="why there is no answer; empty where there is one")
    latency_ms: float
    turn: str = Field(description="names this answer where feedback on it is given")

    @classmethod
    def of(cls, answer: Answer, *, turn: str) -> AnswerOut:
        understood = answer.understanding
        return cls(
            status=answer.status, answer=answer.text, citations=[CitationOut.of(one) for one in answer.citations],
            validity=list(answer.validity), choices=[ChoiceOut(label=one.label, question=one.question) for one in answer.choices],
            related=[CitationOut.of(one) for one in answer.related], reason=answer.reason, latency_ms=round(answer.latency_ms, 1), turn=turn,
            understanding=Understood(
                question=understood.question, districts=list(understood.districts), years=list(understood.years),
                notices=list(understood.notices),
            ),
        )


class Feedback(BaseModel):
    """What a person makes of an answer; the last word on it counts."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [
        {"turn": "Zm9yIGV4YW1wbGUgb25seQ", "verdict": "miscited", "words": "第三条才是"},
    ]})
    turn: str = Field(min_length=1, max_length=32, description="as the answer named it")
    verdict: Verdict
    words: str = Field("", max_length=500, description="a word of why")


class HitOut(BaseModel):
    """A passage found, best first; a higher score is better."""

    score: float
    notice: str
    title: str
    district: str
    path: list[str]
    kind: str
    source: str
    start: int
    end: int
    text: str
    url: str

    @classmethod
    def of(cls, hit: Hit) -> HitOut:
        one = hit.passage
        return cls(
            score=hit.score, notice=one.notice, title=one.title, district=one.district, path=list(one.path), kind=one.kind,
            source=one.source, start=one.start, end=one.end, text=one.text, url=span_address(one.notice, one.start, one.end),
        )


class Place(BaseModel):
    """Characters ``start`` to ``end`` of the gazette file."""

    start: int
    end: int

    @classmethod
    def of(cls, span: Span | None) -> Place | None:
        return cls(start=span.start, end=span.end) if span else None


class ValidityOut(BaseModel):
    """When a notice holds, each fact with the place that says so; unknown is null."""

    in_force_from: date | None
    in_force_place: Place | None
    expires: date | None
    expires_place: Place | None
    covers: str
    covers_until: date | None
    repeals: list[str]


class NoticeOut(BaseModel):
    """One document of a gazette."""

    key: str
    number: str
    title: str
    issuer: str
    signed: date | None
    kind: str
    district: str
    source: str
    start: int
    end: int
    attachments: list[str]
    validity: ValidityOut
    url: str

    @classmethod
    def of(cls, notice: Notice) -> NoticeOut:
        held = notice.validity
        return cls(
            key=notice.key, number=notice.number, title=notice.title, issuer=notice.issuer, signed=notice.signed, kind=notice.kind,
            district=notice.district, source=notice.source, start=notice.start, end=notice.end,
            attachments=list(notice.attachments), url=notice_address(notice.key),
            validity=ValidityOut(
                in_force_from=held.in_force_from, in_force_place=Place.of(held.in_force_clause), expires=held.expires,
                expires_place=Place.of(held.expires_clause), covers=held.covers, covers_until=held.covers_until,
                repeals=list(held.repeals),
            ),
        )


class ClauseOut(BaseModel):
    """A leaf of a notice's outline: ``text`` for reading, ``printed`` as it stands in the gazette."""

    path: list[str]
    kind: str
    start: int
    end: int
    text: str
    printed: str
    cells: list[tuple[str, str]] = Field(description="a table row's column names and values")
    url: str

    @classmethod
    def of(cls, clause: Clause, *, gazette_text: str) -> ClauseOut:
        return cls(
            path=list(clause.path), kind=clause.kind, start=clause.start, end=clause.end, text=clause.text,
            printed=gazette_text[clause.start : clause.end], cells=list(clause.cells),
            url=span_address(clause.notice.key, clause.start, clause.end),
        )


class Notices(BaseModel):
    """One page of the notices, newest first; ``count`` is of all pages."""

    count: int
    notices: list[NoticeOut]


class Problem(BaseModel):
    """What was wrong with a request."""

    detail: str


# A body that is no text at all, or far too long, is refused before its fields are looked at.
UNREADABLE = {
    400: {"model": Problem, "description": "the body is no UTF-8 text"}, 413: {"model": Problem, "description": "the body is too long"},
}
