"""``/healthz``: the process lives. ``/readyz``: it can answer, and keep what it answered."""

from __future__ import annotations

import logging

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy import text

from assistant.records import Database

from .served import Serving

log = logging.getLogger(__name__)


def health_router(serving: Serving, database: Database) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/healthz")
    def healthz() -> dict[str, str]:
        """The process lives."""
        return {"status": "ok"}

    @router.get("/readyz")
    def readyz() -> JSONResponse:
        """A search through model, vectors and terms finds something and the database answers; 503 where one does not."""
        index = serving().index
        try:
            with database.reading() as session:
                ready = bool(index.search("通知", limit=1)) and session.scalar(text("SELECT 1")) == 1
        except Exception:  # whatever is broken, a load balancer is told and the log has the reason
            log.exception("not ready")
            ready = False
        facts = {
            "status": "ready" if ready else "not ready", "gazettes": len(index.corpus.gazettes),
            "notices": len(index.corpus.notices), "index": index.digest[:12], "model": index.model_name,
        }
        return JSONResponse(facts, status_code=200 if ready else 503)

    return router
