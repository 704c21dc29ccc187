"""The notice reader: plain pages made on the server, whole without JavaScript."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from markupsafe import Markup, escape

from assistant.texts import texts
from corpus import Clause, Corpus, Notice

from .links import notice_address

TEMPLATES = Jinja2Templates(Path(__file__).parent / "templates")
PAGE_BREAK = re.compile(r"[ \t]*\n\s*")
MARKS = re.compile(r"\*\*|^[ \t]*#{1,6}[ \t]*|</?(?:b|p|sub|sup|div|span)\b[^<>\n]{0,60}>")


@dataclass(frozen=True, slots=True)
class Block:
    """A clause or a whole table, ready to print. ``rows`` are a table's; ``html`` a paragraph's."""

    kind: str
    anchor: int
    depth: int = 0
    html: Markup = Markup()
    rows: tuple[tuple[int, tuple[Markup, ...]], ...] = ()


def notices_router(corpus: Corpus) -> APIRouter:
    """``/notices`` and ``/notices/{key}``."""
    router = APIRouter(include_in_schema=False)
    words = texts("web")

    @router.get("/notices", response_class=HTMLResponse)
    def listing(request: Request, district: str = "", year: str = "", text: str = Query("", max_length=100)) -> HTMLResponse:
        found = [notice for notice in corpus.notices if matches(notice, district=district, year=year, text=text)]
        return TEMPLATES.TemplateResponse(request, "notices.html", {
            "words": words, "found": found, "address": notice_address, "district": district, "year": year, "text": text,
            "districts": sorted({notice.district for notice in corpus.notices}),
            "years": sorted({str(notice.year) for notice in corpus.notices if notice.year}),
        })

    @router.get("/notices/{key:path}", response_class=HTMLResponse)
    def page(request: Request, key: str, start: int = -1, end: int = -1) -> HTMLResponse:
        notice = corpus.notice(key)
        if not notice:
            return TEMPLATES.TemplateResponse(request, "missing.html", {"words": words, "key": key[:100]}, status_code=404)
        gazette = corpus.gazettes[notice.source]
        return TEMPLATES.TemplateResponse(request, "notice.html", {
            "words": words, "notice": notice, "gazette": gazette, "validity": notice.validity,
            "outline": outline(corpus.clauses_of(notice)), "printed": gazette.text[notice.start : notice.end],
            "blocks": blocks(corpus.clauses_of(notice), gazette.text, start=start, end=end),
        })

    return router


def matches(notice: Notice, *, district: str, year: str, text: str) -> bool:
    wanted = re.sub(r"\s+", "", text).replace("[", "〔").replace("]", "〕")
    return (
        (not district or notice.district == district) and (not year or str(notice.year) == year)
        and (not wanted or wanted in notice.title or wanted in notice.number)
    )


def outline(clauses: tuple[Clause, ...]) -> list[tuple[int, int, str]]:
    """(depth, anchor, heading) of each heading, where it first stands."""
    seen: set[tuple[str, ...]] = set()
    found = []
    for clause in clauses:
        for depth in range(1, min(len(clause.path), 3) + 1):
            if clause.path[:depth] not in seen:
                seen.add(clause.path[:depth])
                found.append((depth, clause.start, shown(clause.path[depth - 1])[:40]))
    return found


def blocks(clauses: tuple[Clause, ...], text: str, *, start: int, end: int) -> list[Block]:
    """The clauses as blocks, neighbouring rows as one table; what lies in ``[start, end)`` is marked."""
    found: list[Block] = []
    marked = [False]
    for clause in clauses:
        if clause.kind == "row" or (clause.kind == "heading" and "\t" in text[clause.start : clause.end]):
            cells = tuple(shown_html(text, a, b, start=start, end=end, marked=marked) for a, b in cell_spans(text, clause))
            row = (clause.start, cells)
            if found and found[-1].kind == "table":
                found[-1] = Block("table", found[-1].anchor, rows=(*found[-1].rows, row))
            else:
                found.append(Block("table", clause.start, rows=(row,)))
        else:
            html = shown_html(text, clause.start, clause.end, start=start, end=end, marked=marked)
            found.append(Block(clause.kind, clause.start, depth=len(clause.path), html=html))
    return found


def cell_spans(text: str, clause: Clause) -> list[tuple[int, int]]:
    spans, at = [], clause.start
    for cell in text[clause.start : clause.end].split("\t"):
        spans.append((at, at + len(cell)))
        at += len(cell) + 1
    return spans


def shown_html(text: str, first: int, last: int, *, start: int, end: int, marked: list[bool]) -> Markup:
    """``text[first:last]`` for reading, escaped; the part within ``[start, end)`` in <mark>, the first with the id ``quoted``."""
    low, high = max(first, start), min(last, end)
    if start < 0 or low >= high or not text[low:high].strip():
        return escape(shown(text[first:last]))
    opening = Markup("<mark>") if marked[0] else Markup('<mark id="quoted">')
    marked[0] = True
    return (
        escape(shown(text[first:low])) + opening + escape(shown(text[low:high])) + Markup("</mark>") + escape(shown(text[high:last]))
    )


def shown(printed: str) -> str:
    return MARKS.sub("", PAGE_BREAK.sub("", printed))
