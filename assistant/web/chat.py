"""The resident's chat page, made with Gradio."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from html import escape

import gradio as gr

from assistant import Answer, Assistant, Turn
from assistant.texts import texts

from .links import citation_address

log = logging.getLogger(__name__)

MARKER = re.compile(r"\[(\d{1,2})\]")
CSS = """
.gradio-container {max-width: 52rem !important; margin: 0 auto !important;}
#head h1 {font-size: 1.5rem; margin: .4rem 0 0; color: #8f1d1d;} .dark #head h1 {color: #f2b8b8;}
#head p {margin: .2rem 0;} #head .soft {font-size: .85rem; opacity: .8;}
#chat .answer {line-height: 1.85; font-size: 1rem;} #chat .answer p {margin: .35rem 0;}
#chat .answer a.marker {font-size: .8em; vertical-align: super; padding: 0 .15em; text-decoration: none; font-weight: 600;}
#chat .answer .lead {font-size: .92rem; opacity: .85;}
#chat .answer .validity {font-size: .88rem; opacity: .85; border-left: 3px solid #b08d57; padding-left: .6em;}
#chat .answer .sources {margin: .6rem 0 0; padding: .5rem 0 0; border-top: 1px solid rgba(128,128,128,.35); font-size: .88rem;}
#chat .answer .sources ol {margin: .2rem 0 0; padding-left: 1.4em;} #chat .answer .sources li {margin: .25rem 0;}
"""


def chat_page(assistant: Assistant) -> gr.Blocks:
    """The page at ``/``: question, answer with markers, the clauses it stands on."""
    words = texts("web")
    districts = sorted({gazette.district for gazette in assistant.index.corpus.gazettes.values()})

    def respond(question: str, shown: list[dict], turns: list[Turn], district: str) -> Iterator[tuple]:
        question = question.strip()
        if not question:
            yield question, shown, turns
            return
        before = shown
        shown = [*shown, {"role": "user", "content": escape(question)}]
        yield "", [*shown, {"role": "assistant", "content": words["searching"]}], turns
        try:
            answer = assistant.ask(question, history=turns, district="" if district == words["district_any"] else district)
        except Exception:  # whatever went wrong, the person keeps the question and is told
            log.exception("a question failed")
            gr.Warning(words["failed"])
            yield question, before, turns
            return
        yield "", [*shown, message(answer)], [*turns, Turn(question, answer)]

    def choose(event: gr.SelectData, shown: list[dict], turns: list[Turn], district: str) -> Iterator[tuple]:
        yield from respond(str(event.value), shown, turns, district)

    with gr.Blocks(title=words["name"], analytics_enabled=False) as page:
        gr.HTML(
            f"<h1>{words['name']}</h1><p>{words['tagline']} · <a href='/notices'>{words['notices']}</a></p>"
            f"<p class='soft'>{words['notice']}</p>", elem_id="head",
        )
        remembered = gr.BrowserState(words["district_any"], storage_key="district")
        turns = gr.State([])
        district = gr.Radio([words["district_any"], *districts], value=words["district_any"], label=words["district"], elem_id="district")
        chat = gr.Chatbot(
            height="58vh", show_label=False, elem_id="chat", sanitize_html=True, latex_delimiters=[],
            placeholder=words["tagline"], layout="bubble", buttons=["copy"],
        )
        with gr.Row():
            box = gr.Textbox(
                placeholder=words["placeholder"], show_label=False, scale=8, autofocus=True, max_length=2000, elem_id="question",
                container=False, lines=1,
            )
            send = gr.Button(words["send"], variant="primary", scale=1, min_width=80, elem_id="send")
        gr.Examples([[text] for text in words["examples"]], inputs=box, label=None)
        clear = gr.Button(words["clear"], size="sm")

        inputs, outputs = [box, chat, turns, district], [box, chat, turns]
        gr.on([box.submit, send.click], respond, inputs, outputs, api_visibility="private", concurrency_limit=8, show_progress="hidden")
        chat.option_select(choose, [chat, turns, district], outputs, api_visibility="private", concurrency_limit=8, show_progress="hidden")
        clear.click(lambda: ([], []), None, [chat, turns], api_visibility="private")
        district.change(lambda chosen: chosen, district, remembered, api_visibility="private", show_progress="hidden")
        page.load(
            lambda kept: kept if kept in districts else words["district_any"], remembered, district,
            api_visibility="private", show_progress="hidden",
        )
    return page


def message(answer: Answer) -> dict:
    """An answer as a chat message; a clarifying question's choices become buttons."""
    said: dict = {"role": "assistant", "content": answer_html(answer)}
    if answer.choices:
        said["options"] = [{"label": choice.label, "value": choice.question} for choice in answer.choices]
    return said


def answer_html(answer: Answer) -> str:
    """The answer in one line of HTML, everything that came from outside escaped."""
    words = texts("web")
    addresses = [escape(citation_address(citation), quote=True) for citation in answer.citations]

    def marker(match: re.Match) -> str:
        n = int(match.group(1))
        if not 1 <= n <= len(addresses):
            return match.group()
        return f"<a class='marker' href='{addresses[n - 1]}' target='_blank'>[{n}]</a>"

    parts = [f"<p>{MARKER.sub(marker, escape(line))}</p>" for line in answer.text.splitlines() if line.strip()]
    parts += [f"<p class='validity'>{escape(line)}</p>" for line in answer.validity]
    if answer.citations:
        items = "".join(
            f"<li><a href='{address}' target='_blank'>{escape(citation.label)}</a></li>"
            for citation, address in zip(answer.citations, addresses, strict=True)
        )
        parts.append(f"<div class='sources'>{words['sources']}<ol>{items}</ol></div>")
    return f"<div class='answer'>{''.join(parts)}</div>"
