"""The notice reader shows every notice whole, marks what was quoted exactly, and needs no JavaScript."""

from __future__ import annotations

import re
from datetime import date

import pytest
from bs4 import BeautifulSoup

from assistant.web.blocks import Printer, blocks, plain
from assistant.web.links import notice_address, span_address
from assistant.web.reader import facts
from corpus import Clause, Notice, Span, Validity


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


def test_the_pages_need_no_script(client):
    for address in ("/notices", notice_address("朝政发〔2021〕4号"), "/api"):
        assert not page(client, address).select("script, [onclick], [style]")


def test_a_document_number_that_the_gazettes_hold_is_a_link_and_the_notices_own_is_not(corpus):
    notice = corpus.notice("朝政办发〔2021〕4号")
    html = Printer(notice, corpus, start=-1, end=-1).linked("按照朝政发〔2021〕4 号和京政发〔1999〕1号、朝政办发〔2021〕4号<b>执行")
    soup = BeautifulSoup(html, "html.parser")
    assert [(link["href"], link.get_text()) for link in soup.select("a")] == [(notice_address("朝政发〔2021〕4号"), "朝政发〔2021〕4 号")]
    assert soup.get_text() == "按照朝政发〔2021〕4 号和京政发〔1999〕1号、朝政办发〔2021〕4号<b>执行"


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


def test_a_long_list_comes_in_pages_that_together_hold_every_notice(client, corpus):
    first, second = page(client, "/notices"), page(client, "/notices?page=2")
    assert len(first.select(".notices li")) + len(second.select(".notices li")) == len(corpus.notices)
    assert first.select_one("a[rel=next]")["href"] == "/notices?page=2"


def test_a_term_that_is_over_is_said_to_be_over_with_the_clause_that_says_so():
    held = Validity(expires=date(2020, 12, 31), expires_clause=Span(5, 9))
    notice = Notice("a.txt", "某区", "某政发〔2019〕1号", "关于某事的通知", "某区人民政府", date(2019, 1, 1), "通知", 0, 10, validity=held)
    by_name = {fact.name: fact for fact in facts(notice, today=date(2021, 1, 1))}
    assert by_name["expires"].alarm and by_name["expires"].value == "2020年12月31日"
    assert by_name["expires"].address.endswith("?start=5&end=9#quoted")
    assert not any(fact.alarm for fact in facts(notice, today=date(2020, 12, 31)))


def test_a_table_is_one_though_a_group_row_or_a_short_row_stands_in_it(corpus):
    notice = next(one for one in corpus.notices if one.end - one.start > 200)
    start = notice.start
    text = corpus.gazettes[notice.source].text

    def row(at: int, *cells: tuple[str, str]) -> Clause:
        return Clause(notice, (), start + at, start + at + 5, text[start + at : start + at + 5], "row", cells)

    rows = (row(0, ("序号", "一、目标")), row(10, ("序号", "1"), ("任务", "甲"), ("单位", "乙")), row(20, ("序号", "2"), ("单位", "丙")))
    (table,) = blocks(notice, rows, corpus=corpus, start=-1, end=-1)
    assert table.columns == ("序号", "任务", "单位")
    assert [[(str(cell), span) for cell, span in one.across(table.columns)] for one in table.rows] == [
        [("一、目标", 3)], [("1", 1), ("甲", 1), ("乙", 1)], [("2", 1), ("", 1), ("丙", 1)]
    ]
    other = blocks(notice, (*rows, row(30, ("姓名", "某"), ("职务", "某"))), corpus=corpus, start=-1, end=-1)
    assert [block.columns for block in other] == [("序号", "任务", "单位"), ("姓名", "职务")]
