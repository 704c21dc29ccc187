"""The widget in the page of another site, as that site's readers meet it: in a real browser, on a second origin."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, FrameLocator, Page, expect

from assistant.records import Database, Review, Sieve

from .conftest import DESK, PHONE

QUESTION = "小学入学什么时候采集信息"
# A page whose own style would reach into anything that is not shut off from it.
FOREIGN = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>区政府网站</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"></head>
<body><style>* {{ color: rgb(255, 0, 255) !important; font-size: 40px !important }} button, section, iframe {{ display: none !important }}</style>
<main><h1>区政府网站</h1><p>今日要闻</p><a href="#x">办事大厅</a></main>
{script}</body></html>"""
# Chromium shuts the storage of other sites' frames in a private window; this does the same in any browser.
NO_STORAGE = """
if (window !== window.top) for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, name, { get() { throw new DOMException("The operation is insecure.", "SecurityError"); } });
"""


@pytest.fixture
def visit(browser: Browser, address: str, site) -> Iterator[Callable[..., Page]]:
    """Opens a page of the foreign site with the widget's script line; a request to a third host fails the test."""
    contexts, strangers = [], []

    def visited(attributes: str = "", *, viewport: dict = DESK, home: str = "", init: str = "", **more: object) -> Page:
        site.pages["/"] = FOREIGN.format(script=f'<script src="{address}/widget.js" {attributes}></script>')
        context = browser.new_context(viewport=viewport, locale="zh-CN", reduced_motion="reduce", **more)
        contexts.append(context)
        context.add_init_script(init)
        own = (address, site.home, site.elsewhere, "data:", "blob:", "about:")
        context.on("request", lambda request: strangers.append(request.url) if not request.url.startswith(own) else None)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.goto(home or site.home)
        return page

    yield visited
    site.policy = ""
    for context in contexts:
        context.close()
    assert not strangers, "a request left the two servers"


def opened(page: Page) -> FrameLocator:
    page.locator("[data-gazette-assistant] .round").click()
    chat = page.frame_locator("[data-gazette-assistant] iframe")
    expect(chat.locator("#question textarea")).to_be_visible()
    return chat


def ask(chat: FrameLocator, question: str) -> None:
    before = chat.locator("#conversation .said").count()
    chat.locator("#question textarea").fill(question)
    chat.locator("#send").click()
    expect(chat.locator("#conversation .said")).to_have_count(before + 1)


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_a_reader_asks_inside_the_foreign_page_and_opens_the_clause_there(visit, viewport):
    page = visit('data-district="朝阳区"', viewport=viewport)
    assert page.locator("[data-gazette-assistant] iframe").count() == 0, "nothing is loaded before somebody asks"
    chat = opened(page)
    expect(chat.locator("#district label", has_text="朝阳区").locator("input")).to_be_checked()
    ask(chat, QUESTION)
    expect(chat.locator(".turn .scope").last).to_contain_text("朝阳区")
    chat.locator("a.marker").first.click()
    expect(chat.frame_locator("#beside iframe").locator("#quoted")).to_be_visible()
    page.keyboard.press("Escape")
    expect(chat.locator("#beside")).to_have_count(0)
    expect(page.locator("[data-gazette-assistant] .panel")).to_be_visible()


@pytest.mark.parametrize(("colour", "shown", "letters"), [
    ("#ffd400", "rgb(255, 212, 0)", "rgb(0, 0, 0)"), ("navy", "rgb(0, 0, 128)", "rgb(255, 255, 255)"),
])
def test_the_attributes_set_colour_side_and_language(visit, colour, shown, letters):
    page = visit(f'data-colour="{colour}" data-position="left" data-language="en"')
    button = page.locator("[data-gazette-assistant] .round")
    assert button.bounding_box()["x"] < 100
    assert button.evaluate("(b) => [getComputedStyle(b).backgroundColor, getComputedStyle(b).color]") == [shown, letters]
    expect(page.get_by_role("button", name="Ask the government gazettes (in Chinese)")).to_be_visible()


def test_the_pages_own_words_follow_the_language_and_the_answer_stays_the_gazettes(visit):
    page = visit('data-language="en" data-district="朝阳区"', bypass_csp=True)
    chat = opened(page)
    expect(chat.locator("#question textarea")).to_have_attribute("placeholder", "Your question, in Chinese")
    expect(chat.locator("#foot")).to_contain_text("Answered automatically")
    expect(chat.locator("#send")).to_have_text("Send")
    expect(chat.locator("html")).to_have_attribute("lang", "en")
    expect(chat.locator("#district label", has_text="朝阳区").locator("input")).to_be_checked()
    expect(chat.locator("#district label", has_text="Any district")).to_be_visible()
    ask(chat, QUESTION)
    expect(chat.locator(".turn .scope")).to_contain_text("Searched in: 朝阳区")
    expect(chat.locator(".said")).to_contain_text("采集")
    expect(chat.locator("[data-copy]")).to_have_text("Copy")
    expect(chat.locator("#head [data-clear]")).to_have_text("New chat")
    chat.locator(".sources a").first.click()
    clause = chat.locator("#beside iframe").content_frame
    expect(clause.locator("html")).to_have_attribute("lang", "en")
    expect(clause.locator(".facts dt").first).to_have_text("Number")
    expect(clause.locator("#quoted")).to_be_visible()
    chat.locator("#beside button").click()
    chat.locator("#head [data-clear]").click()
    expect(chat.locator(".welcome h1")).to_contain_text("Which policy")
    assert [one["id"] for one in Axe().run(page).response["violations"] if one["impact"] in ("serious", "critical")] == []


