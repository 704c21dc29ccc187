"""What district, year and paper a question names or implies, and what of it no gazette covers."""

from __future__ import annotations

import json
from datetime import date

import pytest

from assistant.scope import Scope, names
from corpus.settings import ROOT

TODAY = date(2026, 11, 25)


@pytest.fixture(scope="session")
def scope(corpus) -> Scope:
    return Scope(corpus)


@pytest.mark.parametrize(("question", "districts", "outside"), [
    ("过年在朝阳能放鞭炮吗", ("朝阳区",), ""),
    ("望京的孩子上小学要什么材料", ("朝阳区",), ""),
    ("大峪这边养老驿站有补贴吗", ("门头沟区",), ""),
    ("住什刹海，老人能申请家庭照护床位不", ("西城区",), ""),
    ("海淀小学几号报名", (), "海淀区"),
    ("中关村上小学几号登记", (), "海淀区"),
    ("上海小学几号报名", (), "上海"),
    ("朝阳门那边能放鞭炮吗", (), "东城区"),
    ("对比朝阳区2021年与西城区2022年", ("朝阳区", "西城区"), ""),
    # Where a person comes from is not what the question is about.
    ("户口在海淀，想在门头沟上小学", ("门头沟区",), ""),
    ("户口在西城，房子买在门头沟，娃能就近上这边的小学吗", ("门头沟区",), ""),
    ("我是河北户口，孩子能上小学吗", (), ""),
    # Everyday words that are also names of streets.
    ("平房改造有补贴吗", (), ""),
    ("过街天桥谁来修", (), ""),
    ("朝阳产业有什么扶持", (), ""),
])
def test_a_district_is_named_implied_or_said_to_be_outside(scope, question, districts, outside):
    named = scope(question, today=TODAY)
    assert (named.districts, named.outside) == (districts, outside)


@pytest.mark.parametrize(("question", "years"), [
    ("2021年小学几号报名", (2021,)),
    ("二〇二一年小学几号报名", (2021,)),
    ("21年和22年的规定一样吗", (2021, 2022)),
    ("2020与2021区别", (2020, 2021)),
    ("孩子2015年9月2号生的，能上一年级吗", ()),
    ("连续居住满20年有奖励吗", ()),
    # What a person did is no year of the rule; what is asked of a year is.
    ("我2021年刚在西城买的房，孩子上小学还能对口划片学校吗", ()),
    ("2021年把户口迁到西城，还能对口吗", ()),
    ("2021年在西城开的公司，招人有补贴吗", ()),
    ("2021年就注册的店算不算创业", ()),
    ("2021年在西城买的房，2022年孩子上小学", (2022,)),
    ("我2016年退役的，2017年怎么安置", (2017,)),
    ("2020年新开的9所幼儿园都在哪儿", (2020,)),
    ("2021年成立了教育督导委员会吗", (2021,)),
    ("我是外来户，2021年交了证件等着审，材料最晚到几号审完", (2021,)),
    ("今年小学几号报名", ()),  # no gazette of 2026: the newest rule is meant, no year asked for
    ("朝政办发〔2021〕4号什么时候印发", ()),
])
def test_a_year_is_told_from_a_birthday_a_length_of_time_and_a_document_number(scope, question, years):
    assert scope(question, today=TODAY).years == years


@pytest.mark.parametrize("question", [
    "朝政办发〔2021〕4号第二条怎么说", "朝政办发[2021]4号讲什么", "朝政办发2021年4号", "朝政办发【2021】 4 号",
])
def test_a_paper_is_known_in_any_spelling_of_its_number(scope, question):
    assert scope(question, today=TODAY).notices == ("朝政办发〔2021〕4号",)


def test_a_paper_that_no_gazette_prints_is_said_to_be_outside(scope):
    assert scope("朝政办发〔2019〕88号讲什么", today=TODAY).outside == "朝政办发〔2019〕88号"
    assert scope("“十六五”时期养老规划", today=TODAY).outside == "“十六五”时期"
    assert scope("国发〔2013〕41号和户口有关系吗", today=TODAY).districts == ()


def test_clause_numbers_are_read_in_numerals_and_digits(scope):
    assert scope("第十二条和第3条具体怎么说", today=TODAY).articles == ("12", "3")


def test_the_districts_of_training_questions_are_read_right(scope, corpus):
    """Of all bank questions none is taken for another district's, and next to none for one beyond."""
    questions = [json.loads(line) for line in (ROOT / "eval/questions/bank.jsonl").read_text("utf-8").splitlines()]
    wrong = outside = 0
    for item in questions:
        named = scope(item["question"], today=TODAY)
        own = corpus.gazettes[item["source"]].district
        wrong += bool(named.districts) and own not in named.districts
        outside += bool(named.outside)
    assert wrong == 0
    assert outside <= 3


def test_every_district_of_beijing_is_there_with_its_streets():
    districts = {district for _, district in names() if district}
    assert len(districts) == 16
    assert all(sum(one == district for _, one in names()) > 8 for district in districts)
