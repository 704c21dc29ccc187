"""What a person typed is never thrown away: not by a lost connection, a failure, or an answer that comes meanwhile."""

from __future__ import annotations

import re
import sqlite3

from playwright.sync_api import Page, Route, expect

from .test_chat import QUESTION, ask

NEXT = "下一个问题：养老床位"


def test_what_was_typed_outlasts_a_lost_connection(open_page):
    page = open_page()
    page.context.set_offline(True)
    page.locator("#question textarea").fill(QUESTION)
    page.locator("#send").click()
    expect(page.get_by_test_id("toast-body")).to_contain_text("正在重新连接")
    expect(page.locator("#question textarea")).to_have_value(QUESTION)
    with page.expect_request("**/queue/join*"):  # the page is built anew when the server is back
        page.context.set_offline(False)
    expect(page.get_by_test_id("toast-body")).to_have_count(0)
    expect(page.locator("#question textarea")).to_have_value(QUESTION)
    page.locator("#send").click()
    expect(page.locator(".turn .said")).to_have_count(1)
    page.reload()
    expect(page.locator("#question textarea")).to_have_value("")


def held(page: Page, question: str) -> list[Route]:
    """Where the question will wait on its way to the server, as on a slow line."""
    waiting: list[Route] = []
    page.route("**/queue/join*", lambda route: waiting.append(route) if question in route.request.post_data else route.continue_())
    return waiting


def let_go(page: Page, waiting: list[Route]) -> None:
    """The page shows a question before it sends it: perhaps it still has to."""
    for _ in range(100):
        if waiting:
            break
        page.wait_for_timeout(50)
    waiting.pop().continue_()


def test_what_is_typed_while_an_answer_comes_stays_and_is_no_part_of_the_question(open_page):
    page = open_page()
    box, waiting = page.locator("#question textarea"), held(page, QUESTION)
    box.fill(QUESTION)
    page.locator("#send").click()
    expect(page.locator("#live .asked")).to_contain_text(QUESTION)
    expect(page.locator("#live .dots")).to_contain_text("正在查找")
    expect(box).to_have_value("")
    box.press_sequentially(NEXT)
    box.press("Enter")
    let_go(page, waiting)
    expect(page.locator("#conversation .said")).to_have_count(1)
    expect(page.locator("#conversation .asked span").last).to_have_text(QUESTION)
    expect(box).to_have_value(NEXT)
    page.reload()
    expect(page.locator("#conversation .said")).to_have_count(1)
    expect(box).to_have_value(NEXT)


def test_a_tapped_example_and_a_new_conversation_leave_what_is_half_typed(open_page):
    page = open_page()
    box = page.locator("#question textarea")
    box.fill(NEXT)
    example = page.locator(".examples button").first
    waiting = held(page, example.inner_text())
    example.click()
    expect(page.locator("#live .asked")).to_be_visible()
    box.press("Enter")
    let_go(page, waiting)
    expect(page.locator("#conversation .said")).to_have_count(1)
    expect(box).to_have_value(NEXT)
    page.locator("#head [data-clear]").click()
    expect(page.locator(".welcome")).to_be_visible()
    expect(box).to_have_value(NEXT)
    page.reload()
    expect(page.locator(".welcome")).to_be_visible()
    expect(box).to_have_value(NEXT)


def test_a_proxys_error_page_is_told_in_chinese_and_the_question_comes_back(open_page):
    page = open_page()
    box, waiting = page.locator("#question textarea"), held(page, QUESTION)
    for typed, back in (("", QUESTION), (NEXT, f"{QUESTION}\n{NEXT}")):
        box.fill(QUESTION)
        page.locator("#send").click()
        expect(box).to_have_value("")
        box.press_sequentially(typed)
        waiting.pop().fulfill(status=502, content_type="text/html", body="<html>Bad Gateway</html>")
        expect(page.get_by_test_id("toast-body").last).to_contain_text("没有得到回答")
        expect(page.get_by_test_id("toast-body").filter(has_text=re.compile("Error|parse"))).to_have_count(0)
        expect(box).to_have_value(back)
        expect(page.locator("#live .turn")).to_have_count(0)
    page.unroute_all()
    ask(page, QUESTION)
    expect(box).to_have_value("")


def test_a_failure_of_the_server_gives_the_question_back(open_page, service):
    page = open_page()
    with sqlite3.connect(service.settings["GAZETTE_DATABASE"].removeprefix("sqlite:///")) as records:
        records.execute("ALTER TABLE turns RENAME TO gone")
        records.commit()
        try:
            page.locator("#question textarea").fill(QUESTION)
            page.locator("#send").click()
            expect(page.get_by_test_id("toast-body")).to_contain_text("没有得到回答")
        finally:
            records.execute("ALTER TABLE gone RENAME TO turns")
    expect(page.get_by_test_id("toast-body")).not_to_contain_text("Error")
    expect(page.locator("#question textarea")).to_have_value(QUESTION)
    expect(page.locator("#live .turn")).to_have_count(0)
    page.locator("#send").click()
    expect(page.locator("#conversation .said")).to_have_count(1)


def test_a_tapped_question_that_could_not_be_asked_stands_in_the_box(open_page):
    page = open_page()
    example = page.locator(".examples button").first
    question = example.inner_text()
    page.context.set_offline(True)
    example.click()
    expect(page.get_by_test_id("toast-body")).to_contain_text("正在重新连接")
    expect(page.locator("#question textarea")).to_have_value(question)
    expect(page.locator(".welcome")).to_be_visible()
