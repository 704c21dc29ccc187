"""The resident's chat page, made with Gradio; its HTML is made in ``conversation.py``, the browser's part is ``static/chat.js``.

The server holds nothing of a conversation between two questions but what is in the records: the browser keeps the
conversation's id and sends it along, so that a restart of the server or a reload of the page loses nothing.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from html import escape
from types import SimpleNamespace

import gradio as gr

from assistant import Answer, Turn
from assistant.records import Records
from corpus.texts import texts

from .conversation import conversation_html, live_html, status_text
from .pages import rendered, worded
from .schemas import LONGEST
from .served import Served, Serving

log = logging.getLogger(__name__)

REMEMBERED = 20  # turns shown of a conversation
AT_ONCE = 8  # questions answered at the same time; the others wait
WAITING = 200  # questions that may wait

# Gradio hears of a click inside its HTML only through ``trigger``; a button of the conversation carries its question.
CLEARING = "element.addEventListener('click', (event) => { if (event.target.closest('[data-clear]')) trigger('clear'); });"
# A shared question stands behind the #, which browsers do not send: it is in no server's log.
ASKING = """
const ask = (question) => { window.gazetteTapped = question; trigger('select', {question}); };
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-ask]');
  if (button) ask(button.dataset.ask);
});
element.addEventListener('forgotten', () => trigger('clear'));
if (location.hash.startsWith('#q=')) {
  const question = decodeURIComponent(location.hash.slice(3));
  history.replaceState(null, '', location.pathname + location.search);
  ask(question);
}
"""
# The browser shows a question as sent before the server has said a word.
LIVE = "window.gazetteLive = (html) => { props.value = html; };"
# What the browser keeps joins each event on its way to the server.
WITH_QUESTION = "async (question, kept, district) => { gazetteSent(question); return [question, await gazetteKept(), district]; }"
WITH_BUTTON = "async (kept, district) => { gazetteSent(gazetteTapped, true); return [await gazetteKept(), district]; }"
WITH_DISTRICT = "async (district, kept) => { gazetteKeep('district', district); return [district, await gazetteKept()]; }"
WITH_NOTHING = "async () => [await gazetteKept()]"
FORGETTING = "async (district, kept) => { gazetteKeep('conversation', ''); return [district, await gazetteKept()]; }"
SETTLING = "() => gazetteSettled()"
GIVING_BACK = "() => gazetteGiveBack()"  # also after what never reached the server, such as a proxy's error page


def chat_page(serving: Serving, records: Records) -> gr.Blocks:
    """The page at ``/``: question, answer with markers, the clauses it stands on."""
    words, begun = worded(""), serving()
    # The page is printed once, of this index; of one put in force since it is told when it is opened.
    anywhere, printed = words.district_any, begun.index.digest

    def chosen(served: Served, district: str | None) -> str:
        return district if district in served.places else ""

    def shown(conversation: str, district: str | None, language: str = "") -> str:
        served = serving()
        exchanges = records.exchanges(conversation, last=REMEMBERED) if conversation else []
        examples = () if exchanges else served.first_questions(chosen(served, district))
        return conversation_html(exchanges, corpus=served.corpus, examples=examples, language=language)

    def respond(question: str | None, kept: str | None, district: str | None) -> Iterator[tuple]:
        """Conversation, the turn being answered, and what a screen reader is told.

        The box is the browser's alone: it is emptied there at the moment of sending, and a person may type on meanwhile.
        """
        question, conversation, language = (question or "").strip()[:LONGEST], *held(kept)
        words = worded(language)
        if not question:
            yield shown(conversation, district, language), "", said("", conversation, language)
            return
        yield gr.skip(), live_html(question, language=language), said(words.status_searching, conversation, language)
        try:
            history = [one.turn for one in records.exchanges(conversation, last=REMEMBERED)]
            text, served = "", serving()
            for piece in served.assistant.stream(question, history=history, district=chosen(served, district)):
                if isinstance(piece, Answer):
                    answer = piece
                    break
                text += piece
                yield gr.skip(), live_html(question, text, language=language), gr.skip()
            channel = "widget" if kept_in(kept).get("channel") == "widget" else "chat"
            conversation, _ = records.add(Turn(question, answer), conversation=conversation, channel=channel)
            html = shown(conversation, district, language)
            status = said(status_text(answer, language=language), conversation, language)
        except Exception:  # whatever went wrong, the person is told, and gets the question back by `GIVING_BACK`
            log.exception("a question failed")
            yield gr.skip(), "", said("", conversation, language)
            raise gr.Error(words.failed, print_exception=False) from None
        yield html, "", status

    def respond_to_button(kept: str | None, district: str | None, event: gr.EventData) -> Iterator[tuple]:
        yield from respond(str(event.question), kept, district)

    def clear(district: str | None, kept: str | None) -> tuple:
        _, language = held(kept)
        return shown("", district, language), "", said("", "", language)

    def forgotten(district: str | None, kept: str | None) -> tuple:
        _, language = held(kept)
        words = worded(language)
        gr.Info(words.forgotten, duration=4)
        return shown("", district, language), "", said(words.forgotten, "", language)

    def move(district: str | None, kept: str | None) -> str:
        conversation, language = held(kept)
        return shown(conversation, district, language)

    def recall(kept: str | None) -> tuple:
        """What the browser kept, shown; what it did not is left alone: on a slow line a person may have chosen or asked meanwhile."""
        conversation, language = held(kept)
        served = serving()
        district, new = chosen(served, kept_in(kept).get("district")), served.index.digest != printed
        again = shown(conversation, district, language) if conversation or district or language or new else gr.skip()
        words = worded(language)
        value = ({"choices": choices(words, served)} if language or new else {}) | ({"value": district} if district else {})
        if not language:
            return gr.update(**value) if value else gr.skip(), again, *[gr.skip()] * 5
        return (
            gr.update(label=words.district, **value), again, said("", conversation, language),
            rendered("chat_head.html", words=words), gr.update(label=words.question_label, placeholder=words.placeholder), words.send,
            foot_html(words),
        )

    def choices(words: SimpleNamespace, served: Served) -> list[tuple[str, str]]:
        return [(words.district_any, anywhere), *((name, name) for name in served.places)]

    with gr.Blocks(title=words.name, analytics_enabled=False, fill_width=True) as page:
        head = gr.HTML(rendered("chat_head.html"), elem_id="head", js_on_load=CLEARING, apply_default_css=False)
        kept = gr.Textbox(visible=False)  # always empty on the page: its value is what `gazetteKept` sends
        district = gr.Radio(choices(words, begun), value=anywhere, label=words.district, elem_id="district")
        conversation = gr.HTML(shown("", ""), elem_id="conversation", js_on_load=ASKING, apply_default_css=False)
        live = gr.HTML("", elem_id="live", js_on_load=LIVE, apply_default_css=False)
        status = gr.HTML(said("", ""), elem_id="status", js_on_load=None, apply_default_css=False)
        with gr.Column(elem_id="ask"):
            with gr.Row():
                box = gr.Textbox(
                    label=words.question_label, placeholder=words.placeholder, show_label=False, container=False, autofocus=True,
                    max_length=LONGEST, elem_id="question", lines=1, max_lines=6,
                )
                send = gr.Button(words.send, variant="primary", elem_id="send")
            foot = gr.HTML(foot_html(words), elem_id="foot", js_on_load=None, apply_default_css=False)

        quiet = {"api_visibility": "private", "show_progress": "hidden"}
        asking = {"concurrency_limit": AT_ONCE, "concurrency_id": "ask", "trigger_mode": "once", **quiet}
        outputs = [conversation, live, status]
        typed = gr.on([box.submit, send.click], respond, [box, kept, district], outputs, js=WITH_QUESTION, **asking)
        tapped = conversation.select(respond_to_button, [kept, district], outputs, js=WITH_BUTTON, **asking)
        for asked in (typed, tapped):
            asked.success(None, js=SETTLING)
            asked.failure(None, js=GIVING_BACK)
        head.clear(clear, [district, kept], outputs, js=FORGETTING, **quiet)
        conversation.clear(forgotten, [district, kept], outputs, js=FORGETTING, **quiet)
        district.input(move, [district, kept], conversation, js=WITH_DISTRICT, **quiet)
        page.load(recall, kept, [district, conversation, status, head, box, send, foot], js=WITH_NOTHING, **quiet)
    return page.queue(max_size=WAITING, api_open=False)


def kept_in(kept: str | None) -> dict[str, str]:
    """What the browser sends along: ``conversation``, ``district``, ``language``, ``channel``, of bounded length; whatever else is nothing."""
    try:
        values = json.loads(kept or "{}")
    except ValueError:
        return {}
    known = {name: values.get(name) for name in ("conversation", "district", "language", "channel")} if isinstance(values, dict) else {}
    return {name: value[:100] for name, value in known.items() if isinstance(value, str)}


def held(kept: str | None) -> tuple[str, str]:
    """The conversation's id and the language of the page, "" for that of the gazettes."""
    values = kept_in(kept)
    language = values.get("language", "")
    return values.get("conversation", ""), language if language in texts("chat") else ""


def foot_html(words: SimpleNamespace) -> str:
    return f"<p>{escape(words.notice)}</p>"


def said(text: str, conversation: str, language: str = "") -> str:
    """What a screen reader is told, the conversation's id for the browser to keep, and what its script needs: words, a question's shape."""
    sending = live_html("", language=language)
    return rendered("chat_status.html", text=text, conversation=conversation, sending=sending, words=worded(language))
