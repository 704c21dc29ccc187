"""A language model that writes slowly, breaks off or is down, seen from the browser: first words soon, an answer always."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect
from scripted import Reply, Script, Server, says, serving

from .conftest import DESK, PHONE, Service
from .test_chat import QUESTION

FIRST = "朝阳区行政区域内全年禁止燃放烟花爆竹[1]。"
TOKENS = [*FIRST, *"任何单位和个人不得"]  # as a model on an old computer gives them, one sign at a time
PAUSE = 0.03  # seconds between two of them
WRITTEN = "朝阳区行政区域内全年禁止燃放烟花爆竹"
PRINTED = "禁止燃放"


@pytest.fixture(scope="module")
def model() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture(scope="module")
def service(tmp_path_factory, model: Server) -> Iterator[Service]:
    """The program with that language model."""
    service = Service(
        tmp_path_factory.mktemp("with-model"), GAZETTE_LLM_URL=model.url, GAZETTE_LLM_MODEL="scripted", GAZETTE_LLM_SECONDS="6",
    )
    service.start()
    yield service
    service.stop()


class Paused:
    """A script that writes ``TOKENS``, waits until ``ended`` is set, and then does ``end``; ``gone`` once nobody listens any more."""

    def __init__(self, end: Callable[[Reply], None] = Reply.done) -> None:
        self.end, self.ended, self.gone = end, False, False

    def __call__(self, reply: Reply, body: dict) -> None:
        reply.begin()
        for token in TOKENS:
            reply.text(token)
            time.sleep(PAUSE)
        until = time.monotonic() + 20
        try:
            while not self.ended and time.monotonic() < until:
                reply.text("")
                time.sleep(0.05)
            self.end(reply)
        except OSError:
            self.gone = True
            raise


def broken_off(reply: Reply) -> None:
    """The connection ends in the middle, as when the model's process dies."""
    reply.handler.close_connection = True


def in_chat(open_page, open_console) -> tuple[Page, Locator, Locator]:
    page = open_page(viewport=PHONE)
    page.locator("#question textarea").fill(QUESTION)
    page.locator("#send").click()
    return page, page.locator("#live .answer"), page.locator(".turn .said")


def in_console(open_page, open_console) -> tuple[Page, Locator, Locator]:
    page = open_console(viewport=DESK)
    page.keyboard.insert_text(QUESTION)
    page.keyboard.press("Enter")
    return page, page.locator(".waiting"), page.locator(".reply .said")


@pytest.fixture(params=[in_chat, in_console])
def asking(request, open_page, open_console) -> Callable[[], tuple[Page, Locator, Locator]]:
    """Asks as a resident and as an operator: the page, where an answer grows, where it stands once it is whole."""
    return lambda: request.param(open_page, open_console)


def test_each_sentence_stands_on_the_page_while_the_model_is_still_writing_the_next(asking, model):
    model.script = slow = Paused()
    _, growing, whole = asking()
    expect(growing).to_contain_text(WRITTEN)
    expect(growing).not_to_contain_text("[1]")
    expect(growing).not_to_contain_text("任何单位")  # no half a sentence
    expect(whole).to_have_count(0)
    slow.ended = True
    expect(whole).to_contain_text(WRITTEN)
    expect(growing).to_have_count(0)


def test_what_a_model_has_said_before_it_broke_off_is_kept_where_it_passed(asking, model):
    model.script = slow = Paused(end=broken_off)
    _, growing, whole = asking()
    expect(growing).to_contain_text(WRITTEN)
    slow.ended = True
    expect(whole).to_contain_text(PRINTED)
    expect(growing).to_have_count(0)


@pytest.mark.parametrize("script", [lambda reply, body: reply.begin(500), lambda reply, body: None, says()], ids=["refuses", "hangs up", "silent"])
def test_without_a_word_of_the_model_the_answer_is_the_clauses_own(asking, model, script: Script):
    model.script = script
    _, _, whole = asking()
    expect(whole).to_contain_text(PRINTED)


def test_who_goes_on_to_another_question_is_not_waited_for_by_the_model(open_page, open_console, model):
    model.script = slow = Paused()
    page, growing, whole = in_console(open_page, open_console)
    expect(growing).to_contain_text(WRITTEN)
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("养老家庭照护床位")
    expect(page.locator(".hit").first).to_contain_text("养老")
    expect(growing).to_have_count(0)
    until = time.monotonic() + 10
    while not slow.gone and time.monotonic() < until:
        time.sleep(0.05)
    assert slow.gone, "the model still writes for nobody"
    expect(whole).to_have_count(0)
