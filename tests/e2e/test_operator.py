"""An operator from login to copied citation by keyboard alone; a resident's verdict into review into export."""

from __future__ import annotations

import csv
import re

import pytest
from playwright.sync_api import Page, expect

from .conftest import DESK, NAME, PASSWORD, PHONE, ready
from .test_accessibility import faults
from .test_chat import QUESTION, ask

CITATION = "《北京市朝阳区人民政府关于本行政区域内禁止燃放烟花爆竹的通告》（朝政发〔2021〕4号）"


def clipboard(page: Page) -> str:
    return page.evaluate("navigator.clipboard.readText()")


def test_from_login_to_copied_citation_by_keyboard_alone(open_console):
    page = open_console()
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type(QUESTION)
    expect(page.locator(".hit").first).to_contain_text("朝政发〔2021〕4号")
    expect(page.locator("#paper #quoted")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator(".reply .said")).to_contain_text("禁止燃放")
    expect(page.locator("#paper #quoted")).to_be_in_viewport()
    page.keyboard.press("Alt+c")
    expect(page.locator("#toast")).to_contain_text("已复制")
    assert clipboard(page).startswith(CITATION)
    page.keyboard.press("Alt+r")
    expect(page.locator("#toast")).to_contain_text("根据")
    assert "朝政发2021年第4号" in clipboard(page) and "〔" not in clipboard(page)


def test_the_clauses_are_there_while_an_answer_is_long_in_coming_and_what_one_reads_meanwhile_stays(open_console):
    page, asked = open_console(), []
    page.route("**/operator/ask", lambda route: asked.append(route))  # a language model that is still writing
    page.keyboard.insert_text(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator(".hit").nth(1)).to_be_visible()
    expect(page.locator(".waiting")).to_be_visible()
    expect(page.locator("#paper #quoted")).to_be_in_viewport()
    page.keyboard.press("ArrowDown")
    start = page.locator(".hit").nth(1).get_attribute("data-start")
    expect(page.locator(".shown")).to_have_attribute("data-start", start)
    asked[0].continue_()
    expect(page.locator(".reply .said")).to_contain_text("禁止燃放")
    expect(page.locator(".waiting")).to_have_count(0)
    expect(page.locator(".shown")).to_have_attribute("data-start", start)


def test_typing_on_makes_an_answer_moot_that_has_not_come(open_console):
    page, asked = open_console(), []
    page.route("**/operator/ask", lambda route: asked.append(route))
    page.keyboard.insert_text(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator(".waiting")).to_be_visible()
    page.keyboard.press("Control+a")
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/operator/ask")):
        page.keyboard.insert_text("养老家庭照护床位")
    expect(page.locator(".waiting")).to_have_count(0)
    expect(page.locator(".hit").first).to_contain_text("养老")
    expect(page.locator(".reply")).to_have_count(0)


def test_escape_leaves_the_box_and_what_is_in_it_so_that_filters_and_notes_go_on_from_there(open_console):
    page = open_console()
    page.keyboard.insert_text(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator(".reply .said")).to_contain_text("禁止燃放")
    page.keyboard.press("Escape")
    expect(page.locator("#q")).not_to_be_focused()
    expect(page.locator("#q")).to_have_value(QUESTION)
    page.keyboard.press("n")
    expect(page.locator("#note .about")).to_have_text(QUESTION)
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    page.locator("[name=district]").select_option("西城区")
    expect(page.locator(".hit .where b").first).to_contain_text("西城区")
    page.locator("[data-do=clear]").click()
    expect(page.locator(".hit .where b").first).to_contain_text("朝阳区")
    expect(page.locator("[name=district]")).to_have_value("")
    expect(page.locator("#q")).to_have_value(QUESTION)


def test_an_answer_stays_while_the_next_words_are_typed_and_a_note_still_goes_to_it(open_console):
    page = open_console()
    page.keyboard.insert_text(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator(".reply .said")).to_contain_text("禁止燃放")
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("养老家庭照护床位谁能申请")
    expect(page.locator(".hit").first).to_contain_text("养老")
    expect(page.locator(".hit").first).to_be_in_viewport()
    expect(page.locator(".reply .earlier")).to_contain_text(QUESTION)
    expect(page.locator(".reply .said")).to_contain_text("禁止燃放")
    page.keyboard.press("Alt+n")
    expect(page.locator("#note .about")).to_have_text(QUESTION)
    page.keyboard.type("来电人要书面答复")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".reply .noted")).to_contain_text("来电人要书面答复")
    page.locator(".reply .marker").first.click()
    expect(page.locator(".shown")).to_have_attribute("data-key", "朝政发〔2021〕4号")
    page.locator("#q").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".reply")).to_have_attribute("data-question", "养老家庭照护床位谁能申请")
    expect(page.locator(".reply .earlier")).to_be_hidden()
    expect(page.locator(".reply")).to_have_count(1)


