"""The service: chat page, notice pages, HTTP API and health, in one FastAPI application."""

from __future__ import annotations

import os
from hashlib import sha256

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when Gradio is imported

import gradio as gr
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from assistant.records import Desk, Operators, Records, Review
from corpus import Settings, settings

from .api import api_router
from .chat import chat_page
from .completions import completions_router
from .health import health_router
from .operator import Doors, console_router, doors_router, review_router
from .pages import HERE, failure_page, rendered
from .reader import reader_router
from .security import Guarded
from .served import Serving
from .widget import widget_router

FONTS = ["system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", "sans-serif"]


def named_by_content(file: str) -> str:
    """The address of a static file, another one whenever the file is: a browser that kept the old one would not fit the server's page."""
    return f"/web/{file}?{sha256((HERE / 'static' / file).read_bytes()).hexdigest()[:12]}"


HEAD = "".join([
    *(f'<link rel="stylesheet" href="{named_by_content(file)}">' for file in ("tokens.css", "chat.css")),
    f'<script src="{named_by_content("chat.js")}"></script>',
])


def create_app(serving: Serving, chosen: Settings | None = None) -> FastAPI:
    """The whole service; ``chosen`` defaults to the settings of the process."""
    chosen = chosen or settings()
    records, sites = Records.of(chosen), tuple(chosen.allowed_sites.split())
    app = FastAPI(
        title="问公报 Gazette Assistant", version="1", openapi_url="/api/openapi.json", docs_url=None, redoc_url=None,
        description="Questions answered from government gazettes, every sentence with its clause.",
    )
    app.mount("/web", StaticFiles(directory=HERE / "static"), name="web")
    app.include_router(health_router(serving, records.database))
    app.include_router(api_router(serving, records))
    app.include_router(completions_router(serving, records))
    app.include_router(reader_router(serving))
    app.state.doors = Doors(Operators(records.database))
    app.include_router(doors_router(app.state.doors))
    app.include_router(review_router(Review(records.database), serving))
    app.include_router(console_router(serving, desk=Desk(records)))
    app.include_router(widget_router(sites))
    app.add_middleware(Guarded, no_script=rendered("no_script.html"), failed=failure_page, sites=sites)
    return gr.mount_gradio_app(
        app, chat_page(serving, records), path="/", head=HEAD, theme=gr.themes.Base(font=FONTS, font_mono=["ui-monospace", "monospace"]),
        favicon_path=str(HERE / "static" / "icon.svg"), footer_links=[], run_history=False, ssr_mode=False, pwa=False,
        mcp_server=False, enable_monitoring=False, show_error=False, max_file_size=1, allowed_paths=[], server_name=chosen.host,
        server_port=chosen.port,
    )
