"""Answer, ask back or refuse; and the sides of a comparison."""

from __future__ import annotations

import dataclasses
import re

import pytest

from assistant import confidence, sides
from assistant.decide import Decider
from assistant.evidence import Evidence
from assistant.sides import subjects
from corpus import GazetteError
from indexing.strangers import strangers


@pytest.fixture(scope="session")
def decided(assistant):
    def decision(question: str):
        understood = assistant.understand(question)
        return assistant.decide(understood, assistant.retrieve(understood, limit=20))

    return decision


@pytest.mark.parametrize("question", [
    "今天天气怎么样", "给我讲个笑话", "故宫门票多少钱", "火车票怎么退", "手机卡丢了怎么补", "楼上半夜装修敲墙找谁管",
    "快递送错了怎么办", "猫丢了去哪找", "信用卡还不上会怎样", "结婚证丢了去哪补",
])
def test_what_no_gazette_answers_is_refused(decided, question):
    assert decided(question).status == "refused"


@pytest.mark.parametrize("question", [
    "过年在朝阳区家门口能放鞭炮吗", "2021年朝阳区外省市户籍孩子上小学要什么条件", "西城区养老家庭照护床位谁能申请",
    "门头沟2017年哪位副区长管教育", "门头沟区C型养老驿站床位最多几张", "西城区三项为老服务是哪三项",
])
def test_what_a_gazette_answers_is_answered(decided, question):
    decision = decided(question)
    assert decision.status == "answered"
    assert 0 < decision.confidence <= 1


def test_a_year_of_which_there_is_no_such_rule_is_not_answered_from_another(decided):
    assert decided("西城区2021年小学入学什么时候登记").status == "refused"
    assert decided("朝阳区2019年小学入学什么时候登记").status == "refused"


def test_districts_that_differ_are_asked_back_about_each_with_its_own_clause(decided):
    decision = decided("小学入学通知书什么时候发")
    assert decision.status == "clarify"
    assert len({group[0].passage.district for group in decision.groups}) == 3
    assert all("入学" in group[0].passage.title for group in decision.groups)


def test_a_question_that_names_its_district_is_not_asked_back(decided):
    assert decided("西城区小学入学通知书什么时候发").status == "answered"


@pytest.mark.parametrize("question", ["三项为老服务是哪三项", "中轴线申遗保护怎么做", "低收入村怎么帮扶", "行业协会商会脱钩的第一批试点有哪些"])
def test_an_open_question_that_only_one_district_answers_is_not_asked_back(decided, question):
    assert decided(question).status == "answered"


def test_a_side_is_kept_for_a_district_and_year_only_once(decided):
    decision = decided("孩子得是哪天以前生的，才能报小学")
    editions = [(group[0].passage.district, group[0].passage.years) for group in decision.groups]
    assert decision.status == "clarify"
    assert len(editions) == len(set(editions)) > 2


def test_another_side_stands_beside_the_first_with_what_it_lacks(assistant):
    understood = assistant.understand("小学入学通知书什么时候发")
    first, *rivals = assistant.decide.sides.rivals(understood, hits := assistant.retrieve(understood))
    assert first[0] == hits[0]
    keys = [side[0].passage.notice for side in rivals]
    assert len(keys) == len(set(keys))
    evidence = Evidence(understood.question, index=assistant.index)
    rows = assistant.decide.sides.beside(understood, first, [first, *rivals], evidence=evidence)
    assert rows.shape == (1 + len(rivals), len(sides.BESIDE))
    assert list(rows[0]) == [0, 0, rows[0][sides.BESIDE.index("odds")], 0, 0], "beside itself it is no nearer and no surer"


def test_only_a_side_that_would_be_answered_alone_is_asked_about(assistant, decided):
    for question in ("孩子得是哪天以前生的，才能报小学", "外地户口孩子上小学要什么材料", "地下室能不能给驿站老人住", "驿站出安全事故死了人补贴停几年"):
        answer = assistant.ask(question)
        assert answer.status == "answered" or answer.choices
        assert all(assistant.ask(choice.question).status != "refused" for choice in answer.choices), question


def test_each_district_compared_has_a_side_in_the_order_named(decided):
    decision = decided("一套房子几年里只给一个上学名额？朝阳2021年和西城2022年各是从哪年开始算")
    assert decision.status == "answered"
    assert [group[0].passage.district for group in decision.groups] == ["朝阳区", "西城区"]
    assert all(hit.passage.district == group[0].passage.district for group in decision.groups for hit in group)


def test_each_year_compared_has_a_side(decided):
    decision = decided("朝阳区电动自行车充电设施2020年与2021年任务量有什么区别")
    assert [group[0].passage.notice for group in decision.groups] == ["朝政办发〔2020〕5号", "朝政办发〔2021〕5号"]


@pytest.mark.parametrize(("question", "first"), [
    ("2021年才在西城买的学区房、拿的房本，娃2022年上小学还能直接进对口的那所吗？", "西教发〔2022〕5号"),  # 2021 only tells when it was bought
    ("朝阳区 电动自行车充电设施 2020年与2021年任务量、主责单位", "朝政办发〔2020〕5号"),
])
def test_of_two_years_named_the_one_that_only_tells_a_story_comes_last(decided, question, first):
    assert decided(question).groups[0][0].passage.notice == first