def test_a_note_begun_before_an_answer_has_come_goes_to_the_question_it_names(open_console):
    page, asked = open_console(), []
    page.keyboard.insert_text(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator(".reply .said")).to_contain_text("禁止燃放")
    first = page.locator(".reply").get_attribute("data-turn")
    page.route("**/operator/ask", lambda route: asked.append(route))
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("养老家庭照护床位谁能申请")
    page.keyboard.press("Enter")
    expect(page.locator(".waiting")).to_be_visible()
    page.keyboard.press("Alt+n")
    page.keyboard.type("来电人要书面答复")
    asked[0].continue_()
    expect(page.locator(".reply")).to_have_attribute("data-question", "养老家庭照护床位谁能申请")
    with page.expect_request("**/operator/notes") as noted:
        page.keyboard.press("Control+Enter")
    assert first in noted.value.post_data
    expect(page.locator("#toast")).to_contain_text("已记下")
    expect(page.locator(".reply .noted")).to_have_count(0)


def test_a_question_without_a_clause_has_no_clause_open_beside_it(open_console):
    page = open_console()
    page.keyboard.insert_text("烟花爆竹")
    expect(page.locator("#paper .shown")).to_be_visible()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("区长住哪里")
    page.keyboard.press("Enter")
    expect(page.locator(".reply.refused")).to_be_visible()
    expect(page.locator("#paper .shown")).to_have_count(0)
    page.keyboard.press("Alt+c")
    expect(page.locator("#toast")).to_contain_text("选中一条")
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("zzqqxx")
    expect(page.locator("#results")).to_contain_text("没有找到")
    expect(page.locator(".hit")).to_have_count(0)
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("小学入学条件")
    expect(page.locator("#paper #quoted")).to_be_visible()


def test_what_is_typed_outlasts_a_reload_but_not_the_operator(open_console):
    page = open_console()
    page.keyboard.insert_text(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator(".reply")).to_be_visible()
    page.reload()
    expect(page.locator("#q")).to_have_value(QUESTION)
    expect(page.locator(".hit").first).to_contain_text("朝政发〔2021〕4号")
    page.locator(".who button").click()
    ready(page)
    page.keyboard.type(NAME)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    ready(page)
    expect(page.locator("#q")).to_have_value("")
    expect(page.locator("#call")).to_have_text("新来电")


def test_on_a_phone_one_press_leads_from_the_notice_back_to_its_line(open_console):
    page = open_console(viewport=PHONE)
    page.keyboard.type("小学入学条件")
    hit = page.locator(".hit").nth(3)
    hit.click()
    expect(page.locator("#paper #quoted")).to_be_in_viewport()
    expect(hit).not_to_be_in_viewport()
    page.locator("[data-do=lines]").click()
    expect(hit).to_be_in_viewport()
    expect(hit).to_be_focused()


def test_the_clause_of_the_chosen_line_is_open_at_once_and_the_arrows_choose(open_console):
    page = open_console()
    page.keyboard.type("小学入学条件")
    expect(page.locator(".hit").nth(2)).to_be_visible()
    for at in (0, 1, 2):
        hit = page.locator(".hit").nth(at)
        expect(hit).to_have_attribute("aria-current", "true")
        expect(page.locator(".shown")).to_have_attribute("data-start", hit.get_attribute("data-start"))
        expect(page.locator("#paper #quoted")).to_be_in_viewport()
        page.keyboard.press("ArrowDown")
    expect(page.locator("#q")).to_be_focused()


