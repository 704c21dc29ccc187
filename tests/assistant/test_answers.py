"""Answers without a language model: what is quoted, what goes with it, what is said of its standing, how it is refused."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from assistant.model import Understanding
from assistant.present import Presenter, lead_in, short_title
from assistant.quotes import sentences, window
from assistant.standing import standing, standing_lines
from assistant.tables import figures, header_of, row_quotes
from assistant.verify import verified
from corpus.texts import texts

QUESTIONS = [
    "过年在朝阳区家门口能放鞭炮吗",
    "西城区养老家庭照护床位服务补贴每季度发放几次",
    "门头沟龙泉医院建在哪儿，投资多少",
    "2020年朝阳区老楼加装电梯全年竣工多少部",
    "朝阳区2021年小学和初中什么时候发新生入学通知书",
    "西城区突发事件分几级响应",
]


@pytest.fixture(scope="module")
def answers(assistant):
    return [assistant.ask(question) for question in QUESTIONS]


def test_every_quotation_is_the_print_at_its_offsets(answers, corpus):
    cited = [one for answer in answers for one in answer.citations]
    assert len(cited) >= len(QUESTIONS)
    assert all(corpus.gazettes[one.source].text[one.start : one.end] == one.quote for one in cited)


def test_markers_run_from_one_in_the_order_of_the_text_and_each_has_its_citation(answers):
    for answer in answers:
        markers = [int(n) for n in re.findall(r"\[(\d+)\]", answer.text)]
        assert list(dict.fromkeys(markers)) == list(range(1, len(answer.citations) + 1))


def test_every_number_of_an_answer_is_printed_in_what_it_cites(answers):
    for answer in answers:
        printed = " ".join(f"{one.quote} {one.notice} {one.title} {''.join(one.clause)}" for one in answer.citations)
        known = figures(printed) | {number for one in answer.citations for number in figures(one.quote)} | figures(answer.understanding.original)
        assert not figures(re.sub(r"\[\d+\]", "", answer.text)) - known


def test_the_lead_in_says_district_title_and_number_once(answers):
    first = answers[0].text.split("\n")[0]
    assert first.count("朝阳区") == 1 and "禁止燃放烟花爆竹" in first and first.endswith("（朝政发〔2021〕4号）：")


def test_the_sentence_that_answers_is_quoted_and_not_the_whole_notice(answers):
    assert "全年禁止燃放烟花爆竹" in answers[0].text and "特此通告" not in answers[0].text
    assert all(len(answer.text) <= 500 for answer in answers)


def test_an_item_is_quoted_with_its_term_and_its_office(answers):
    assert "完成时限" in answers[3].text and "主责单位" in answers[3].text


def test_since_when_a_notice_holds_is_answered_with_the_day_it_counts_from(assistant):
    answer = assistant.ask("朝阳区2021年禁止燃放烟花爆竹的通告什么时候开始施行")
    assert "自发布之日起施行" in answer.text and "2021年11月5日" in answer.text


def test_a_policy_of_a_year_that_is_over_is_said_to_be_over(assistant, corpus):
    notice = corpus.notice("朝政办发〔2020〕7号")
    lines = standing_lines(notice, corpus=corpus, today=date(2026, 11, 25))
    assert any("已过期" in line for line in lines) and any("朝政办发〔2021〕4号" in line for line in lines)
    assert any("成文日期2020年4月27日" in line for line in lines)
    answer = assistant.ask("2020年朝阳区小学入学年龄是按哪天之前出生算")
    assert any("已过期" in line for line in answer.validity) and "已过期" not in answer.text


def test_of_two_terms_the_one_that_is_over_is_said_though_the_other_runs(corpus):
    notice = corpus.notice("朝政办发〔2021〕4号")
    held = replace(notice, validity=replace(notice.validity, expires=date(2099, 1, 1)))
    lines = standing_lines(held, corpus=corpus, today=date(2026, 11, 25))
    assert standing(held, corpus=corpus, today=date(2026, 11, 25)) == "over"
    assert any("2099年1月1日" in line for line in lines) and any("已过期" in line for line in lines)


def test_each_of_the_things_asked_at_once_is_answered(assistant):
    text = assistant.ask("西城区养老家庭照护床位的服务补贴是否直接付给老人本人？由谁提出申请，多久拨付一次？").text
    assert "不发放给个人" in text and "每季度发放一次" in text


def test_a_difference_shows_both_sides(assistant):
    text = assistant.ask("门头沟占道经营全年处罚任务，大峪和东辛房差多少").text
    assert "地区：大峪" in text and "地区：东辛房" in text


@pytest.mark.parametrize(("question", "listed"), [
    ("西城区搞数字经济要做哪几个大工程", ["金融数字赋能工程", "古都数字挖掘工程", "城市大脑强基工程", "数字惠民服务工程"]),  # headings
    ("门头沟行业协会商会脱钩第一批试点单位名单", ["核桃协会", "道路运输协会", "名优特色果品协会"]),  # a table that a line names
    ("西城区养老服务机构应退出养老家庭照护床位服务的情形有哪些", ["欺老虐老", "虚报冒领补贴", "其他不应继续提供服务"]),  # below 下列原因
    ("门头沟雾霾重污染的时候乡镇要查哪六样", ["查机关", "查工地", "查道路", "查企业", "查街面", "查燃放"]),  # as many as are asked for
])
def test_a_list_is_whole(assistant, question, listed):
    answer = assistant.ask(question)
    assert all(item in answer.text for item in listed)


@pytest.mark.parametrize("question", ["老人想办西城洗澡理发换煤气的服务，要带哪些东西", "西城三项为老服务申请材料"])
def test_the_papers_to_hand_in_are_listed(assistant, question):
    text = assistant.ask(question).text
    assert all(paper in text for paper in ("身份证原件", "户口簿原件", "《低保证》或《低收入证》", "服务申请表"))


def test_of_a_list_of_papers_that_one_item_answers_none_is_left_out(assistant):
    text = assistant.ask("朝阳区农村翻建房子申请要交什么材料").text
    assert all(f"({number})" in text.replace("（", "(").replace("）", ")") for number in range(1, 6))


def test_who_asks_how_many_of_something_asks_for_no_headings(assistant):
    text = assistant.ask("到2020年门头沟要建几个养老驿站几个照料中心").text
    assert "社区养老服务驿站 (个)；目标：80" in text and "镇街养老照料中心 (个)；目标：13" in text


def test_a_sum_that_is_told_by_another_is_told(assistant):
    assert "补贴标准为本市当年月最低工资" in assistant.ask("朝阳见习补贴每个月多少钱").text


@pytest.mark.parametrize("question", ["西城家庭照护床位啥样的老人能申请", "西城家庭照护床位哪些老人能申请"])
def test_who_may_apply_is_told(assistant, question):
    assert "服务对象为" in assistant.ask(question).text


def test_where_a_sum_is_asked_for_the_one_that_is_printed_is_quoted(assistant):
    text = assistant.ask("西城区低保老人换煤气罐补多少钱").text
    assert "免费代换液化气罐" in text and "补贴标准：22元" in text


def test_of_persons_the_one_asked_about_comes_first(assistant):
    first, *_ = assistant.ask("朝阳区2021年哪位区领导分管教育？").citations
    assert first.quote.startswith("朱 晟同志")


def test_who_asks_when_papers_are_looked_at_asks_for_no_papers(assistant):
    assert "16-27 日" in assistant.ask("西城区2022年非京籍孩子入学，街道现场看材料是哪几天").text


def test_how_long_a_persons_card_holds_is_not_how_long_the_paper_does(assistant):
    text = assistant.ask("我的居住证有效期是从2017年5月2号开始的，当年在门头沟给孩子办小学审核还算数吗？").text
    assert "“有效期限”的起始时间为2017年4月28日前" in text and "特制定" not in text


@pytest.mark.parametrize(("question", "told"), [
    ("西城支持企业北交所上市的措施由哪个部门解释", "由北京金融街服务局负责解释"),
    ("门头沟水环境区域补偿办法归谁解释", "由区环保局会同区水务局、区财政局负责解释"),
    ("西城十四五老龄规划联系人的电话", "联系电话：83365511"),
])
def test_who_explains_a_paper_and_whom_to_call_is_told(assistant, question, told):
    assert told in assistant.ask(question).text


def test_the_passage_that_is_quoted_comes_first(assistant):
    for question in QUESTIONS:
        answer = assistant.ask(question)
        first = answer.retrieved[0].passage
        assert any(one.source == first.source and one.start < first.end and first.start < one.end for one in answer.citations), question


def test_related_clauses_are_others_of_the_notices_quoted(answers):
    for answer in answers:
        quoted = {(one.source, one.start) for one in answer.citations}
        assert all((one.source, one.start) not in quoted and one.notice in {cited.notice for cited in answer.citations} for one in answer.related)


@pytest.mark.parametrize("reason", texts("answers")["refused"])
def test_a_refusal_is_filled_in_and_holds_no_number_that_no_clause_proves(reason, corpus):
    answer = Presenter(corpus).refused(Understanding("问", "问", outside="海淀区"), reason=reason)
    assert answer.status == "refused" and answer.text and not figures(answer.text)
    assert not re.search(r"[{}]", answer.text + "".join(answer.validity))


def test_who_is_not_answered_learns_what_is_covered_and_where_to_ask(corpus):
    answer = Presenter(corpus).refused(Understanding("问", "问"), reason="unsupported")
    assert "西城区（二〇二二年" in answer.text.replace("二〇二一年、", "") and "12345" in answer.validity[0]


def test_a_citation_that_is_not_the_print_goes_with_what_stands_on_it(answers, corpus):
    answer = answers[0]
    forged = replace(answer.citations[0], quote="朝阳区行政区域内可以燃放烟花爆竹。")
    assert not verified(replace(answer, citations=(forged,)), corpus=corpus).citations


def test_a_number_that_no_citation_prints_is_replaced_by_the_print(answers, corpus):
    answer = answers[0]
    lied = replace(answer, text=f"{answer.text.split(chr(10))[0]}\n罚款800元。[1]")
    checked = verified(lied, corpus=corpus)
    assert "800" not in checked.text and "全年禁止燃放烟花爆竹" in checked.text


def test_a_marker_without_a_citation_goes_with_its_sentence(answers, corpus):
    lied = replace(answers[0], text=answers[0].text + "\n可以燃放。[9]")
    assert "可以燃放" not in verified(lied, corpus=corpus).text


def test_a_row_shows_what_it_says_and_proves_figures_that_print_glues_together(corpus):
    row = next(clause for clause in corpus.clauses if clause.kind == "row" and "龙泉医院（精神病医院）" in clause.text)
    text = corpus.gazettes[row.notice.source].text
    header, told = row_quotes(row, text=text, known=set(), score=1.0)
    assert "投资（万元）" in text[header.start : header.end] and not header.lines
    assert "序号" not in told.lines[0] and [text[start:end] for start, end in told.further] == ["24600", "19000"]


def test_the_header_of_a_row_is_the_line_that_names_its_columns(corpus):
    row = next(clause for clause in corpus.clauses if clause.kind == "row" and "牛街街道" in clause.text and "PM" in clause.text)
    start, end = header_of(row, corpus.gazettes[row.notice.source].text, [name for name, _ in row.cells])
    assert "重污染天数" in corpus.gazettes[row.notice.source].text[start:end]


def test_sentences_keep_their_offsets_and_a_page_break_cuts_none():
    printed = "补贴标准为每床每月100\n\n万元。按季度发放；\n逾期不予受理。"
    assert [printed[start:end] for start, end in sentences(printed)] == ["补贴标准为每床每月100\n\n万元。", "按季度发放；", "逾期不予受理。"]


def test_a_window_grows_to_the_likelier_neighbour_and_stays_within_its_limit():
    assert window([50, 50, 50, 50], [0.1, 0.3, 0.5, 0.0], around=2, limit=100) == (1, 2)
    assert window([50, 50, 50], [0.9, 0.1, 0.9], around=1, limit=60) == (1, 1)


@pytest.mark.parametrize(("number", "title"), [
    ("朝政办发〔2021〕4号", "朝阳区关于2021年义务教育阶段入学工作的意见"),
    ("朝政发〔2021〕4号", "关于本行政区域内禁止燃放烟花爆竹的通告"),
    ("西人社发〔2022〕8号", "落实〈北京市西城区做好当前和今后一个时期就业工作若干措施〉的实施细则"),
])  # fmt: skip
def test_a_title_is_that_of_the_text_in_force(number, title, corpus):
    notice = corpus.notice(number)
    assert short_title(notice) == title and lead_in(notice).endswith(f"《{title}》（{number}）：")
