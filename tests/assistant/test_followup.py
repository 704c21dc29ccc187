"""A follow-up is completed from the turns before it; a new topic is not dragged into the old."""

from __future__ import annotations

import pytest

from assistant import Turn


@pytest.fixture(scope="session")
def talk(assistant):
    """Asks the earlier questions, then says how the last one is understood."""

    def asked(*questions: str):
        turns: list[Turn] = []
        for question in questions[:-1]:
            turns.append(Turn(question, assistant.ask(question, history=turns)))
        return assistant.understand(questions[-1], history=turns)

    return asked


def test_the_subject_is_replaced(talk):
    understood = talk("朝阳区2021年小学信息采集从哪天到哪天？", "那初中呢？")
    assert understood.question == "朝阳区2021年初中信息采集从哪天到哪天？"
    assert (understood.districts, understood.years) == (("朝阳区",), (2021,))
    assert set(understood.carried) == {"district", "year", "question"}


def test_the_district_is_replaced_and_a_year_it_has_no_papers_of_is_dropped(talk):
    understood = talk("朝阳区2021年外地孩子上小学要什么材料", "换成西城区呢")
    assert understood.districts == ("西城区",)
    assert "西城区" in understood.question and "材料" in understood.question
    assert "朝阳" not in understood.question


def test_the_year_is_replaced(talk):
    assert talk("朝阳区2021年小学什么时候登记", "2020年的呢").years == (2020,)
    understood = talk("朝阳区2020年要给老楼装多少部电梯？", "到了第二年呢？")
    assert understood.question == "朝阳区2021年要给老楼装多少部电梯？"


def test_what_is_left_unsaid_is_taken_from_before(talk):
    understood = talk("西城区养老家庭照护床位谁能申请？", "要交什么材料")
    assert understood.districts == ("西城区",)
    assert "家庭照护床位" in understood.question and "要交什么材料" in understood.question


def test_a_turn_that_only_tells_of_the_asker_keeps_the_question_before_it(talk):
    understood = talk("西城区养老家庭照护床位谁能申请？", "我妈72岁，西城户口，低保户", "那一个月补多少？")
    assert "家庭照护床位" in understood.question and "低保户" in understood.question


def test_he_is_the_person_of_the_last_answer(talk):
    understood = talk("朝阳区2021年哪位区领导分管教育？", "他还管哪些口？")
    assert "朱晟还管哪些口" in understood.question


def test_a_clause_number_is_of_the_notice_just_cited(talk):
    understood = talk("朝阳区哪些区域禁止燃放烟花爆竹", "第二条具体怎么说")
    assert understood.notices == ("朝政发〔2021〕4号",)
    assert understood.articles == ("2",)


@pytest.mark.parametrize("question", ["西城区养老家庭照护床位谁能申请", "门头沟区2017年谁分管教育", "朝政办发〔2020〕7号讲什么"])
def test_a_new_topic_is_not_dragged_into_the_old(talk, question):
    understood = talk("过年在朝阳区家门口能放鞭炮吗", question)
    assert understood.question == question
    assert "朝阳区" not in understood.districts
    assert not understood.carried


def test_a_new_topic_without_a_district_is_found_past_the_old_notice(assistant):
    first = "过年在朝阳区家门口能放鞭炮吗"
    answer = assistant.ask("小学入学信息采集的时间安排", history=[Turn(first, assistant.ask(first))])
    assert "朝政发〔2021〕4号" not in {citation.notice for citation in answer.citations}


def test_without_earlier_turns_nothing_is_completed(assistant):
    understood = assistant.understand("那初中呢？")
    assert understood.question == "那初中呢？"
    assert not understood.is_followup


@pytest.mark.parametrize("question", ["小学入学需要什么条件", "小学入学什么时候采集信息"])
def test_a_short_question_of_another_matter_stands_alone_and_keeps_the_district(talk, question):
    understood = talk("过年在朝阳区家门口能放鞭炮吗", question)
    assert understood.question == question
    assert understood.districts == ("朝阳区",)
