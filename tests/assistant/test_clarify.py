"""From what it is learnt whether to ask back: the sides of open questions, and which of them answer."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import clarify
from benchmarks.retrieval import Question

MINE = "凡年满6周岁（2015年8月31日以前出生）且具备下列条件之一的适龄儿童"


@pytest.fixture(scope="session")
def maker(assistant):
    return clarify.Maker(assistant.index)


@pytest.mark.parametrize(("question", "opened"), [
    ("2021年朝阳区公办寄宿小学什么时候报名", "公办寄宿小学什么时候报名"),
    ("北京市西城区的养老驿站补多少", "养老驿站补多少"),
    ("非京籍 小升初 门头沟 2017年度", "非京籍 小升初"),
    ("烟花爆竹零售点要隔多远", "烟花爆竹零售点要隔多远"),
])
def test_a_question_is_opened_by_taking_its_district_and_years_off(maker, question, opened):
    assert maker.opened(question) == opened


@pytest.mark.parametrize(("text", "answers"), [
    ("凡年满6周岁（2014年8月31日以前出生）且具备下列条件之一的适龄儿童可通过服务系统登记", True),  # another year's, in other figures
    ("年满 6 周岁的适龄儿童，在西城区有住房", False),
    ("区政府组织入学工作领导小组", False),
])
def test_the_same_rule_in_other_figures_answers_and_another_rule_does_not(text, answers):
    assert (clarify.share(MINE, text) >= clarify.ANSWERS) is answers


def test_of_the_sides_of_real_questions_those_answer_that_print_the_rule(maker):
    of_all = Question("2021年朝阳区京户孩子多大能上一年级", "chaoyang-2021-02.txt", (MINE,))
    of_one = Question("非全日制岗位主要在哪些行业扩", "chaoyang-2020-04.txt",
                      ("推动非全日制劳动者较为集中的保洁绿化、批发零售、建筑装饰等行业提质扩容",))
    found = list(maker.examples([of_all, of_one], hand="bank"))
    answers = {one: [side.answers for side in found if side.asked is one] for one in (of_all, of_one)}
    assert any(answers[of_all])
    assert answers[of_one] and not any(answers[of_one])


def test_no_more_of_the_sides_that_answer_are_passed_over_than_allowed_and_few_others_asked_about():
    draw = np.random.default_rng(0)
    sides = [clarify.Side(draw.normal(2.0 * (at % 4 == 0), 1.0, 5), at % 4 == 0, Question("问", "", ()), f"notice {at % 20}", "bank") for at in range(400)]
    chances = clarify.held_out(sides)
    right, wrong = clarify.told_rightly(chances >= clarify.threshold(chances, sides), sides)
    assert right >= 1 - clarify.MISSED
    assert wrong < 0.2
