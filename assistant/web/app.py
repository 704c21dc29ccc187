"""The service: chat page, notice pages, health, in one FastAPI application."""

from __future__ import annotations

from pathlib import Path

import gradio as gr
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from assistant import Assistant

from .chat import CSS, chat_page
from .notices import notices_router

HERE = Path(__file__).parent
FONTS = ["system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"]


def create_app(assistant: Assistant) -> FastAPI:
    """The whole service over one assistant."""
    app = FastAPI(title="Gazette Assistant", docs_url=None, redoc_url=None)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.include_router(notices_router(assistant.index.corpus))

    @app.get("/healthz")
    def health() -> dict[str, object]:
        return {"status": "ok", "notices": len(assistant.index.corpus.notices), "index": assistant.index.digest[:12]}

    theme = gr.themes.Default(primary_hue="red", font=FONTS, font_mono=["ui-monospace", "monospace"])
    return gr.mount_gradio_app(
        app, chat_page(assistant), path="/", css=CSS, theme=theme, favicon_path=str(HERE / "static" / "icon.svg"),
        footer_links=[],
    )
