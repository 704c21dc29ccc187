"""The resident's chat page, made with Gradio; its HTML is made in ``conversation.py``."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from html import escape

import gradio as gr

from assistant import Assistant, Turn
from assistant.texts import texts

from .conversation import conversation_html, places, status_text
from .pages import rendered

log = logging.getLogger(__name__)

LONGEST = 2000  # characters the box takes; what the assistant reads of them is its own matter
REMEMBERED = 20  # turns kept of a conversation
AT_ONCE = 8  # questions answered at the same time; the others wait
WAITING = 200  # questions that may wait

# A shared question stands behind the #, which browsers do not send: it is in no server's log.
# Gradio hears of a click inside its HTML only through ``trigger``; a button of the conversation carries its question.
CLEARING = """
element.addEventListener('click', (event) => { if (event.target.closest('[data-clear]')) trigger('clear'); });
"""
ASKING = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-ask]');
  if (button) trigger('select', {question: button.dataset.ask});
});
if (location.hash.startsWith('#q=')) {
  const question = decodeURIComponent(location.hash.slice(3));
  history.replaceState(null, '', location.pathname + location.search);
  trigger('select', {question});
}
"""


def chat_page(assistant: Assistant) -> gr.Blocks:
    """The page at ``/``: question, answer with markers, the clauses it stands on."""
    words, corpus = texts("web"), assistant.index.corpus
    anywhere, districts = words["district_any"], list(places(corpus))

    def chosen(district: str | None) -> str:
        return district if district in districts else ""

    def shown(turns: list[Turn], *, district: str | None, asked: str = "") -> str:
        return conversation_html(turns, corpus=corpus, asked=asked, district=chosen(district))

    def respond(question: str | None, turns: list[Turn], district: str | None) -> Iterator[tuple[str, str, list[Turn], str]]:
        """Box, conversation, turns and what a screen reader is told, first while searching, then with the answer."""
        question = (question or "").strip()[:LONGEST]
        if not question:
            yield "", shown(turns, district=district), turns, ""
            return
        yield "", shown(turns, district=district, asked=question), turns, said(words["status_searching"])
        try:
            answer = assistant.ask(question, history=turns, district=chosen(district))
            turns = [*turns, Turn(question, answer)][-REMEMBERED:]
            html, status = shown(turns, district=district), said(status_text(answer))
        except Exception:  # whatever went wrong, the person keeps the question and is told
            log.exception("a question failed")
            gr.Warning(words["failed"])
            yield question, shown(turns, district=district), turns, said(words["failed"])
            return
        yield "", html, turns, status

    def respond_to_button(turns: list[Turn], district: str | None, event: gr.EventData) -> Iterator[tuple]:
        yield from respond(str(event.question), turns, district)

    def move(district: str | None, turns: list[Turn]) -> tuple[str, str]:
        return chosen(district), shown(turns, district=district)

    def recall(kept: str | None) -> tuple[str, str]:
        return chosen(kept) or anywhere, shown([], district=kept)

    with gr.Blocks(title=words["name"], analytics_enabled=False, fill_width=True) as page:
        head = gr.HTML(rendered("chat_head.html"), elem_id="head", js_on_load=CLEARING, apply_default_css=False)
        remembered = gr.BrowserState("", storage_key="district")
        turns = gr.State([], time_to_live=6 * 3600)
        district = gr.Radio([anywhere, *districts], value=anywhere, label=words["district"], elem_id="district")
        conversation = gr.HTML(shown([], district=""), elem_id="conversation", js_on_load=ASKING, apply_default_css=False)
        status = gr.HTML(said(""), elem_id="status", js_on_load=None, apply_default_css=False)
        with gr.Column(elem_id="ask"):
            with gr.Row():
                box = gr.Textbox(
                    label=words["question_label"], placeholder=words["placeholder"], show_label=False, container=False, autofocus=True,
                    max_length=LONGEST, elem_id="question", lines=1, max_lines=6,
                )
                send = gr.Button(words["send"], variant="primary", elem_id="send")
            gr.HTML(f"<p>{escape(words['notice'])}</p>", elem_id="foot", js_on_load=None, apply_default_css=False)

        quiet = {"api_visibility": "private", "show_progress": "hidden"}
        outputs = [box, conversation, turns, status]
        gr.on(
            [box.submit, send.click], respond, [box, turns, district], outputs, concurrency_limit=AT_ONCE, concurrency_id="ask",
            trigger_mode="once", **quiet,
        )
        conversation.select(
            respond_to_button, [turns, district], outputs, concurrency_limit=AT_ONCE, concurrency_id="ask", trigger_mode="once", **quiet
        )
        head.clear(lambda where: ("", shown([], district=where), [], said("")), district, outputs, **quiet)
        district.input(move, [district, turns], [remembered, conversation], **quiet)
        page.load(recall, remembered, [district, conversation], **quiet)
    return page.queue(max_size=WAITING, api_open=False)


def said(text: str) -> str:
    """What a screen reader is told, and the panel's words for the page's script."""
    words = texts("web")
    return (
        f'<p class="sr" role="status">{escape(text)}</p><span id="beside-texts" hidden data-title="{escape(words["beside_title"])}" '
        f'data-whole="{escape(words["beside_whole"])}" data-close="{escape(words["beside_close"])}"></span>'
    )
