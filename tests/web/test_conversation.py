"""An answer as the resident sees it: markers to clauses, validity, choices, and nothing unescaped."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from string import Formatter

import pytest
from bs4 import BeautifulSoup

from assistant import Answer, Choice, Citation, Turn, Understanding
from assistant.records import Exchange
from assistant.web.conversation import conversation_html, live_html, rephrased, status_text
from assistant.web.pages import HERE
from corpus.texts import texts

EVIL = '<script>alert(1)</script><img src=x onerror="alert(2)">'


def citation(**changes) -> Citation:
    values = {
        "notice": "朝政发〔2021〕4号", "title": "关于某事的通告", "date": "2021-01-28", "clause": ("一、",), "source": "a.txt", "start": 10,
        "end": 20, "quote": "本区全域\n\n禁止燃放",
    }
    return Citation(**values | changes)


def answer(**changes) -> Answer:
    values = {
        "status": "answered", "text": "根据某文件：\n本区全域禁止燃放。[1]", "citations": (citation(),),
        "understanding": Understanding("能放吗", "能放吗", districts=("朝阳区",), years=(2021,)),
    }
    return Answer(**values | changes)


def shown(corpus, *turns: Turn, **more) -> BeautifulSoup:
    exchanges = [Exchange(f"key{n}", turn, datetime.now(UTC), **more) for n, turn in enumerate(turns)]
    return BeautifulSoup(conversation_html(exchanges, corpus=corpus), "html.parser")


def test_a_marker_and_the_list_below_lead_to_the_same_clause(corpus):
    soup = shown(corpus, Turn("能放吗", answer()))
    marker, source = soup.select_one(".said a.marker"), soup.select_one(".sources li a")
    assert marker["href"] == source["href"] == "/notices/%E6%9C%9D%E6%94%BF%E5%8F%91%E3%80%942021%E3%80%954%E5%8F%B7?start=10&end=20#quoted"
    assert source.get_text() == "《关于某事的通告》（朝政发〔2021〕4号）一、"
    assert soup.select_one(".sources blockquote").get_text() == "本区全域禁止燃放", "a page break is joined for reading"


def test_a_marker_without_a_citation_stays_text(corpus):
    soup = shown(corpus, Turn("问", answer(text="一句。[7]")))
    assert not soup.select(".said a") and "[7]" in soup.select_one(".said").get_text()


def test_nothing_that_came_from_outside_becomes_markup(corpus):
    turn = Turn(EVIL, answer(
        text=EVIL + "[1]", validity=(EVIL,), citations=(citation(title=EVIL, quote=EVIL, clause=(EVIL,), notice=EVIL),),
        choices=(Choice(EVIL, EVIL),), related=(citation(title=EVIL),), understanding=Understanding(EVIL, EVIL, districts=(EVIL,)),
    ))
    live = BeautifulSoup(live_html(EVIL, turn.answer.text), "html.parser")
    for soup in (shown(corpus, turn, verdict="useless", words=EVIL), live):
        assert not soup.select("script, img") and "alert(1)" in soup.get_text()
        assert all(not name.startswith("on") for element in soup.find_all(True) for name in element.attrs)


def test_what_was_understood_is_shown_and_can_be_changed(corpus):
    soup = shown(corpus, Turn("2021年朝阳区能放吗", answer()))
    assert soup.select_one("details.scope summary").get_text(" ").startswith("按朝阳区2021年的规定查找")
    asked = {button["data-ask"] for button in soup.select("details.scope button")}
    assert "西城区2022年能放吗" in asked and "朝阳区2021年能放吗" not in asked


def test_the_same_question_elsewhere_names_one_district_and_one_year(corpus):
    for choice in rephrased("朝阳区2021年度孩子上学", answer(), corpus=corpus):
        assert choice.question == f"{choice.label}孩子上学"


def test_choices_are_buttons_that_ask_only_under_the_newest_answer(corpus):
    asking = answer(status="clarify", choices=(Choice("朝阳区（2020年）", "朝阳区2020年能放吗"),))
    soup = shown(corpus, Turn("一", asking), Turn("二", asking))
    assert [button["data-ask"] for button in soup.select(".choices button")] == ["朝阳区2020年能放吗"]
    assert soup.select(".turn")[-1].select(".choices button")


def test_the_first_page_says_what_is_covered_and_offers_questions(corpus):
    soup = BeautifulSoup(conversation_html([], corpus=corpus, examples=["谁能申请"]), "html.parser")
    assert all(gazette.district in soup.select_one(".covered").get_text() for gazette in corpus.gazettes.values())
    assert [button["data-ask"] for button in soup.select(".examples button")] == ["谁能申请"]


def test_a_line_on_validity_warns_only_where_the_paper_may_no_longer_hold(corpus):
    lines = ("成文日期2021年1月5日，自2021年2月1日起施行。", "有效期至2021年12月31日，现已届满，请向主管部门核实现行规定。")
    shown_lines = shown(corpus, Turn("能放吗", answer(validity=lines))).select(".validity")
    assert [line.get_text() for line in shown_lines] == list(lines)
    assert ["warns" in line["class"] for line in shown_lines] == [False, True]


def test_an_answer_without_a_citation_sends_nobody_to_the_printed_text_and_has_no_citation_to_judge(corpus):
    cited, bare = shown(corpus, Turn("一", answer()), Turn("二", answer(status="refused", text="没有依据。", citations=()))).select(".turn")
    assert cited.select_one(".tools span").get_text() == texts("web")["automatic"] and cited.select("[data-verdict=miscited]")
    assert not bare.select(".tools span, [data-verdict=miscited]") and bare.select("[data-verdict=useless]")


def test_the_verdict_given_is_shown_again(corpus):
    soup = shown(corpus, Turn("能放吗", answer()), verdict="miscited", words="第三条才是")
    assert [button["data-verdict"] for button in soup.select("[data-verdict][aria-pressed=true]")] == ["miscited"]
    assert soup.select_one("[name=words]")["value"] == "第三条才是" and soup.select_one(".feedback")["data-turn"] == "key0"


def test_a_screen_reader_is_told_the_answers_first_words_without_markers():
    assert status_text(answer()) == "已有回答：根据某文件： 本区全域禁止燃放。"


def places(text: str) -> set[str]:
    return {place for _, place, *_ in Formatter().parse(text) if place}


@pytest.mark.parametrize("language", texts("chat"))
def test_a_language_has_every_text_of_the_chat_page_and_the_reader_with_the_same_places_to_fill(language):
    chinese, other = texts("web"), texts("chat")[language]
    pages = [path for name in ("chat*", "base", "notice*", "missing") for path in HERE.glob(f"templates/{name}.html")]
    used = {name for path in pages for name in re.findall(r"words\.(\w+)", path.read_text("utf-8"))} - {"language"}
    assert used <= set(other) <= set(chinese) and set(other) == set(texts("chat")["en"])
    assert language in texts("widget")["languages"]
    for name, text in other.items():
        if isinstance(text, str):
            assert places(text) == places(chinese[name]), name
        else:
            assert set(text) == set(chinese[name])


def test_only_the_pages_own_words_are_in_the_language_chosen_for_it(corpus):
    exchanges = [Exchange("key", Turn("能放吗", answer(related=(citation(),), validity=("自2021年2月1日起施行。",))), datetime.now(UTC))]
    plain, english = (BeautifulSoup(conversation_html(exchanges, corpus=corpus, language=name), "html.parser") for name in ("没有这种", "en"))
    for part in (".said", ".sources ol", ".related ul", ".validity", ".asked span[lang]"):
        assert [one.get_text() for one in english.select(part)] == [one.get_text() for one in plain.select(part)]
        assert all(one["lang"] == "zh-CN" for one in english.select(part))
    assert plain.select_one("[data-copy]").get_text() == "复制" and english.select_one("[data-copy]").get_text() == "Copy"
    for chinese in english.select("[lang]"):
        chinese.decompose()
    assert not re.search(r"[\u4e00-\u9fff]", english.get_text().replace("朝阳区2021年", ""))
