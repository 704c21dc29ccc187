"""The widget that other sites put on their pages: its script with its words, and a page that shows and explains it."""

from __future__ import annotations

import json

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from corpus.texts import texts

from .pages import HERE, TEMPLATES

TEXTS_HERE = "{/* prompts/widget.yaml, put in by the server */}"
SITES_HERE = "[/* GAZETTE_ALLOWED_SITES, put in by the server */]"


def widget_router(sites: tuple[str, ...]) -> APIRouter:
    """``/widget.js`` and ``/widget-demo``; ``sites`` may show the widget beside this one."""
    router = APIRouter(include_in_schema=False)
    words = texts("widget")
    script = (HERE / "static" / "widget.js").read_text("utf-8").replace(TEXTS_HERE, json.dumps(words["languages"], ensure_ascii=False))
    script = script.replace(SITES_HERE, json.dumps(sites))

    @router.get("/widget.js")
    def widget() -> Response:
        # Old pages fetch it again within the hour; any site may load the script, only allowed ones the frame it opens.
        headers = {"cache-control": "public, max-age=3600", "cross-origin-resource-policy": "cross-origin"}
        return Response(script, media_type="text/javascript; charset=utf-8", headers=headers)

    @router.get("/widget-demo", response_class=HTMLResponse)
    def demo(request: Request) -> HTMLResponse:
        address = str(request.base_url).rstrip("/")
        return TEMPLATES.TemplateResponse(request, "widget_demo.html", {
            "demo": words["demo"], "sites": sites,
            "line": f'<script src="{address}/widget.js" data-district="朝阳区" data-colour="#9c1f1f" data-position="right"></script>',
        })

    return router
