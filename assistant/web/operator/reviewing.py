"""``/operator/review``: unanswered and disliked questions, counted, filtered, exported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, StreamingResponse

from assistant.records import Review, Reviewed, Sieve

from ..blocks import BREAK, plain
from ..pages import TEMPLATES, desk_words
from .chart import lying, upright
from .doors import HOME, NO_STORE, Inside, csrf_of
from .exports import as_csv, as_draft, as_jsonl

if TYPE_CHECKING:
    from ..served import Serving

PAGE = 30  # questions on one page
EARLIEST, LATEST = date(2000, 1, 1), date(2200, 1, 1)
EXPORTS: dict[str, tuple[Callable[[Iterable[Reviewed]], Iterator[str]], str]] = {
    "questions.csv": (as_csv, "text/csv; charset=utf-8"),
    "questions.jsonl": (as_jsonl, "application/x-ndjson; charset=utf-8"),
    "draft-questions.jsonl": (as_draft, "application/x-ndjson; charset=utf-8"),
}

Short = Annotated[str, Query(max_length=50)]


def sieve_asked(
    matter: Short = "doubtful", since: Short = "", until: Short = "", district: Short = "", status: Short = "", verdict: Short = "",
    channel: Short = "",
) -> Sieve:
    return Sieve(
        matter="doubtful" if matter == "doubtful" else "", since=day(since), until=day(until), district=district, status=status,
        verdict=verdict, channel=channel,
    )


SieveAsked = Annotated[Sieve, Depends(sieve_asked)]


def day(text: str) -> date | None:
    """A day as a form sends it; raises 422 for what is none."""
    try:
        found = date.fromisoformat(text) if text else None
    except ValueError:
        found = date.min
    if found and not EARLIEST <= found < LATEST:
        raise HTTPException(422, desk_words()["review"]["wrong_date"])
    return found


def review_router(review: Review, serving: Serving) -> APIRouter:
    """The review page and its exports."""
    router = APIRouter(prefix=f"{HOME}/review", include_in_schema=False)

    @router.get("", response_class=HTMLResponse)
    def page(
        request: Request, operator: Inside, sieve: SieveAsked, page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    ) -> HTMLResponse:
        words = desk_words()["review"]
        counts = review.counts(sieve, today=date.today())
        pages = max(1, -(-counts.total // PAGE))
        page = min(page, pages)
        by_day = {f"{one.month}/{one.day}": found for one, found in counts.days.items()}
        by_district = {name or words["no_district"]: found for name, found in counts.districts.items()}
        return TEMPLATES.TemplateResponse(request, "operator/review.html", {
            "operator": operator, "csrf": csrf_of(request), "at": "review", "sieve": sieve, "counts": counts, "page": page, "pages": pages,
            "found": review.page(sieve, offset=PAGE * (page - 1), limit=PAGE), "districts": [(name, name) for name in serving().places],
            "days": upright(by_day, title=words["by_day"].format(days=len(by_day))), "by_day": by_day,
            "wheres": lying(by_district, title=words["by_district"]), "by_district": by_district, "exports": list(EXPORTS),
            "query": lambda **more: query(sieve, **more), "readable": lambda text: plain(BREAK.sub("", text)),
        }, headers=NO_STORE)

    @router.get("/{name}")
    def export(operator: Inside, sieve: SieveAsked, name: str) -> StreamingResponse:
        if name not in EXPORTS:
            raise HTTPException(404, desk_words()["no_question"])
        write, media_type = EXPORTS[name]
        headers = NO_STORE | {"content-disposition": f'attachment; filename="{name}"'}
        return StreamingResponse(write(review.every(sieve)), media_type=media_type, headers=headers)

    return router


def query(sieve: Sieve, **more: object) -> str:
    """The sieve as the address's query, with what else is given."""
    values = {
        "matter": sieve.matter or "all", "since": sieve.since or "", "until": sieve.until or "", "district": sieve.district,
        "status": sieve.status, "verdict": sieve.verdict, "channel": sieve.channel,
    }
    return urlencode({name: str(value) for name, value in (values | more).items() if value})
