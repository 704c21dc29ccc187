"""A resident asks, reads, opens the clause: in a real browser, at phone and desk width, by keyboard alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from .conftest import DESK, PHONE

QUESTION = "过年在朝阳区家门口能放鞭炮吗"
AMBIGUOUS = "小学入学什么时候采集信息"


def ask(page: Page, question: str) -> Locator:
    """Types the question, sends it, and gives the answer to it."""
    before = page.locator(".turn .said").count()
    page.locator("#question textarea").fill(question)
    page.locator("#send").click()
    expect(page.locator(".turn .said")).to_have_count(before + 1)
    return page.locator(".turn").last


def test_a_resident_reads_the_answer_and_opens_the_clause_highlighted(open_page):
    page = open_page()
    turn = ask(page, QUESTION)
    expect(turn.locator(".asked")).to_contain_text(QUESTION)
    source = turn.locator(".sources a", has_text="朝政发〔2021〕4号").first
    expect(source).to_be_visible()
    source.click()
    frame = page.frame_locator("#beside iframe")
    expect(frame.locator("#quoted")).to_be_in_viewport()
    with page.context.expect_page() as opened:
        page.locator("#beside a").click()
    notice = opened.value
    expect(notice.locator("h1")).to_contain_text("烟花爆竹")
    expect(notice.locator("#quoted")).to_be_visible()
    expect(notice.locator("#quoted")).to_be_in_viewport()


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_back_closes_the_clause_and_only_then_leaves(open_page, viewport):
    page = open_page(viewport=viewport)
    marker = ask(page, QUESTION).locator("a.marker").first
    for close in (lambda: page.locator("#beside button").click(), lambda: page.keyboard.press("Escape"), page.go_back):
        marker.click()
        expect(page.frame_locator("#beside iframe").locator("#quoted")).to_be_visible()
        close()
        expect(page.locator("#beside")).to_have_count(0)
        expect(marker).to_be_focused()
        page.wait_for_function("!history.state?.beside")
    page.go_back()
    expect(page).to_have_url("about:blank")


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_the_clause_opens_beside_the_answer_and_closes_to_where_one_was(open_page, viewport):
    page = open_page(viewport=viewport)
    marker = ask(page, QUESTION).locator("a.marker").first
    marker.click()
    frame = page.frame_locator("#beside iframe")
    expect(frame.locator("#quoted")).to_be_visible()
    expect(page.locator("#beside button")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#beside")).to_have_count(0)
    expect(marker).to_be_focused()


def test_an_answer_is_followed_by_questions_its_notice_also_answers(open_page):
    page = open_page()
    button = ask(page, "西城区养老家庭照护床位谁能申请").locator(".next button").first
    wanted = button.inner_text()
    button.click()
    expect(page.locator(".turn .said")).to_have_count(2)
    expect(page.locator(".turn").last.locator(".asked")).to_contain_text(wanted)
    expect(page.locator(".turn").last.locator(".sources")).to_contain_text("西民发〔2022〕8号")


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_the_newest_question_and_its_answer_stand_at_the_top_of_the_screen(open_page, viewport):
    page = open_page(viewport=viewport)
    for question in (QUESTION, AMBIGUOUS):
        turn = ask(page, question)
    expect(turn.locator(".sources a").first).to_be_attached()
    assert turn.locator(".asked").evaluate("(asked) => asked.getBoundingClientRect().top") < 120


def test_feedback_is_given_by_one_click_and_a_word_of_why(open_page):
    page = open_page()
    turn = ask(page, QUESTION)
    turn.locator("[data-verdict=miscited]").click()
    expect(turn.locator(".thanks")).to_have_text("谢谢，已记下")
    turn.locator(".why input").fill("应引第二条")
    page.keyboard.press("Enter")
    expect(turn.locator(".why")).to_be_hidden()
    page.reload()
    expect(page.locator("[data-verdict=miscited]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".why input")).to_have_value("应引第二条")


def test_a_conversation_of_three_turns_outlasts_a_reload_and_is_deleted_on_request(open_page):
    page = open_page()
    ask(page, AMBIGUOUS).locator(".choices button").first.click()
    expect(page.locator(".turn .said")).to_have_count(2)
    ask(page, QUESTION)
    said = page.locator(".turn .said").all_inner_texts()
    page.reload()
    expect(page.locator(".turn .said")).to_have_count(3)
    assert page.locator(".turn .said").all_inner_texts() == said
    page.locator("[data-forget]").click()
    expect(page.locator("[data-forget]")).to_have_text("确定删除")
    page.locator("[data-forget]").click()
    expect(page.locator(".welcome")).to_be_visible()
    page.reload()
    expect(page.locator(".welcome")).to_be_visible()


def test_a_conversation_outlasts_a_restart_of_the_server_without_a_reload(open_page, service):
    page = open_page()
    ask(page, "2021年朝阳区外省市户籍孩子上小学要什么条件")
    service.stop()
    page.locator("#question textarea").fill("那西城区呢")
    service.start()
    expect(page.locator("#question textarea")).to_have_value("那西城区呢")
    expect(page.locator(".turn .said")).to_have_count(1)
    page.locator("#send").click()
    expect(page.locator(".turn .said")).to_have_count(2)
    expect(page.locator(".turn").last.locator(".scope").first).to_contain_text("西城区")


def test_a_printed_answer_is_the_answer_with_its_sources_and_nothing_to_press(open_page):
    page = open_page()
    turn = ask(page, QUESTION)
    page.emulate_media(media="print")
    expect(turn.locator(".sources blockquote").first).to_be_visible()
    assert page.locator("button:visible, textarea:visible").count() == 0


def test_a_clarifying_question_is_answered_by_a_button(open_page):
    page = open_page()
    turn = ask(page, AMBIGUOUS)
    expect(turn.locator(".back")).to_be_in_viewport()
    expect(turn.locator(".choices button").last).to_be_in_viewport(ratio=1)  # before the clauses, which are longer than a phone's screen
    choice = turn.locator(".choices button").first
    label = choice.inner_text()
    choice.click()
    expect(page.locator(".turn .said")).to_have_count(2)
    district = re.match(r"[\u4e00-\u9fff]+?区", label).group()
    expect(page.locator(".turn").last.locator(".scope").first).to_contain_text(district)


def test_what_was_understood_can_be_changed_to_another_district(open_page):
    page = open_page()
    turn = ask(page, "2021年朝阳区外省市户籍孩子上小学要什么条件")
    expect(turn.locator(".scope summary")).to_contain_text("朝阳区2021年")
    turn.locator(".scope summary").click()
    turn.locator(".scope button", has_text="西城区2022年").click()
    expect(page.locator(".turn").last.locator(".scope").first).to_contain_text("西城区2022年")


def test_the_district_chosen_is_remembered_and_used(open_page):
    page = open_page()
    page.locator("#district label", has_text="西城区").click()
    expect(page.locator(".examples button").first).to_contain_text("养老")
    page.reload()
    expect(page.locator("#district label", has_text="西城区").locator("input")).to_be_checked()
    expect(ask(page, AMBIGUOUS).locator(".scope").first).to_contain_text("西城区")


def test_an_example_is_asked_by_one_click(open_page):
    page = open_page()
    page.locator(".examples button").first.click()
    expect(page.locator(".turn .said")).to_have_count(1)


def test_a_shared_link_asks_the_same_question_and_the_address_is_clean_again(open_page):
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    page.locator("#district label", has_text="西城区").click()
    turn = ask(page, "养老家庭照护床位谁能申请")
    turn.locator("[data-share]").click()
    expect(turn.locator("[data-share]")).to_have_text("链接已复制")
    link = page.evaluate("navigator.clipboard.readText()")
    assert "?" not in link, "a question in a query would stand in every log on its way"
    other = open_page("/" + link.split("/", 3)[3])
    expect(other.locator(".turn .said")).to_have_count(1)
    expect(other.locator(".asked")).to_contain_text("西城区养老家庭照护床位谁能申请")
    assert other.url.endswith("/")


def test_a_copied_answer_names_its_sources(open_page):
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    turn = ask(page, QUESTION)
    turn.locator("[data-copy]").click()
    expect(turn.locator("[data-copy]")).to_have_text("已复制")
    assert "（朝政发〔2021〕4号）" in page.evaluate("navigator.clipboard.readText()")


def test_a_copied_answer_keeps_its_question_and_its_markers_apart_from_the_words(open_page):
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    turn = ask(page, QUESTION)
    turn.locator("[data-copy]").click()
    expect(turn.locator("[data-copy]")).to_have_text("已复制")
    lines = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert lines[0] == QUESTION
    assert any(line.endswith("[1]") for line in lines) and any(line.startswith("[1] 《") for line in lines)
    assert not any(re.search(r"[^[\d]\d$", line) for line in lines)
    expect(turn.locator("[data-copy]")).to_have_text("复制", timeout=10_000)


def test_a_clipboard_that_is_denied_is_told(open_page):
    page = open_page()
    turn = ask(page, QUESTION)
    page.evaluate("""() => {
      navigator.clipboard.writeText = () => Promise.reject(new DOMException("denied", "NotAllowedError"));
      document.execCommand = () => false;
    }""")
    turn.locator("[data-copy]").click()
    expect(turn.locator("[data-copy]")).to_have_text("复制失败")


def test_a_script_in_a_question_is_text(open_page):
    page = open_page()
    page.on("dialog", lambda dialog: pytest.fail("the question ran as a script"))
    evil = '<script>alert(1)</script><img src=x onerror="alert(2)">能放鞭炮吗'
    turn = ask(page, evil)
    expect(turn.locator(".asked")).to_contain_text(evil)
    assert turn.locator("script, img").count() == 0


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_nothing_is_wider_than_the_screen(open_page, viewport):
    page = open_page(viewport=viewport)
    ask(page, "西城区养老家庭照护床位谁能申请")
    for path in ("/", "/notices", "/notices/西政办发〔2022〕2号"):
        if path != "/":
            page.goto(page.url.split("/notices")[0].rstrip("/") + path)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path


def test_by_keyboard_alone_from_question_to_clause(open_page):
    page = open_page()
    reach(page, "document.activeElement.closest('#question')")
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator(".turn .said")).to_have_count(1)
    expect(page.locator("#question textarea")).to_be_focused()
    reach(page, "document.activeElement.closest('.sources a')", key="Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.frame_locator("#beside iframe").locator("#quoted")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".sources a:focus")).to_have_count(1)


def reach(page: Page, wanted: str, *, key: str = "Tab") -> None:
    """Presses ``key`` until the focus is where ``wanted`` (JavaScript) is true."""
    for _ in range(40):
        if page.evaluate(f"Boolean({wanted})"):
            return
        page.keyboard.press(key)
    pytest.fail(f"{wanted} is not reached by {key}")


def test_a_screen_reader_is_told_of_the_answer_once(open_page):
    page = open_page()
    ask(page, QUESTION)
    expect(page.locator("#status [role=status]")).to_contain_text("已有回答")
    assert page.locator("#conversation [aria-live], #conversation [role=log]").count() == 0


def test_the_focus_follows_a_button_that_goes_away(open_page):
    page = open_page()
    ask(page, AMBIGUOUS).locator(".choices button").first.press("Enter")
    expect(page.locator("#conversation .said")).to_have_count(2)
    expect(page.locator("#conversation .turn").last).to_be_focused()
    for _ in range(2):
        page.locator("[data-forget]").press("Enter")
    expect(page.locator(".welcome h1")).to_be_focused()
    expect(page.locator("#status [role=status]")).to_have_text("对话已删除")
    expect(page.get_by_test_id("toast-body")).to_contain_text("对话已删除")
    expect(page.get_by_test_id("toast-body")).not_to_contain_text("Info")


def test_larger_type_is_remembered_and_a_new_conversation_starts_empty(open_page):
    page = open_page()
    page.locator("[data-larger]").click()
    ask(page, QUESTION)
    page.locator("[data-clear]").click()
    expect(page.locator(".welcome")).to_be_visible()
    page.reload()
    expect(page.locator("[data-larger]")).to_have_attribute("aria-pressed", "true")


def test_larger_type_reaches_the_clause_beside_the_answer(open_page):
    page = open_page(viewport=DESK)
    page.locator("[data-larger]").click()
    ask(page, QUESTION)
    page.locator("a.marker").first.click()
    beside = page.frame_locator("#beside iframe").locator("html")
    expect(beside).to_have_css("font-size", "20px")
    page.locator("[data-larger]").click()
    expect(beside).to_have_css("font-size", "16px")


def test_larger_type_reaches_the_pages_of_the_notices_and_is_chosen_there_too(open_page):
    page = open_page()
    page.locator("[data-larger]").click()
    page.goto(page.url.split("#")[0] + "notices")
    expect(page.locator("html")).to_have_css("font-size", "20px")
    page.locator("[data-larger]").click()
    expect(page.locator("html")).to_have_css("font-size", "16px")
    page.locator(".notices a").first.click()
    expect(page.locator("[data-larger]")).to_have_attribute("aria-pressed", "false")


def test_the_notices_work_without_javascript(open_page):
    page = open_page("/notices", java_script_enabled=False)
    page.locator("select[name=district]").select_option("朝阳区")
    page.locator("input[name=text]").fill("烟花爆竹")
    page.locator("form button").click()
    page.locator(".notices a").first.click()
    expect(page.locator("h1")).to_contain_text("烟花爆竹")
    page.locator(".printed summary").click()
    expect(page.locator(".printed pre")).to_be_visible()
