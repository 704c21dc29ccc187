"""A question that asks for a measure is not answered by a sentence that has none."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from assistant.measures import MEASURES, lacking

BANK = [json.loads(line) for line in (Path(__file__).parents[2] / "eval/questions/bank.jsonl").read_text("utf-8").splitlines()]


def wants(question: str) -> list:
    return [has for asks, has in MEASURES.values() if asks.search(question)]


@pytest.mark.parametrize(("question", "tells", "does_not"), [
    ("地铁首班车几点", "首班车 5:30 从金安桥站发出", "地铁 S1 线站名拟予变更"),
    ("一张床每月补多少钱", "每床每月补贴 500 元", "参照养老机构床位建设和运营补贴标准给予补贴"),
    ("上门洗澡补贴多少钱", "洗浴；补贴标准：30元", "为低保老人提供免费洗澡服务"),
    ("职业介绍补多少钱", "补贴标准（元）：1000", "按规定给予补贴"),
    ("信息采集是几月几号", "5月1日至5月31日采集", "符合条件的适龄儿童参加信息采集"),
    ("热线是多少，打什么电话", "咨询电话：69842550", "设立咨询热线"),
    ("发卡率要到百分之几", "发卡率（%）：100", "提高发卡率"),
    ("要建多少个充电桩", "新建充电桩不少于200个", "加快充电桩建设"),
    ("司法局局长叫什么名字", "免去李四的区司法局局长职务", "区司法局负责法律援助"),
    ("油罐防渗改造哪天之前弄完", "完成时限：2017年12月底", "完成防渗漏改造工作"),
    ("一键呼每月交多少话费", "每月资费10元", "拟安装1万台一键呼设备"),
    ("体育中心的投资额是多少", "总投资3.2亿元", "占地面积约7万平方米"),
    ("停车楼盖在哪条街", "位于广安门内大街北侧", "由各街道落实，新建立体停车楼2座"),
    ("镇长姓名", "组长：张 三 镇长", "由各镇镇长任组长"),
])
def test_a_sentence_with_the_measure_answers_and_one_without_does_not(question, tells, does_not):
    assert wants(question)
    assert all(has.search(tells) for has in wants(question))
    assert not all(has.search(does_not) for has in wants(question))


@pytest.mark.parametrize("question", ["朝政办发几号文", "养老驿站有多少种说法，先说哪种", "驿站分几类", "谁负责", "多久公布一次", "这规定打什么时候算起", "居住证地址和住处不一样行吗"])
def test_what_is_no_measure_is_not_missed(question):
    assert not wants(question)


@pytest.mark.parametrize("name", MEASURES)
def test_the_passages_that_answer_such_questions_have_the_measure(name):
    asks, has = MEASURES[name]
    asked = [record for record in BANK if asks.search(record["question"])]
    assert sum(not has.search(record["evidence"]) for record in asked) <= 0.1 * len(asked)


@pytest.mark.parametrize(("question", "status"), [
    ("地铁S1线首班车几点", "refused"),
    ("门头沟永定楼几点关门", "refused"),
    ("门头沟安监局副局长姓名", "answered"),
    ("朝阳区七普标准时点是几点", "answered"),
    ("朝阳区2020年入学意见是几月几号发布的", "answered"),  # told by the paper's own date, in no sentence of it
    ("朝阳区金盏国际合作区由哪位领导推进", "answered"),  # the name stands in the sentence before
])
def test_nothing_is_answered_where_nothing_has_the_measure(assistant, question, status):
    assert assistant.ask(question).status == status


def test_the_likelier_unit_counts_for_more(assistant):
    question = "门头沟永定楼几点关门"
    hits = assistant.retrieve(assistant.understand("朝阳区七普标准时点是几点"), limit=20)
    reading = assistant.decide.read(question, hits)
    units = [one.unit for one in reading.found]
    told = next(at for at, unit in enumerate(units) if "零时" in unit.text)
    other = next(at for at, unit in enumerate(units) if not MEASURES["clock"][1].search(unit.text + unit.context + unit.clause.text))
    for share in (0.1, 0.9):
        assert lacking(question, [units[told], units[other]], np.asarray([1 - share, share])) == pytest.approx(share)