def test_a_key_outside_the_box_is_a_command_and_question_mark_shows_them_all(open_console):
    page = open_console()
    page.keyboard.type("小学入学条件")
    expect(page.locator("#paper #quoted")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    start = page.locator(".shown").get_attribute("data-start")
    page.keyboard.press("d")
    expect(page.locator("#wide .column")).not_to_have_count(0)
    expect(page.locator("#wide .column.own a")).to_have_attribute("data-start", start)
    page.keyboard.press("Escape")
    before = page.locator(".cite output").inner_text()
    for key in ("]", "]", "["):
        with page.expect_response("**/operator/clause?*"):
            page.keyboard.press(key)
    expect(page.locator(".now")).to_be_in_viewport()
    expect(page.locator(".cite output")).not_to_have_text(before)
    page.keyboard.press("f")
    expect(page.locator("[name=district]")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()


def test_a_single_key_can_be_turned_off(open_console):
    page = open_console()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    page.keyboard.press("h")
    expect(page.locator("#wide")).to_be_hidden()
    page.keyboard.press("Alt+h")
    expect(page.locator("#wide")).to_be_visible()


def test_what_has_to_be_asked_back_is_on_the_screen_before_the_clauses_and_chosen_by_a_digit(open_console):
    page = open_console()
    page.keyboard.insert_text("小学入学什么时候采集信息")
    page.keyboard.press("Enter")
    choice = page.locator(".reply .choices button").last
    expect(choice).to_be_in_viewport(ratio=1)
    page.keyboard.press("Alt+1")
    expect(page.locator(".reply.answered")).to_be_visible()
    expect(page.locator("#call")).to_contain_text("第2问")


def test_a_note_on_a_call_stands_in_the_shift_and_a_new_call_starts_afresh(open_console):
    page = open_console()
    page.keyboard.type("养老家庭照护床位谁能申请")
    page.keyboard.press("Enter")
    expect(page.locator("#call")).to_contain_text("第1问")
    page.keyboard.press("Alt+n")
    page.keyboard.type("来电人要书面答复")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".reply .noted")).to_contain_text("来电人要书面答复")
    page.keyboard.press("Alt+w")
    expect(page.locator("#q")).to_have_value("")
    expect(page.locator("#call")).to_have_text("新来电")
    page.keyboard.press("Alt+h")
    expect(page.locator(".calls > li").first).to_contain_text("来电人要书面答复")
    page.keyboard.press("Enter")
    expect(page.locator(".reply .noted")).to_contain_text("来电人要书面答复")


def test_the_filters_narrow_the_list_and_the_answer(open_console):
    page = open_console()
    page.keyboard.type("小学入学")
    page.locator("[name=district]").select_option("西城区")
    expect(page.locator(".hit .where b").first).to_contain_text("西城区")
    expect(page.locator(".hit .where b").filter(has_not_text="西城区")).to_have_count(0)


def test_folded_away_filters_are_told_in_the_words_of_their_choices(open_console):
    page = open_console(viewport=PHONE)
    page.locator(".narrow summary").click()
    page.locator("[name=state]").select_option("open")
    expect(page.locator(".narrow .chosen")).to_have_text("· 未见失效")


def test_what_was_typed_outlasts_the_end_of_the_session(open_console):
    page = open_console()
    page.keyboard.type("小学入学条件")
    expect(page.locator(".hit").first).to_be_visible()
    page.context.clear_cookies()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/operator/login"))  # two requests may each lead there, one cutting the other off
    ready(page)
    page.keyboard.type(NAME)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#q")).to_have_value("小学入学条件")


def test_a_verdict_of_a_resident_reaches_the_review_and_its_export(open_page, open_console, tmp_path):
    resident = open_page()
    turn = ask(resident, "养老家庭照护床位的补贴标准是多少")
    turn.locator("[data-verdict=useless]").click()
    turn.locator("[name=words]").fill("=没说到第二档")
    with resident.expect_response("**/api/v1/feedback"):
        turn.locator(".why button").click()
    page = open_console("/operator/review")
    page.locator("[name=verdict]").select_option("useless")
    page.locator(".filters .button").click()
    item = page.locator(".asked > li").first
    expect(item).to_contain_text("养老家庭照护床位的补贴标准是多少")
    expect(item.locator(".noted")).to_contain_text("=没说到第二档")
    with page.expect_download() as download:
        page.locator(".exports a").first.click()
    download.value.save_as(tmp_path / "questions.csv")
    head, row, *_ = csv.reader((tmp_path / "questions.csv").read_text("utf-8-sig").splitlines())
    assert "养老家庭照护床位的补贴标准是多少" in row and "'=没说到第二档" in row and len(head) == len(row)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_axe_finds_no_serious_fault_and_nothing_is_wider_than_the_screen(open_page, open_console, viewport, scheme):
    look = {"viewport": viewport, "color_scheme": scheme, "bypass_csp": True}
    assert not faults(open_page("/operator/login", **look))
    page = open_console(**look)
    page.keyboard.type("小学入学条件")
    expect(page.locator("#paper #quoted")).to_be_visible()
    found = faults(page)
    page.keyboard.press("Enter")
    expect(page.locator(".reply")).to_be_visible()
    found += faults(page)
    page.keyboard.press("Alt+d")
    expect(page.locator("#wide .column")).not_to_have_count(0)
    found += faults(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+n")
    found += faults(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.goto(page.url.split("/operator")[0] + "/operator/review?matter=all")
    assert not found + faults(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_notice_of_many_tables_reads_without_fault_at_desk_width(open_page):
    page = open_page("/notices/西政办发〔2022〕2号", viewport=DESK, bypass_csp=True)
    assert not faults(page)
