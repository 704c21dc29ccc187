"""The notice reader shows every notice whole, marks what was quoted exactly, and needs no JavaScript."""

from __future__ import annotations

import re
from datetime import date
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup

from assistant.web.blocks import blocks, plain
from assistant.web.facts import facts
from assistant.web.links import notice_address, span_address
from corpus import Clause, Notice, Span, Validity, load_corpus
from corpus.references import references, references_of


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", plain(text))


def page(client, address: str) -> BeautifulSoup:
    answer = client.get(address.partition("#")[0])
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


def marked(soup: BeautifulSoup) -> str:
    return squeezed("".join(mark.get_text() for mark in soup.select("article mark")))


def test_every_notice_has_a_page_with_its_title_and_every_clause_has_its_anchor(client, corpus):
    for notice in corpus.notices:
        soup = page(client, notice_address(notice.key))
        assert soup.h1.get_text() == notice.title
        wanted = {f"c{clause.start}" for clause in corpus.clauses_of(notice)}
        assert wanted == {element["id"] for element in soup.select("article [id^=c]")}


@pytest.mark.parametrize("number", ["朝政发〔2021〕4号", "朝政发[2021]4号", "朝政发【2021】4 号", "朝政发(2021)4号"])
def test_a_document_number_is_found_in_any_bracket_and_spacing(client, number):
    assert "朝政发〔2021〕4号" in page(client, notice_address(number)).select_one(".facts").get_text()


def test_a_quoted_clause_is_marked_exactly_and_the_first_mark_is_the_target(client, corpus):
    paragraphs = [clause for clause in corpus.clauses if clause.kind == "text"]
    for clause in paragraphs[::97]:
        text = corpus.gazettes[clause.notice.source].text
        soup = page(client, span_address(clause.notice.key, clause.start, clause.end))
        assert marked(soup) == squeezed(text[clause.start : clause.end])
        assert [element.name for element in soup.select("#quoted")] == ["mark"]


def test_a_quotation_inside_a_clause_is_marked_alone(client, corpus):
    clause = next(clause for clause in corpus.clauses if clause.kind == "text" and "。" in clause.text[:-1] and len(clause.text) > 80)
    text = corpus.gazettes[clause.notice.source].text
    start, end = clause.start + 10, clause.start + 40
    soup = page(client, span_address(clause.notice.key, start, end))
    assert marked(soup) == squeezed(text[start:end])
    assert soup.select_one("#quoted").find_parent("p")["id"] == f"c{clause.start}"


def test_a_quotation_over_a_page_break_is_one_paragraph_with_nothing_lost(client, corpus):
    broken = [
        clause for clause in corpus.clauses
        if clause.kind == "text" and re.search(r"\S\s*\n\s*\n\s*\S", corpus.gazettes[clause.notice.source].text[clause.start : clause.end])
    ]
    assert broken, "the gazettes have some 300 paragraphs cut by a page"
    for clause in broken[::29]:
        text = corpus.gazettes[clause.notice.source].text
        soup = page(client, span_address(clause.notice.key, clause.start, clause.end))
        assert marked(soup) == squeezed(text[clause.start : clause.end])
        assert soup.select_one("#quoted").find_parent("p")["id"] == f"c{clause.start}"


