"""The notice reader: plain pages made on the server, whole without JavaScript."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from corpus import Corpus, Notice
from corpus.normalise import normalise

from .blocks import blocks, outline, short
from .links import span_address
from .pages import TEMPLATES, chinese_date

PAGE = 50  # notices on one page of the list
Short = Annotated[str, Query(max_length=100)]


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the box above a notice: what, and the printed place that says so ("" where it is the title block)."""

    name: str
    value: str
    address: str = ""
    alarm: bool = False


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is narrowed to; empty is all."""

    district: str = ""
    year: str = ""
    kind: str = ""
    text: str = ""

    def found(self, notices: tuple[Notice, ...]) -> list[Notice]:
        wanted = normalise(self.text)
        return [
            notice for notice in notices
            if self.district in ("", notice.district) and self.year in ("", str(notice.year)) and self.kind in ("", notice.kind)
            and wanted in searchable(notice)
        ]

    def query(self, page: int) -> str:
        chosen = {"district": self.district, "year": self.year, "kind": self.kind, "text": self.text}
        return urlencode({name: value for name, value in chosen.items() if value} | {"page": page})


@lru_cache(maxsize=4096)
def searchable(notice: Notice) -> str:
    return normalise(f"{notice.number} {notice.title} {notice.enclosed_title} {notice.issuer}")


def reader_router(corpus: Corpus) -> APIRouter:
    """``/notices`` and ``/notices/{key}``."""
    router = APIRouter(include_in_schema=False)

    @router.get("/notices", response_class=HTMLResponse)
    def listing(
        request: Request, district: Short = "", year: Short = "", kind: Short = "", text: Short = "",
        page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    ) -> HTMLResponse:
        filters = Filters(district=district.strip(), year=year.strip(), kind=kind.strip(), text=text.strip())
        found = sorted(filters.found(corpus.notices), key=lambda notice: (notice.signed or date.min, notice.key), reverse=True)
        pages = max(1, -(-len(found) // PAGE))
        page = min(page, pages)
        return TEMPLATES.TemplateResponse(request, "notices.html", {
            "found": found[PAGE * (page - 1) : PAGE * page], "count": len(found), "page": page, "pages": pages, "filters": filters,
            "districts": sorted({notice.district for notice in corpus.notices}),
            "years": sorted({str(notice.year) for notice in corpus.notices if notice.year}, reverse=True),
            "kinds": sorted({notice.kind for notice in corpus.notices if notice.kind}),
        })

    @router.get("/notices/{key:path}", response_class=HTMLResponse)
    def page(request: Request, key: str, start: int = -1, end: int = -1, beside: bool = False) -> HTMLResponse:
        notice = corpus.notice(key)
        if not notice:
            return TEMPLATES.TemplateResponse(request, "missing.html", {"key": key[:100]}, status_code=404)
        gazette, clauses = corpus.gazettes[notice.source], corpus.clauses_of(notice)
        return TEMPLATES.TemplateResponse(request, "notice.html", {
            "notice": notice, "gazette": gazette, "facts": facts(notice, today=date.today()), "outline": outline(clauses),
            "blocks": blocks(notice, clauses, corpus=corpus, start=start, end=end), "beside": beside,
            "printed": gazette.text[notice.start : notice.end], "short": short,
        })

    return router


def facts(notice: Notice, *, today: date) -> list[Fact]:
    """What the box above a notice says of it, in the order a reader asks: which paper, since when, until when."""
    validity = notice.validity

    def place(span: object) -> str:
        return span_address(notice.key, span.start, span.end) if span else ""

    found = [
        Fact("number", notice.number), Fact("issuer", notice.issuer), Fact("signed", chinese_date(notice.signed)),
        Fact("in_force", chinese_date(validity.in_force_from), place(validity.in_force_clause)),
        Fact("expires", chinese_date(validity.expires), place(validity.expires_clause),
             alarm=bool(validity.expires and validity.expires < today)),
        Fact("covers", validity.covers, place(validity.covers_clause),
             alarm=bool(validity.covers_until and validity.covers_until < today)),
        Fact("repeals", "、".join(validity.repeals), place(validity.repeals_clause)),
        Fact("attachments", "；".join(notice.attachments)),
    ]
    return [fact for fact in found if fact.value]
