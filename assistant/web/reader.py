"""The notice reader: plain pages made on the server, whole without JavaScript, and a map of them for search engines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response

from assistant.standing import PAST, standing
from corpus import Corpus, Notice
from corpus.normalise import normalise

from .blocks import blocks, outline, plain
from .facts import facts
from .links import notice_address
from .pages import rendered, worded

if TYPE_CHECKING:
    from .served import Serving

PAGE = 50  # notices on one page of the list
SUMMARY = 150  # characters of a notice that a search engine is given
ROBOTS = "User-agent: *\nDisallow: /operator\nDisallow: /api\nDisallow: /v1\nSitemap: {base}/sitemap.xml\n"
Short = Annotated[str, Query(max_length=100)]


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is narrowed to; empty is all. ``state``: "open" where nothing ends a notice, "past" where something does."""

    district: str = ""
    year: str = ""
    kind: str = ""
    text: str = ""
    issuer: str = ""
    state: str = ""

    def found(self, corpus: Corpus, *, today: date) -> list[Notice]:
        """The notices that pass, newest first."""
        wanted = normalise(self.text)
        found = [
            notice for notice in corpus.notices
            if self.district in ("", notice.district) and self.year in ("", str(notice.year)) and self.kind in ("", notice.kind)
            and self.issuer in ("", notice.issuer) and wanted in searchable(notice)
            and self.state in ("", "past" if standing(notice, corpus=corpus, today=today) in PAST else "open")
        ]
        return sorted(found, key=lambda notice: (notice.signed or date.min, notice.key), reverse=True)

    @property
    def chosen(self) -> dict[str, str]:
        values = {
            "district": self.district, "year": self.year, "kind": self.kind, "text": self.text, "issuer": self.issuer,
            "state": self.state,
        }
        return {name: value for name, value in values.items() if value}

    def query(self, page: int) -> str:
        return urlencode(self.chosen | {"page": page})


@lru_cache(maxsize=4096)
def searchable(notice: Notice) -> str:
    return normalise(f"{notice.number} {notice.title} {notice.enclosed_title} {notice.issuer}")


def filter_values(corpus: Corpus) -> dict[str, list[str]]:
    """What each filter may be set to."""
    return {
        "district": sorted({notice.district for notice in corpus.notices}),
        "year": sorted({str(notice.year) for notice in corpus.notices if notice.year}, reverse=True),
        "kind": sorted({notice.kind for notice in corpus.notices if notice.kind}),
        "issuer": sorted({notice.issuer for notice in corpus.notices if notice.issuer}),
    }


def reader_router(serving: Serving) -> APIRouter:
    """``/notices``, ``/notices/{key}`` and what search engines read first."""
    router = APIRouter(include_in_schema=False)

    @router.get("/notices", response_class=HTMLResponse)
    def listing(
        request: Request, district: Short = "", year: Short = "", kind: Short = "", text: Short = "", issuer: Short = "",
        state: Short = "", language: Short = "", page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    ) -> HTMLResponse:
        chosen = (one.strip() for one in (district, year, kind, text, issuer, state))
        filters, today, served = Filters(*chosen), date.today(), serving()
        corpus = served.corpus
        found = filters.found(corpus, today=today)
        pages = max(1, -(-len(found) // PAGE))
        page = min(page, pages)
        shown = [(notice, standing(notice, corpus=corpus, today=today)) for notice in found[PAGE * (page - 1) : PAGE * page]]
        return HTMLResponse(rendered(
            "notices.html", found=shown, count=len(found), page=page, pages=pages, filters=filters, values=served.filter_values, words=worded(language),
        ))

    @router.get("/notices/{key:path}", response_class=HTMLResponse)
    def page(request: Request, key: str, start: int = -1, end: int = -1, beside: bool = False, language: Short = "") -> HTMLResponse:
        corpus = serving().corpus
        notice = corpus.notice(key)
        if not notice:
            return HTMLResponse(rendered("missing.html", key=key[:100], words=worded(language)), status_code=404)
        gazette, clauses = corpus.gazettes[notice.source], corpus.clauses_of(notice)
        return HTMLResponse(rendered(
            "notice.html", notice=notice, gazette=gazette, facts=facts(notice, corpus=corpus, today=date.today()), outline=outline(clauses),
            blocks=blocks(notice, clauses, corpus=corpus, start=start, end=end, references=corpus.references_of(notice)), beside=beside,
            printed=gazette.text[notice.start : notice.end], summary=summary(notice, corpus=corpus),
            canonical=base(request) + notice_address(notice.key), words=worded(language),
        ))

    @router.get("/sitemap.xml")
    def sitemap(request: Request) -> Response:
        addresses = ["/", "/notices", *(notice_address(notice.key) for notice in serving().corpus.notices)]
        return Response(rendered("sitemap.xml", base=base(request), addresses=addresses), media_type="application/xml")

    @router.get("/robots.txt", response_class=PlainTextResponse)
    def robots(request: Request) -> str:
        return ROBOTS.format(base=base(request))

    return router


def base(request: Request) -> str:
    """The service's address as the visitor wrote it."""
    return str(request.base_url).rstrip("/")


def summary(notice: Notice, *, corpus: Corpus) -> str:
    """The first words that a notice's clauses say, for the list of a search engine."""
    said = ""
    for clause in corpus.clauses_of(notice):
        if clause.kind == "text" and len(said) < SUMMARY:
            said += plain(clause.text)
    return said[:SUMMARY]
