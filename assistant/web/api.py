"""The HTTP API: ask (whole or as server-sent events), feedback, forgetting, search, notices, clauses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, StreamingResponse

from assistant import Answer, Turn
from assistant.records import Records
from corpus import Corpus, Notice
from corpus.texts import texts

from .pages import TEMPLATES
from .reader import Filters
from .schemas import UNREADABLE, AnswerOut, ClauseOut, Feedback, HitOut, NoticeOut, Notices, Problem, Question
from .served import Serving

MISSING = {404: {"model": Problem, "description": "no such notice"}}
EVENTS = {200: {"description": "server-sent events", "content": {"text/event-stream": {"example": (
    'event: text\ndata: {"text": "…[1]"}\n\nevent: answer\ndata: {"status": "answered", "answer": "…[1]", "citations": […]}\n\n'
)}}}}
Year = Annotated[int, Query(ge=1900, le=2200)]
Short = Annotated[str, Query(max_length=100)]


def api_router(serving: Serving, records: Records) -> APIRouter:
    """Everything under ``/api``."""
    router = APIRouter()

    def pieces_of(asked: Question) -> Iterator[str | Answer]:
        """The pieces of the answer's text, then the answer; an unknown district is told before the first."""
        served = serving()
        if asked.district and asked.district not in served.places:
            reason = texts("web")["unknown_district"].format(district=asked.district, districts="、".join(served.places))
            raise RequestValidationError([{"loc": ("body", "district"), "msg": reason, "type": "unknown_district", "input": asked.district}])
        history = served.assistant.turns(asked.history, district=asked.district)
        return served.assistant.stream(asked.question, history=history, district=asked.district)

    def kept(asked: Question, answer: Answer) -> AnswerOut:
        """The answer under the key it is kept under."""
        _, turn = records.add(Turn(asked.question, answer), channel="api")
        return AnswerOut.of(answer, turn=turn.key)

    def events(asked: Question, pieces: Iterator[str | Answer]) -> Iterator[str]:
        for piece in pieces:
            if isinstance(piece, str):
                yield from (event("text", {"text": line}) for line in piece.splitlines() if line.strip())
            else:
                yield event("answer", kept(asked, piece).model_dump(mode="json"))

    def notice_of(key: str, corpus: Corpus) -> Notice:
        notice = corpus.notice(key)
        if not notice:
            raise HTTPException(404, texts("web")["missing"].format(key=key[:100]))
        return notice

    @router.post("/api/v1/ask", tags=["ask"], response_model=AnswerOut, responses=UNREADABLE)
    def ask(asked: Question) -> AnswerOut:
        """The answer to a question, with its citations; or a clarifying question; or a refusal with its reason."""
        *_, answer = pieces_of(asked)
        return kept(asked, answer)

    @router.post("/api/v1/ask/events", tags=["ask"], response_class=StreamingResponse, responses=EVENTS | UNREADABLE)
    def ask_as_events(asked: Question) -> StreamingResponse:
        """The same as server-sent events: ``text`` for each paragraph, or sentence of a language model, once it is final; then ``answer`` with the whole as ``/ask`` gives it."""
        return StreamingResponse(events(asked, pieces_of(asked)), media_type="text/event-stream", headers={"cache-control": "no-store"})

    @router.post("/api/v1/feedback", tags=["ask"], status_code=204, responses=UNREADABLE | {404: {"model": Problem, "description": "no such turn"}})
    def feedback(given: Feedback) -> None:
        """Put down what a person makes of an answer: useful, useless, or miscited."""
        if not records.judge(given.turn, given.verdict, words=given.words.strip()):
            raise HTTPException(404, texts("web")["unknown_turn"])

    @router.delete("/api/v1/conversations/{id}", tags=["ask"], status_code=204)
    def forget(id: Annotated[str, Path(max_length=100)]) -> None:
        """Delete a conversation of the chat page with all that belongs to it; nothing is left to delete a second time."""
        records.forget(id)

    @router.get("/api/v1/search", tags=["search"])
    def search(
        q: Annotated[str, Query(min_length=1, max_length=500, examples=["小学入学条件"])],
        district: Annotated[list[str], Query(max_length=20)] = [],  # noqa: B006 (FastAPI copies it)
        year: Annotated[list[Year], Query(max_length=50)] = [],  # noqa: B006
        notice: Annotated[list[str], Query(max_length=20)] = [],  # noqa: B006
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
    ) -> list[HitOut]:
        """The passages nearest to a question, best first, of the districts, years and notices named (none: all)."""
        return [HitOut.of(hit) for hit in serving().index.search(q, districts=district, years=year, notices=notice, limit=limit)]

    @router.get("/api/v1/notices", tags=["notices"])
    def notices(
        district: Short = "", year: Year | None = None, kind: Short = "", text: Short = "",
        limit: Annotated[int, Query(ge=1, le=500)] = 50, offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    ) -> Notices:
        """The notices, newest first; ``text`` stands in the title, the document number or the issuer."""
        found = Filters(district=district, year=str(year or ""), kind=kind, text=text).found(serving().corpus, today=date.today())
        return Notices(count=len(found), notices=[NoticeOut.of(notice) for notice in found[offset : offset + limit]])

    @router.get("/api/v1/notices/{key:path}/clauses", tags=["notices"], responses=MISSING)
    def clauses(key: str) -> list[ClauseOut]:
        """The clauses of a notice in order of printing."""
        corpus = serving().corpus
        notice = notice_of(key, corpus)
        text = corpus.gazettes[notice.source].text
        return [ClauseOut.of(clause, gazette_text=text) for clause in corpus.clauses_of(notice)]

    @router.get("/api/v1/notices/{key:path}", tags=["notices"], responses=MISSING)
    def notice(key: str) -> NoticeOut:
        """One notice by its document number (any bracket, any spacing) or, where it has none, by its title."""
        return NoticeOut.of(notice_of(key, serving().corpus))

    @router.get("/api", include_in_schema=False, response_class=HTMLResponse)
    def description(request: Request) -> HTMLResponse:
        return TEMPLATES.TemplateResponse(request, "api.html", {"schema": request.app.openapi()})

    return router


def event(name: str, data: dict) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
