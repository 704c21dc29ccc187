"""What of a question is answered apart, before any gazette is read."""

from __future__ import annotations

import pytest

from assistant import lists
from assistant.selection import parts


@pytest.mark.parametrize("question, asked", [
    ("2021年朝阳信息采集是几月几号，要交哪些材料", ["2021年朝阳信息采集是几月几号", "要交哪些材料"]),
    ("能不能代办？多大年纪的老人能领", ["能不能代办", "多大年纪的老人能领"]),
    ("我是外地户口，能不能上学", []),
    ("过年在朝阳区家门口能放鞭炮吗", []),
])
def test_what_a_question_asks_beside_something_else_is_a_part_of_its_own(question, asked):
    assert parts(question) == asked


@pytest.mark.parametrize(("question", "said", "unsaid"), [
    ("小学入学通知书什么时候发", "7 月上旬", "2022 年 4 月 28 日"),  # not the notice's own day of issue
    ("门头沟2017年入学政策几号公布", "4 月 28 日", "4 月 20 日"),
    ("朝阳区2020年入学意见是几月几号发布的", "2020 年 4 月 27 日", "工作内容"),
    ("门头沟协会商会跟机关脱钩的试点方案是哪天下发的", "2017年5月11日", ""),
])
def test_the_day_a_paper_was_issued_is_told_where_the_paper_is_what_was_issued(assistant, question, said, unsaid):
    text = assistant.ask(question).text.split("成文日期")[0]
    assert said in text
    assert not unsaid or unsaid not in text


@pytest.mark.parametrize(("question", "told", "form"), [
    ("自己在西城开店，房租政府给补吗", "最高不超过4万元", "申请报告"),
    ("西城创业培训给多少钱", "1000 元培训补贴", "××"),
])
def test_a_form_to_be_filled_in_is_not_quoted_as_a_rule(assistant, question, told, form):
    answer = assistant.ask(question)
    assert told in answer.text
    assert not any(form in "".join(one.clause) or form in one.quote for one in answer.citations if one.clause[0].startswith("附件"))


def test_the_mere_name_of_a_paper_answers_only_who_asks_for_papers(assistant):
    asks = "西城区自己开店租房子政府有补贴吗"
    assert not any(lists.NAME_OF_PAPER.fullmatch(one.quote.strip()) for one in assistant.ask(asks).citations)
    assert lists.NAME_OF_PAPER.fullmatch("2. 《西城区创业者房租补贴审批表》(附件14);")
    assert not lists.NAME_OF_PAPER.fullmatch("依据《北京市烟花爆竹安全管理规定》处理。")
    assert not lists.NAME_OF_PAPER.fullmatch("1. 户口簿原件；")


@pytest.mark.parametrize(("question", "told", "untold"), [
    ("门头沟幼升小信息采集哪天开始、哪天截止", ("5 月 8 日", "5 月 31 日"), "起实施"),  # not since when the paper holds
    ("门头沟小学信息采集哪天截止", ("5 月 31 日",), "起实施"),
    ("西城区社区养老服务驿站运营扶持办法哪天到期", ("自印发之日起执行",), ""),  # no paper here says until when: since when it holds
])
def test_when_something_ends_is_asked_of_the_paper_only_where_it_is_named(assistant, question, told, untold):
    text = assistant.ask(question).text
    assert all(one in text for one in told)
    assert not untold or untold not in text


def test_the_last_paragraph_that_says_since_when_and_issues_the_text_is_quoted_once(assistant):
    text = assistant.ask("西城区2022年非本市户籍适龄儿童入学材料的审核办法从哪天起施行").text
    assert text.count("本办法自印发之日起施行") == 1 and "2022 年 4 月 28 日" in text


@pytest.mark.parametrize(("question", "told"), [
    ("西城给老人换煤气罐一次补多少,一年封顶多少钱", ("补贴标准：22元", "年享受服务的补贴标准不得超过 1344 元")),
    ("西城低保重度失能老人办家庭照护床位一个月补多少,钱打给个人吗", ("每床每月1800元", "补贴不发放给个人")),
])
def test_the_second_thing_asked_is_answered_though_the_whole_question_does_not_find_it(assistant, question, told):
    text = assistant.ask(question).text
    assert all(one in text for one in told)
