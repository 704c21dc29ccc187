"""The console: who is let in, what is found, what is copied; nobody acts in an operator's name from another page."""

from __future__ import annotations

import json
import re
from datetime import date
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup
from fastapi.testclient import TestClient

from assistant.records import Database, Operators
from assistant.standing import PAST, standing
from assistant.web.operator.comparing import figures
from assistant.web.operator.doors import TRIES, WITHIN, Tries, own_page
from assistant.web.operator.finding import excerpt
from assistant.web.operator.reading_aloud import said
from corpus.texts import texts

NAME, PASSWORD = "王敏", "an ordinary long password"
QUESTION = "过年在朝阳区家门口能放鞭炮吗"


@pytest.fixture(scope="module")
def operators(chosen) -> Operators:
    found = Operators(Database(chosen.database))
    found.add(NAME, PASSWORD)
    found.add("赵云", PASSWORD)
    return found


@pytest.fixture(scope="module")
def desk(client, operators) -> TestClient:
    """A browser of an operator who has logged in."""
    return logged_in(client, NAME)


def logged_in(client: TestClient, name: str) -> TestClient:
    browser = TestClient(client.app)
    answer = browser.post("/operator/login", data={"name": name, "password": PASSWORD}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/operator")
    return browser


def soup(answer) -> BeautifulSoup:
    assert answer.status_code == 200, answer.text[:300]
    return BeautifulSoup(answer.text, "html.parser")


def csrf(desk: TestClient) -> str:
    return soup(desk.get("/operator")).select_one("main")["data-csrf"]


def asked(desk: TestClient, question: str = QUESTION, **more: str) -> BeautifulSoup:
    answer = desk.post("/operator/ask", data={"question": question, "csrf": csrf(desk)} | more)
    return BeautifulSoup(json.loads(answer.text.splitlines()[-1])["html"], "html.parser")


@pytest.mark.parametrize("path", ["/operator", "/operator/review?status=refused", "/operator/search?q=a", "/operator/review/questions.csv"])
def test_nothing_is_shown_before_the_login_and_afterwards_one_is_where_one_wanted(client, operators, path):
    stranger = TestClient(client.app)
    answer = stranger.get(path, follow_redirects=False)
    assert answer.status_code == 303 and "问公报" not in answer.text
    login = soup(stranger.get(answer.headers["location"]))
    wanted = login.select_one("[name=next]")["value"]
    inside = stranger.post("/operator/login", data={"name": NAME, "password": PASSWORD, "next": wanted}, follow_redirects=False)
    assert inside.headers["location"] == path
    assert TestClient(client.app).get(path, headers={"x-script": "1"}).status_code == 401


def test_the_cookie_is_for_this_site_and_no_script(client, operators):
    browser = TestClient(client.app, base_url="https://testserver")
    cookie = browser.post("/operator/login", data={"name": NAME, "password": PASSWORD}, follow_redirects=False).headers["set-cookie"].lower()
    assert all(part in cookie for part in ("httponly", "samesite=strict", "secure", "path=/operator"))


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org", "/operator/../x\\y", "/notices", "/operatorx", "javascript:1"])
def test_the_login_leads_to_no_other_site(elsewhere):
    assert own_page(elsewhere) == "/operator"


def test_guessing_is_stopped_for_the_name_and_says_for_how_long(client, operators):
    stranger = TestClient(client.app)
    for _ in range(TRIES):
        assert stranger.post("/operator/login", data={"name": "赵云", "password": "wrong password"}).status_code == 401
    answer = stranger.post("/operator/login", data={"name": "赵云", "password": PASSWORD})
    assert answer.status_code == 429 and 0 < int(answer.headers["retry-after"]) <= WITHIN and "分钟后再试" in answer.text
    assert 'value="赵云"' in answer.text
    client.app.state.doors.tries.forget("赵云")


def test_tries_are_free_again_after_their_time():
    now = [0.0]
    tries = Tries(clock=lambda: now[0])
    for _ in range(TRIES):
        tries.failed("王敏", "10.0.0.1")
    assert tries.wait("王敏", "10.0.0.2") and not tries.wait("赵云", "10.0.0.1")
    now[0] = WITHIN + 1
    assert not tries.wait("王敏", "10.0.0.1")


@pytest.mark.parametrize("path", ["/operator/ask", "/operator/notes", "/operator/logout"])
@pytest.mark.parametrize("headers", [{}, {"sec-fetch-site": "cross-site"}, {"origin": "https://example.org"}])
def test_no_other_page_acts_in_an_operators_name(desk, path, headers):
    token = csrf(desk) if headers else "made up"
    data = {"csrf": token, "question": QUESTION, "key": "x", "kind": "note", "text": "x"}
    assert desk.post(path, data=data, headers=headers).status_code == 403
    assert desk.get("/operator", follow_redirects=False).status_code == 200, "still logged in"


def test_the_console_is_in_no_cache_no_frame_and_runs_no_script_but_its_own(desk):
    answer = desk.get("/operator")
    assert answer.headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"] and "unsafe" not in answer.headers["content-security-policy"]
    assert all(script.get("src") and not script.string for script in soup(answer).select("script"))


def test_no_question_is_written_into_an_address_even_before_the_script_has_loaded(desk):
    assert soup(desk.get("/operator")).select_one("form.search")["method"] == "dialog"


def test_after_the_logout_the_session_opens_nothing(client, operators):
    browser = logged_in(client, NAME)
    cookies = dict(browser.cookies)
    browser.post("/operator/logout", data={"csrf": csrf(browser)})
    assert TestClient(client.app, cookies=cookies).get("/operator", follow_redirects=False).status_code == 303


def test_clauses_are_listed_while_one_types_with_the_words_marked(desk):
    first = soup(desk.get("/operator/search", params={"q": "朝阳区燃放烟花爆竹"})).select_one(".hit")
    assert first["data-key"] == "朝政发〔2021〕4号" and "烟花爆竹" in "".join(mark.get_text() for mark in first.select("mark"))


@pytest.mark.parametrize("words", [" ？ ", "zzqqxx", "啊啊啊啊"])
def test_what_is_near_nothing_lists_nothing(desk, words):
    assert not soup(desk.get("/operator/search", params={"q": words})).select(".hit")


@pytest.mark.parametrize("words", ["炮仗", "幼升小", "朝政发〔2021〕4号", "4号"])
def test_words_that_no_gazette_prints_and_bare_numbers_still_list_clauses(desk, words):
    assert soup(desk.get("/operator/search", params={"q": words})).select(".hit")


@pytest.mark.parametrize(("filters", "holds"), [
    ({"district": "西城区"}, lambda notice, _: notice.district == "西城区"),
    ({"year": "2021"}, lambda notice, _: notice.year == 2021),
    ({"issuer": "北京市西城区教育委员会"}, lambda notice, _: notice.issuer == "北京市西城区教育委员会"),
    ({"kind": "意见"}, lambda notice, _: notice.kind == "意见"),
    ({"state": "open"}, lambda _, now: now not in PAST),
    ({"state": "past"}, lambda _, now: now in PAST),
    ({"district": "没有"}, None),
])
def test_the_filters_hold(desk, corpus, filters, holds):
    found = {hit["data-key"] for hit in soup(desk.get("/operator/search", params={"q": "小学入学条件"} | filters)).select(".hit")}
    assert bool(found) == (holds is not None)
    for key in found:
        notice = corpus.notice(key)
        assert holds(notice, standing(notice, corpus=corpus, today=date.today())), key


def test_an_answer_comes_with_its_clauses_and_the_runners_up_each_once(desk, corpus):
    page = asked(desk)
    assert page.select_one(".reply")["data-turn"] and page.select_one(".cited .hit")["data-key"] == "朝政发〔2021〕4号"
    places = [(hit["data-key"], hit["data-start"]) for hit in page.select(".hit")]
    assert len(page.select(".hits:not(.cited) .hit")) > 2 and len(set(places)) == len(places)


def test_the_chosen_district_and_year_hold_for_the_answer_too(desk):
    page = asked(desk, "小学入学什么时候采集信息", district="朝阳区", year="2021")
    assert {hit["data-key"] for hit in page.select(".cited .hit")} == {"朝政办发〔2021〕4号"}
    assert "朝阳区2021年" in page.select_one(".state").get_text()


def test_both_filters_hold_for_a_follow_up_whatever_the_call_spoke_of_before(desk, corpus):
    first = asked(desk, "小学入学什么时候采集信息", district="朝阳区", year="2021").select_one(".reply")
    page = asked(desk, "那要带什么材料", call=first["data-call"], district="门头沟区", year="2017")
    assert page.select_one(".state span").get_text().count("区") == 1 and "门头沟区2017年" in page.select_one(".state span").get_text()
    assert {corpus.notice(hit["data-key"]).district for hit in page.select(".hit")} == {"门头沟区"}
    assert page.select_one(".reply")["data-question"] == "那要带什么材料", "the question stays as it was typed"
    alone = asked(desk, "那要带什么材料", call=first["data-call"], district="西城区").select_one(".state span").get_text()
    assert "西城区" in alone and "朝阳区" not in alone


def test_the_draft_of_an_evaluation_question_names_the_filters_it_was_asked_under(desk):
    turn = asked(desk, "孩子上小学要什么条件", district="西城区", year="2022").select_one(".reply")["data-turn"]
    desk.post("/operator/notes", data={"key": turn, "kind": "flag", "csrf": csrf(desk)})
    drafts = map(json.loads, desk.get("/operator/review/draft-questions.jsonl").text.splitlines())
    assert "西城区2022年孩子上小学要什么条件" in [draft["question"] for draft in drafts]


def test_a_filter_neither_hides_a_place_that_no_gazette_covers_nor_small_talk_nor_a_number(desk):
    held = {"district": "西城区", "year": "2022"}
    assert "海淀区" in asked(desk, "海淀区小学入学要什么材料", **held).select_one(".reply.refused .said").get_text()
    assert not asked(desk, "你好", **held).select(".hit")
    numbered = asked(desk, "朝政发〔2021〕4号什么时候施行", **held)
    assert {hit["data-key"] for hit in numbered.select(".cited .hit")} == {"朝政发〔2021〕4号"}


def test_filters_that_narrow_the_list_alone_say_so_with_the_answer(desk):
    told = asked(desk, "小学入学什么时候采集信息", district="朝阳区", year="2021", kind="意见", state="open").select_one(".unheld").get_text()
    assert "文种、时效" in told and "发文机关" not in told
    assert not asked(desk, "小学入学什么时候采集信息", district="朝阳区", year="2021").select(".unheld")


def test_that_a_rule_has_run_out_warns_as_it_does_on_the_residents_page(desk):
    lines = asked(desk, "小学入学什么时候采集信息", district="朝阳区", year="2021").select(".validity")
    assert lines and all(("warns" in line["class"]) == any(word in line.get_text() for word in texts("web")["validity_warns"]) for line in lines)
    assert any("warns" in line["class"] for line in lines)


def test_the_notice_stands_beside_with_its_outline_and_the_clause_marked(desk, corpus):
    hit = asked(desk).select_one(".cited .hit")
    where = {"key": hit["data-key"], "start": hit["data-start"], "end": hit["data-end"]}
    page = soup(desk.get("/operator/notice", params=where))
    text = corpus.gazettes[corpus.notice(where["key"]).source].text[int(where["start"]) : int(where["end"])]
    marked = "".join(mark.get_text() for mark in page.select("article mark"))
    assert re.sub(r"\s", "", marked) == re.sub(r"[\s*#]", "", text) and len(page.select("#quoted")) == 1
    assert page.select(".outline a")
    assert page.select_one(".shown")["data-label"].startswith("《北京市朝阳区人民政府关于本行政区域内禁止燃放烟花爆竹的通告》（朝政发〔2021〕4号）")


def test_a_marked_notice_has_the_same_text_as_an_unmarked_one(desk, corpus):
    for clause in [one for one in corpus.clauses if one.kind in ("text", "row")][::401]:
        where = {"key": clause.notice.key, "start": clause.start, "end": clause.end}
        article = soup(desk.get("/operator/notice", params=where)).select_one("article")
        whole = soup(desk.get(f"/notices/{clause.notice.key}")).select_one("article")
        assert article.get_text() == whole.get_text()


def test_a_place_outside_the_notice_is_not_found_and_the_notice_alone_is(desk):
    wrong = {"key": "朝政发〔2021〕4号", "start": 1, "end": 5}
    assert desk.get("/operator/notice", params=wrong).status_code == 404
    assert soup(desk.get("/operator/notice", params={"key": "朝政发〔2021〕4号"})).select("article mark")


def test_a_clause_is_copied_in_the_official_form_and_as_words_to_read_out(desk, corpus):
    clause = next(one for one in corpus.clauses_of(corpus.notice("朝政办发〔2020〕7号")) if one.kind == "text" and "2014年8月31日" in one.text)
    body = desk.get("/operator/clause", params={"key": clause.notice.key, "start": clause.start}).json()
    title = "《北京市朝阳区人民政府办公室印发〈朝阳区关于2020年义务教育阶段入学工作的意见〉的通知》（朝政办发〔2020〕7号）"
    assert body["label"].startswith(title) and body["label"] != title
    assert body["aloud"].startswith("根据") and "朝政办发2020年第7号" in body["aloud"] and not set("《》〔〕（）()[]*") & set(body["aloud"])


@pytest.mark.parametrize(("printed", "read"), [
    ("8:30—11:30", "8点30分至11点30分"), ("14:00前", "14点前"), ("3%—5%", "百分之3至百分之5"), ("10‰", "千分之10"), ("≤6mg/L", "不超过6毫克每升"),
    ("依据第（三）款、第五条（二）项", "依据第三款、第五条第二项"), ("①本市户籍", "第1，本市户籍"), ("每月100元/人", "每月100元每人"), ("2021—2025年", "2021至2025年"),
    ("**一、**目标[1]", "第一，目标"), ("面积60m²", "面积60平方米"), ("拨打12345", "拨打12345"), ("PM2.5", "PM2.5"),
])
def test_marks_and_units_are_words(printed, read):
    assert said(printed) == read


def test_the_same_matter_stands_side_by_side_across_years_and_districts(desk, corpus):
    clause = next(one for one in corpus.clauses_of(corpus.notice("朝政办发〔2020〕7号")) if one.kind == "text" and "2014年8月31日" in one.text)
    page = soup(desk.get("/operator/compare", params={"key": clause.notice.key, "start": clause.start, "end": clause.end}))
    columns = page.select(".column")
    assert columns[0].a["data-key"] == "朝政办发〔2020〕7号"
    assert {column.a["data-key"] for column in columns} == {"朝政办发〔2020〕7号", "朝政办发〔2021〕4号", "西教发〔2022〕5号", "门政办发〔2017〕26号"}
    later = next(column for column in columns if column.a["data-key"] == "朝政办发〔2021〕4号")
    assert "2015年" in [mark.get_text() for mark in later.select("mark")], "what differs is marked"
    assert not columns[0].select("mark")


def test_a_matter_of_one_notice_alone_says_so(desk, corpus):
    clause = next(one for one in corpus.clauses_of(corpus.notice("朝政发〔2021〕4号")) if one.kind == "text")
    page = soup(desk.get("/operator/compare", params={"key": clause.notice.key, "start": clause.start, "end": clause.end}))
    assert len(page.select(".column")) == 1 and "没有同一事项的其他文件" in page.get_text()


def test_figures_are_told_with_what_they_count_and_list_numbers_are_none():
    assert figures("6. 满6周岁，补贴1,500元或30%，三个月内办理") == {"6周", "1,500元", "30%", "三个月"}


def test_a_call_goes_on_with_its_earlier_questions_and_stands_in_the_shift(desk):
    first = asked(desk, "2021年朝阳区外省市户籍孩子上小学要什么条件").select_one(".reply")
    second = asked(desk, "那初中呢", call=first["data-call"])
    assert second.select_one(".reply")["data-call"] == first["data-call"]
    assert "朝阳区2021年" in second.select_one(".state").get_text()
    desk.post("/operator/notes", data={"key": first["data-turn"], "kind": "note", "text": "<b>来电人</b>再打来", "csrf": csrf(desk)})
    call = soup(desk.get("/operator/shift")).select_one(".calls > li")
    assert [button.get_text() for button in call.select("button")] == ["2021年朝阳区外省市户籍孩子上小学要什么条件", "那初中呢"]
    assert call.select_one(".noted").get_text(" ", strip=True) == "来电记事 <b>来电人</b>再打来"
    again = soup(desk.get(f"/operator/asked/{first['data-turn']}"))
    assert again.select_one(".reply")["data-turn"] == first["data-turn"] and again.select(".cited .hit") and again.select(".noted")


def test_another_operators_questions_are_not_ones_own(client, desk):
    turn = asked(desk).select_one(".reply")["data-turn"]
    other = logged_in(client, "赵云")
    assert other.get(f"/operator/asked/{turn}", headers={"x-script": "1"}).status_code == 404
    data = {"key": turn, "kind": "flag", "csrf": csrf(other)}
    assert other.post("/operator/notes", data=data).status_code == 404


@pytest.mark.parametrize("data", [{"kind": "note", "text": " "}, {"kind": "praise", "text": "好"}, {"kind": "note", "text": "长" * 2001}])
def test_a_note_without_words_or_of_no_kind_is_refused(desk, data):
    turn = asked(desk).select_one(".reply")["data-turn"]
    assert desk.post("/operator/notes", data=data | {"key": turn, "csrf": csrf(desk)}).status_code == 422


def test_an_excerpt_is_escaped_and_shows_the_first_match():
    html = str(excerpt("<script>" + "前" * 300 + "入学条件<b>" + "后" * 300, ["入学"]))
    assert "<mark>入学</mark>条件&lt;b&gt;" in html and "<script>" not in html and html.startswith("…") and html.endswith("…")
    assert all(a != "<" or b in "m/" for a, b in pairwise(html))