@pytest.mark.parametrize(("module", "name", "made_by"), [
    (confidence, "CALIBRATION", "python -m benchmarks.calibrate"), (sides, "CLARIFYING", "python -m benchmarks.clarify"),
])
def test_what_was_fitted_to_other_features_is_refused_at_start(assistant, tmp_path, monkeypatch, module, name, made_by):
    odd = tmp_path / "odd.yaml"
    odd.write_text("weights: {wisdom: 1.0}\nbias: 0.0\nthreshold: 0.5\n", "utf-8")
    monkeypatch.setattr(module, name, odd)
    with pytest.raises(GazetteError, match=made_by):
        Decider(assistant.index, assistant.retrieve, assistant.decide.read)


def test_a_stranger_is_nearer_to_other_strangers_than_a_question_that_is_answered(assistant):
    strange, known = assistant.index.strange, strangers()[0]
    assert strange("驾驶证过期了怎么换") > strange("朝阳区2021年小学信息采集从哪天到哪天")
    assert strange(known) < strange(known + "？"), "a question of the list is held beside the others, not beside itself"


def test_what_was_asked_before_of_an_earlier_matter_says_nothing_of_the_present_one(assistant):
    bed = assistant.understand("西城驿站日间托养一天补多少钱")
    leaning = dataclasses.replace(bed, question=f"{bed.question} 家里进了条蛇找谁来抓", own="家里进了条蛇找谁来抓")
    hits = assistant.retrieve(leaning, limit=20)
    alone, owned = (assistant.decide.confidence(one, Evidence(one.question, index=assistant.index), hits)
                    for one in (dataclasses.replace(leaning, own=""), leaning))
    assert owned < alone


def test_a_decision_cannot_be_changed(decided):
    with pytest.raises(dataclasses.FrozenInstanceError):
        decided("过年在朝阳区家门口能放鞭炮吗").status = "refused"


@pytest.mark.parametrize(("question", "asked"), [
    ("养老驿站 A型 C型 床位 区别", ["养老驿站 A型 床位 区别", "养老驿站 C型 床位 区别"]),
    ("奥林匹克公园和798艺术区由谁执法，有何不同", ["奥林匹克公园由谁执法，有何不同", "798艺术区由谁执法，有何不同"]),
    ("养老驿站A型和C型床位各是多少", ["养老驿站A型床位各是多少", "养老驿站C型床位各是多少"]),
    ("医疗机构的人员总数和本科学历占比，2015年与2020年各是多少", ["医疗机构的人员总数，2015年与2020年各是多少", "本科学历占比，2015年与2020年各是多少"]),
    ("自己联系到外区单位上班，和自主就业去念大学，奖励各给多少", ["自己联系到外区单位上班，奖励各给多少", "自主就业去念大学，奖励各给多少"]),
    ("户籍 补贴 区别", []),
])
def test_of_two_things_joined_each_is_asked_about_without_the_other(question, asked):
    assert subjects(question) == asked


def test_two_things_compared_are_not_both_answered_with_one_clause(assistant):
    found = assistant.ask("门头沟区社区养老服务驿站A型和C型床位各是多少，有什么区别")
    quoted = [(one.source, one.start, one.end) for one in found.citations]
    assert len(quoted) == len(set(quoted)) > 1
    assert "床位 15 张以上" in found.text and "床位 10 张以下" in found.text


@pytest.mark.parametrize(("question", "elsewhere"), [
    ("朝阳的家庭养老照护床位，重度失能的一张床每月补多少钱", "西城区（2022年）"),
    ("门头沟2019年上小学，孩子得是哪天之前出生的？", "门头沟区（2017年）"),  # of its own district first
    ("门头沟区2021年义务兵优待金标准为每人每年多少元？", "门头沟区（2017年）"),  # a year that no paper of the district is of
    ("西城区2022年分管教育的副区长姓名", None),  # another district's is none of theirs
    ("朝阳小区里新装的电动车充电口，充一回电收几块钱？", None),
    ("结婚证丢了去哪补", None),
])
def test_a_refusal_points_to_the_year_or_district_that_has_the_rule(assistant, question, elsewhere):
    answer = assistant.ask(question)
    assert answer.status == "refused"
    assert [one.label for one in answer.choices] == [elsewhere] * bool(elsewhere)
    assert all(assistant.ask(one.question).status == "answered" for one in answer.choices)
    assert set(re.findall(r"\d+", answer.text)) <= set(re.findall(r"\d+", question)), "no number stands in a refusal that is not the question's"


@pytest.mark.parametrize(("question", "nearest"), [
    ("朝阳不让放炮了，我举报邻居偷着放鞭炮，查实了奖我多少钱？", "燃放烟花爆竹"),
    ("护照过期了，补办要多少钱几天能拿", ""),  # no paper is of the matter
    ("生孩子的生育津贴怎么算，几个月能到账", ""),
])
def test_a_refusal_names_the_nearest_paper_where_one_is_of_the_matter(assistant, question, nearest):
    answer = assistant.ask(question)
    assert answer.status == "refused"
    assert ("最接近的文件" in answer.text) is bool(nearest) and nearest in answer.text