def test_the_review_can_tell_what_was_asked_in_the_widget_from_what_was_asked_on_the_page(visit, open_page, service):
    asked = {"widget": "请问养老家庭照护床位谁能申请", "chat": "请问小学入学什么时候登记"}
    ask(opened(visit()), asked["widget"])
    ask(open_page(), asked["chat"])
    review = Review(Database(service.settings["GAZETTE_DATABASE"]))
    for channel, question in asked.items():
        found = {one.exchange.turn.question for one in review.every(Sieve(matter="", channel=channel))}
        assert found & set(asked.values()) == {question}


def test_a_wrong_attribute_falls_back_and_runs_nothing(visit):
    page = visit('''data-colour="red;} * {display:none" data-language="constructor" data-district="&quot;><script>document.title='x'</script>"''')
    expect(page.get_by_role("button", name="问公报：打开政策问答")).to_be_visible()
    opened(page)
    assert page.title() == "区政府网站"


def test_neither_page_touches_the_others_style(visit):
    page = visit()
    before = page.locator("main").evaluate("(main) => [main.getBoundingClientRect().height, getComputedStyle(main).fontFamily]")
    button = page.locator("[data-gazette-assistant] .round")
    expect(button).to_be_visible()
    assert button.bounding_box()["width"] == button.bounding_box()["height"] == 60
    chat = opened(page)
    assert chat.locator(".welcome h1").evaluate("(h) => getComputedStyle(h).color") != "rgb(255, 0, 255)"
    assert page.locator("main").evaluate("(main) => [main.getBoundingClientRect().height, getComputedStyle(main).fontFamily]") == before


def test_by_keyboard_alone_from_the_button_and_back_to_it(visit):
    page = visit()
    for _ in range(2):  # past the page's own link
        page.keyboard.press("Tab")
    expect(page.locator("[data-gazette-assistant] .round")).to_be_focused()
    page.keyboard.press("Enter")
    chat = page.frame_locator("[data-gazette-assistant] iframe")
    expect(chat.locator("#question textarea")).to_be_focused()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    expect(chat.locator("#conversation .said")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("[data-gazette-assistant] .panel")).to_be_hidden()
    expect(page.locator("[data-gazette-assistant] .round")).to_be_focused()
    expect(page.locator("[data-gazette-assistant] .round")).to_have_attribute("aria-expanded", "false")


def test_where_frames_get_no_storage_the_conversation_outlasts_a_reload_all_the_same(visit):
    page = visit(init=NO_STORAGE)
    chat = opened(page)
    ask(chat, "2021年朝阳区外省市户籍孩子上小学要什么条件")
    chat.locator("#district label", has_text="西城区").click()
    page.wait_for_function("localStorage.getItem('gazette-assistant:district') === '西城区'")
    page.reload()
    chat = opened(page)
    expect(chat.locator("#conversation .said")).to_have_count(1)
    expect(chat.locator("#district label", has_text="西城区").locator("input")).to_be_checked()
    assert page.context.cookies() == []


def test_a_site_that_is_not_allowed_gets_no_frame(visit, site):
    page = visit(home=site.elsewhere)
    with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        page.locator("[data-gazette-assistant] .round").click()
    expect(page.frame_locator("[data-gazette-assistant] iframe").locator("#question")).to_have_count(0)
    expect(page.locator("[data-gazette-assistant] .note")).to_contain_text(f"本网站（{site.elsewhere}）还没有获准使用问公报")
    expect(page.locator("[data-gazette-assistant] .note button")).to_be_hidden()


@pytest.mark.parametrize("again", ["retry", "reopen"])
def test_a_frame_that_failed_is_told_in_chinese_and_comes_with_the_next_try(visit, again):
    page = visit(viewport=PHONE)
    page.context.set_offline(True)
    page.locator("[data-gazette-assistant] .round").click()
    note = page.locator("[data-gazette-assistant] .note")
    expect(note).to_contain_text("连不上问公报")
    expect(page.locator("[data-gazette-assistant] iframe")).to_be_hidden()
    page.context.set_offline(False)
    if again == "retry":
        note.locator("button").click()
    else:
        page.keyboard.press("Escape")
        page.locator("[data-gazette-assistant] .round").click()
    chat = page.frame_locator("[data-gazette-assistant] iframe")
    expect(chat.locator("#question textarea")).to_be_visible()
    expect(note).to_be_hidden()
    ask(chat, QUESTION)


def test_it_works_under_a_strict_policy_of_the_site(visit, site, address):
    site.policy = f"default-src 'none'; script-src {address}; frame-src {address}; img-src data:"
    ask(opened(visit()), QUESTION)


def test_the_page_answers_only_to_its_own_frame(visit):
    page = visit()
    opened(page)
    page.evaluate("""() => {
      for (const message of [{close: true}, {keep: {conversation: 'stolen'}}]) window.postMessage({gazette: message}, '*');
      return new Promise((done) => setTimeout(done, 300));
    }""")
    expect(page.locator("[data-gazette-assistant] .panel")).to_be_visible()
    assert page.evaluate("localStorage.getItem('gazette-assistant:conversation')") is None


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_axe_finds_no_serious_fault_in_the_page_that_shows_it(open_page, viewport):
    page = open_page("/widget-demo", viewport=viewport, bypass_csp=True)
    page.locator("[data-gazette-assistant] .round").click()
    expect(page.frame_locator("[data-gazette-assistant] iframe").locator(".welcome")).to_be_visible()
    found = Axe().run(page).response["violations"]
    assert [one for one in found if one["impact"] in ("serious", "critical")] == []
