"""The console at ``/operator``: from a caller's words to the clause on the screen, and what is kept of the calls."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response, StreamingResponse

from assistant import Answer, Turn, Understanding
from assistant.records import Desk, Logged, NoteKind
from assistant.standing import standing
from corpus import Notice

from ..blocks import outline, with_mark
from ..conversation import lines, paragraphs, scope
from ..facts import facts
from ..pages import TEMPLATES, desk_words
from ..reader import Filters
from .comparing import compared
from .doors import HOME, NO_STORE, Acting, Inside, csrf_of
from .finding import Words

if TYPE_CHECKING:
    from ..served import Served, Serving

log = logging.getLogger(__name__)

LONGEST = 500  # characters of a question
LONGEST_NOTE = 2000
SHIFT = timedelta(hours=12)
RUNNERS_UP = 10

Short = Annotated[str, Query(max_length=100)]
FormShort = Annotated[str, Form(max_length=100)]
Offset = Annotated[int, Query(ge=0, le=2**31)]


def filters_asked(
    district: Short = "", year: Short = "", kind: Short = "", issuer: Short = "", state: Short = "",
) -> Filters:
    return Filters(district=district, year=year, kind=kind, issuer=issuer, state=state)


FiltersAsked = Annotated[Filters, Depends(filters_asked)]


def console_router(serving: Serving, *, desk: Desk) -> APIRouter:
    """Everything an operator does during a call; each route gives a piece of the page."""
    router = APIRouter(prefix=HOME, include_in_schema=False)

    def piece(request: Request, name: str, **values: object) -> HTMLResponse:
        return TEMPLATES.TemplateResponse(request, f"operator/{name}.html", values, headers=NO_STORE)

    def clause_at(served: Served, key: str, start: int, end: int) -> tuple[Notice, Words, int, int]:
        corpus = served.corpus
        notice = corpus.notice(key)
        if notice and not end:  # the notice itself was asked for
            start, end = next(((one.start, one.end) for one in corpus.clauses_of(notice)), (0, 0))
        words = served.finder.words_of(notice, start, end) if notice else None
        if not words:
            raise HTTPException(404, desk_words()["no_clause"])
        return notice, words, start, end

    @router.get("", response_class=HTMLResponse)
    def page(request: Request, operator: Inside) -> HTMLResponse:
        return piece(request, "console", operator=operator, csrf=csrf_of(request), values=serving().filter_values, at="console")

    @router.get("/search", response_class=HTMLResponse)
    def search(request: Request, operator: Inside, filters: FiltersAsked, q: Annotated[str, Query(max_length=LONGEST)] = "") -> HTMLResponse:
        return piece(request, "found", found=serving().finder.find(q, filters, today=date.today()), asked=q.strip())

    @router.post("/ask", response_class=StreamingResponse)
    def ask(
        request: Request, operator: Acting, question: Annotated[str, Form(max_length=LONGEST)],
        district: Annotated[str, Form(max_length=50)] = "", year: Annotated[str, Form(max_length=4)] = "",
        kind: FormShort = "", issuer: FormShort = "", state: FormShort = "", call: Annotated[str, Form(max_length=64)] = "",
    ) -> StreamingResponse:
        """Lines of JSON: ``paragraphs`` of the answer so far each time more of it is final, at last ``html``, the whole; or a ``problem``."""
        question = question.strip()
        if not question:
            raise HTTPException(422, desk_words()["empty"])
        served = serving()
        asked = filtered(
            question, served.assistant.understand(question), district=district if district in served.places else "",
            year=year if year.isdigit() else "",
        )
        history = desk.turns(call, operator=operator)
        unheld = [desk_words()[f"filter_{name}"] for name, value in (("kind", kind), ("issuer", issuer), ("state", state)) if value]

        def lines_of_json() -> Iterator[str]:
            text = ""
            try:
                for piece in served.assistant.stream(asked, history=history):
                    if isinstance(piece, str):
                        text += piece
                        said = {"paragraphs": paragraphs(text)}
                    else:
                        kept_call, kept = desk.keep(Turn(question, piece), operator=operator, call=call)
                        page = answered(request, served, Logged(kept_call, kept, ()), piece, unheld=unheld)
                        said = {"html": bytes(page.body).decode()}
                    yield json.dumps(said, ensure_ascii=False) + "\n"
            except Exception:  # the status is sent already: whatever went wrong is told in the stream
                log.exception("an operator's question failed")
                yield json.dumps({"problem": desk_words()["failed"]}, ensure_ascii=False) + "\n"

        return StreamingResponse(lines_of_json(), media_type="application/x-ndjson", headers=NO_STORE)

    def answered(request: Request, served: Served, logged: Logged, answer: Answer, *, unheld: Sequence[str] = ()) -> HTMLResponse:
        today, question, finder = date.today(), answer.understanding.question, served.finder
        cited = {(one.source, one.start) for one in answer.citations}
        rest = [one for one in finder.shown(answer.retrieved, question, today=today) if (one.notice.source, one.start) not in cited]
        return piece(
            request, "answer", logged=logged, answer=answer, question=logged.exchange.turn.question, scope=scope(answer),
            lines=lines(answer), sources=finder.cited(answer.citations, today=today), runners_up=rest[:RUNNERS_UP],
            unheld=unheld,
        )

    @router.get("/asked/{key}", response_class=HTMLResponse)
    def asked(request: Request, operator: Inside, key: str) -> HTMLResponse:
        """One's own earlier question, its answer as it was given."""
        logged = desk.logged(key[:64], operator=operator)
        if not logged:
            raise HTTPException(404, desk_words()["no_question"])
        return answered(request, serving(), logged, logged.exchange.turn.answer)

    @router.get("/notice", response_class=HTMLResponse)
    def notice(request: Request, operator: Inside, key: Annotated[str, Query(max_length=300)], start: Offset = 0, end: Offset = 0) -> HTMLResponse:
        served = serving()
        corpus = served.corpus
        notice, words, start, end = clause_at(served, key, start, end)
        return piece(
            request, "notice", notice=notice, clause=words, start=start, end=end, facts=facts(notice, corpus=corpus, today=date.today()),
            outline=outline(corpus.clauses_of(notice)), blocks=with_mark(served.blocks(notice), notice, corpus=corpus, start=start, end=end, references=corpus.references_of(notice)),
            standing=standing(notice, corpus=corpus, today=date.today()),
        )

    @router.get("/clause")
    def clause(operator: Inside, key: Annotated[str, Query(max_length=300)], start: Offset) -> JSONResponse:
        """The clause of a notice that begins at ``start``, in every form it is copied in."""
        served = serving()
        corpus = served.corpus
        notice = corpus.notice(key)
        found = next((one for one in corpus.clauses_of(notice) if one.start == start), None) if notice else None
        if not found:
            raise HTTPException(404, desk_words()["no_clause"])
        words = served.finder.words_of(notice, found.start, found.end)
        body = {"start": found.start, "end": found.end, "label": words.label, "quote": words.quote, "aloud": words.aloud}
        return JSONResponse(body, headers=NO_STORE)

    @router.get("/compare", response_class=HTMLResponse)
    def compare(
        request: Request, operator: Inside, key: Annotated[str, Query(max_length=300)], start: Offset, end: Offset,
        q: Annotated[str, Query(max_length=LONGEST)] = "",
    ) -> HTMLResponse:
        served = serving()
        notice, _, start, end = clause_at(served, key, start, end)
        clause = served.corpus.clauses_at(notice.source, start, end)[0]
        return piece(request, "compare", columns=compared(clause, question=q, finder=served.finder, today=date.today()))

    @router.get("/shift", response_class=HTMLResponse)
    def shift(request: Request, operator: Inside) -> HTMLResponse:
        now = datetime.now().astimezone()
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return piece(request, "shift", calls=by_call(desk.shift(operator, since=min(midnight, now - SHIFT))), local=local)

    @router.post("/notes")
    def note(
        operator: Acting, key: Annotated[str, Form(max_length=64)], kind: Annotated[NoteKind, Form()],
        text: Annotated[str, Form(max_length=LONGEST_NOTE)] = "",
    ) -> Response:
        if not text.strip() and kind != "flag":
            raise HTTPException(422, desk_words()["empty_note"])
        if not desk.note(key, kind, text.strip(), operator=operator):
            raise HTTPException(404, desk_words()["no_question"])
        return Response(status_code=204, headers=NO_STORE)

    return router


def filtered(question: str, understood: Understanding, *, district: str, year: str) -> str:
    """``question`` with the filters that it does not overrule itself named in it, as a clarify choice names them: only what
    stands in the words wins over what the call spoke of before.

    A place that no gazette covers, a document number and small talk stay as they are: a district before them would have
    them answered of that district.
    """
    if understood.guard or understood.outside or understood.notices:
        return question
    district = "" if understood.districts else district
    year = f"{year}年" if year and not understood.years else ""
    return f"{district}{year}{question}"


def by_call(questions: list[Logged]) -> list[list[Logged]]:
    """Newest call first, each with its questions in the order they were asked."""
    calls: dict[str, list[Logged]] = {}
    for one in questions:
        calls.setdefault(one.call, []).insert(0, one)
    return list(calls.values())


local: Callable[[datetime], datetime] = datetime.astimezone