def test_rows_are_tables_and_a_quoted_row_is_marked_in_its_cells(client, corpus):
    rows = [clause for clause in corpus.clauses if clause.kind == "row"]
    assert rows
    for clause in rows[:: max(1, len(rows) // 8)]:
        soup = page(client, span_address(clause.notice.key, clause.start, clause.end))
        row = soup.select_one(f"tr#c{clause.start}")
        assert row is not None
        marks = row.select("td mark")
        assert marks and all(squeezed(mark.get_text()) in squeezed(corpus.gazettes[clause.notice.source].text[clause.start : clause.end]) for mark in marks)


def test_without_a_quotation_nothing_is_marked(client):
    assert not page(client, notice_address("朝政发〔2021〕4号")).select("mark")


@pytest.mark.parametrize("span", ["start=-5&end=3", "start=99999999&end=999999999", "start=50&end=10"])
def test_a_span_that_is_not_in_the_notice_marks_nothing(client, span):
    assert not page(client, f"{notice_address('朝政发〔2021〕4号')}?{span}").select("mark")


def test_the_printed_original_is_on_the_page_byte_for_byte(client, corpus):
    notice = corpus.notice("朝政发〔2021〕4号")
    printed = page(client, notice_address(notice.key)).select_one(".printed pre").get_text()
    assert printed.strip() == corpus.gazettes[notice.source].text[notice.start : notice.end].replace("\r\n", "\n").strip()


def test_the_pages_need_no_script_but_for_larger_type_whose_button_is_hidden_without(client):
    for address in ("/notices", notice_address("朝政发〔2021〕4号"), "/api"):
        found = page(client, address)
        assert [script["src"] for script in found.select("script")] == ["/web/larger.js"]
        assert not found.select("[onclick], [style], script:not(:empty), [data-larger]:not([hidden])")


GAZETTE = """某区人民政府公报
2021年第1期

某区人民政府关于文明养犬的通知
某政发〔2021〕1号
各单位：
一、按照某政发〔2021〕2 号和京政发〔1999〕1号、《某区人民政府关于垃圾分类的通知》（某政发〔2021〕2号）执行，见附件1。
二、违反的依据本通知一、处理。
某区人民政府
2021年1月5日
附件1
登记办法
第一条 养犬应当登记。

某区人民政府关于垃圾分类的通知
某政发〔2021〕2号
各单位：
一、分类投放。
某区人民政府
2021年2月5日
"""


def test_what_the_gazettes_hold_of_what_a_text_names_is_a_link_and_nothing_else_is(tmp_path):
    (tmp_path / "some-2021-01.txt").write_text(GAZETTE, "utf-8")
    made = load_corpus(tmp_path)
    notice = made.notice("某政发〔2021〕1号")
    html = "".join(str(block.html) for block in blocks(notice, made.clauses_of(notice), corpus=made, references=references_of(made, notice)))
    links = {link.get_text(): link["href"] for link in BeautifulSoup(html, "html.parser").select("a")}
    assert links["某政发〔2021〕2 号"] == notice_address("某政发〔2021〕2号")
    assert all("京政发" not in text and "2021〕1号" not in text for text in links)
    assert GAZETTE[int(links["附件1"].removeprefix("#c")) :].startswith("附件1\n登记办法")


def test_a_reference_inside_a_notice_leads_to_the_place_it_names(client, corpus):
    inner = [one for one in references(corpus) if one.resolved and one.kind != "document"]
    assert inner
    for one in inner:
        soup = page(client, span_address(one.notice, one.start, one.end))
        link = soup.select_one("article a mark, article mark a").find_parent("article").select_one(f'a[href="#c{one.span.start}"]')
        assert link is not None and soup.select_one(f"[id=c{one.span.start}]") is not None


def test_the_box_names_the_papers_before_and_after_with_their_links(client, corpus):
    facts = page(client, notice_address("朝政办发〔2020〕7号")).select_one(".facts")
    later = next(line for line in facts.select("div") if line.dt.get_text() == "更新的文件")
    assert later.a["href"] == notice_address("朝政办发〔2021〕4号") and "alarm" in later["class"]


def test_search_engines_are_given_one_address_for_each_notice(client, corpus):
    soup = page(client, span_address("朝政发〔2021〕4号", 20238, 20273))
    assert soup.select_one("link[rel=canonical]")["href"] == "http://testserver" + notice_address("朝政发〔2021〕4号")
    assert "烟花爆竹" in soup.select_one("meta[name=description]")["content"]
    listed = ElementTree.fromstring(client.get("/sitemap.xml").content).iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")
    assert {"http://testserver" + notice_address(notice.key) for notice in corpus.notices} <= {one.text for one in listed}
    assert "Sitemap: http://testserver/sitemap.xml" in client.get("/robots.txt").text


def test_the_printed_head_of_a_table_is_its_head_and_a_line_within_it_a_group(client):
    table = page(client, notice_address("西政办发〔2022〕2号")).select_one("article table")
    assert [cell.get_text() for cell in table.select("th")] == ["序号", "市级重点任务", "西城区工作措施", "完成时限", "主责单位", "协办单位"]
    groups = [cell.get_text() for cell in table.select("td.group")]
    assert groups[:2] == ["一、温室气体排放控制目标", "二、完善应对气候变化法规标准制度体系"] and len(table.select("tbody tr")) > 15


def test_the_outline_says_what_a_bare_number_is_about(client):
    headings = [link.get_text() for link in page(client, notice_address("朝政发〔2021〕4号")).select(".outline a")]
    assert headings[0].startswith("一、朝阳区行政区域内全年禁止燃放")


def test_an_unknown_notice_is_a_chinese_page_that_says_where_to_look(client):
    answer = client.get(notice_address("京政发〔1999〕1号"))
    assert answer.status_code == 404
    assert "没有这个文件" in answer.text and 'href="/notices"' in answer.text


def test_what_a_person_types_is_shown_as_text(client):
    for address in ("/notices/<script>alert(1)</script>", "/notices?text=<script>alert(1)</script>"):
        answer = client.get(address)
        assert "<script>" not in answer.text and "&lt;script&gt;" in answer.text


def test_the_list_is_narrowed_by_district_year_and_words(client, corpus):
    def listed(query: str) -> set[str]:
        return {link.get_text() for link in page(client, f"/notices?{query}").select(".notices a")}

    assert listed("district=朝阳区&year=2021") == {n.title for n in corpus.notices if (n.district, n.year) == ("朝阳区", 2021)}
    assert listed("text=朝政发[2021]4号") == {corpus.notice("朝政发〔2021〕4号").title}
    assert not listed("text=没有这样的标题")


def test_the_list_can_leave_out_what_the_gazettes_say_is_over(client, corpus):
    open_, past = (page(client, f"/notices?state={state}") for state in ("open", "past"))
    count = sum(int(re.search(r"\d+", soup.select_one(".count").get_text()).group()) for soup in (open_, past))
    assert count == len(corpus.notices)
    assert "朝政办发〔2020〕7号" in past.get_text() and "朝政办发〔2020〕7号" not in open_.select_one(".notices").get_text()
    assert all(line.strong for line in past.select(".notices li"))


def test_a_long_list_comes_in_pages_that_together_hold_every_notice(client, corpus):
    first, second = page(client, "/notices"), page(client, "/notices?page=2")
    assert len(first.select(".notices li")) + len(second.select(".notices li")) == len(corpus.notices)
    assert first.select_one("a[rel=next]")["href"] == "/notices?page=2"


def test_a_term_that_is_over_is_said_to_be_over_with_the_clause_that_says_so(corpus):
    held = Validity(expires=date(2020, 12, 31), expires_clause=Span(5, 9))
    notice = Notice("a.txt", "某区", "某政发〔2019〕1号", "关于某事的通知", "某区人民政府", date(2019, 1, 1), "通知", 0, 10, validity=held)
    by_name = {fact.name: fact for fact in facts(notice, corpus=corpus, today=date(2021, 1, 1))}
    assert by_name["expires"].past and by_name["expires"].value == "2020年12月31日"
    assert by_name["expires"].address.endswith("?start=5&end=9#quoted")
    assert not any(fact.alarm for fact in facts(notice, corpus=corpus, today=date(2020, 12, 31)))


def test_a_table_is_one_though_a_group_row_or_a_short_row_stands_in_it(corpus):
    notice = next(one for one in corpus.notices if one.end - one.start > 200)
    start = notice.start
    text = corpus.gazettes[notice.source].text

    def row(at: int, *cells: tuple[str, str]) -> Clause:
        return Clause(notice, (), start + at, start + at + 5, text[start + at : start + at + 5], "row", cells)

    rows = (row(0, ("序号", "一、目标")), row(10, ("序号", "1"), ("任务", "甲"), ("单位", "乙")), row(20, ("序号", "2"), ("单位", "丙")))
    (table,) = blocks(notice, rows, corpus=corpus)
    assert table.columns == ("序号", "任务", "单位")
    assert [[(str(cell), span) for cell, span in one.across(table.columns)] for one in table.rows] == [
        [("一、目标", 3)], [("1", 1), ("甲", 1), ("乙", 1)], [("2", 1), ("", 1), ("丙", 1)]
    ]
    other = blocks(notice, (*rows, row(30, ("姓名", "某"), ("职务", "某"))), corpus=corpus)
    assert [block.columns for block in other] == [("序号", "任务", "单位"), ("姓名", "职务")]


def test_in_another_language_the_frame_of_every_page_follows_it_and_what_is_printed_stays(client, corpus):
    for notice in corpus.notices[::5]:
        address = notice_address(notice.key)
        chinese, english = (page(client, f"{address}?beside=true{more}") for more in ("", "&language=en"))
        assert english.html["lang"] == "en" and english.article.get_text() == chinese.article.get_text()
        for printed in english.select('[lang="zh-CN"], title, .source, .permanent'):
            printed.decompose()
        assert not re.search(r"[\u4e00-\u9fff]", english.get_text().replace(f"{notice.district}", "")), notice.key


def test_a_language_once_chosen_is_kept_on_the_way_from_page_to_page(client, corpus):
    notice = next(one for one in corpus.notices if any(reference.resolved for reference in corpus.references_of(one)))
    for address in ("/notices", notice_address(notice.key), "/notices/%3Cno%22such"):
        soup = BeautifulSoup(client.get(address, params={"language": "en", "district": ""}).text, "html.parser")
        links = [link["href"] for link in soup.select("a[href^='/']")]
        assert links and all("language=en" in link for link in links), address
    soup = page(client, "/notices?language=en")
    assert soup.select_one("form [name=language]")["value"] == "en"
    assert "language" not in str(page(client, "/notices?language=%22%3Ethere-is-none"))
