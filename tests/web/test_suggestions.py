"""Questions to go on with come out of the corpus, and each has an answer there."""

from __future__ import annotations

import pytest

from assistant.web.conversation import places
from assistant.web.suggestions import FirstQuestions, name_of, next_questions, subject_of


@pytest.mark.parametrize("district", ["", "朝阳区", "西城区", "门头沟区"])
def test_a_first_question_is_answered_at_once(assistant, district):
    questions = FirstQuestions(assistant)(district)
    assert 2 <= len(questions) <= 4
    assert {assistant.ask(question, district=district).status for question in questions} == {"answered"}


def test_the_page_of_all_districts_offers_a_question_of_each(assistant, corpus):
    offered = "".join(FirstQuestions(assistant)(""))
    assert all(district in offered for district in places(corpus))


def test_after_an_answer_the_next_headings_of_its_notice_are_offered_and_answered_from_it(assistant, corpus):
    answer = assistant.ask("2021年朝阳区外省市户籍孩子上小学要什么条件")
    choices = next_questions(answer, corpus=corpus)
    cited = {heading for citation in answer.citations for heading in citation.clause}
    assert choices and not {choice.label for choice in choices} & {name_of(heading) for heading in cited}
    for choice in choices:
        found = assistant.ask(choice.question)
        assert found.status == "answered" and found.citations[0].notice == answer.citations[0].notice


@pytest.mark.parametrize(("heading", "name"), [
    ("（二）入学登记时间", "入学登记时间"), ("四、保障 措施", "保障措施"), ("第三章", ""), ("三、本通告自发布之日起施行", ""),
    ("一、朝阳区行政区域内全年禁止燃放烟花爆竹，不再设立烟花爆竹临时销售点", ""), ("没有编号的标题", ""),
])
def test_a_heading_is_offered_by_its_name_unless_it_is_a_sentence(heading, name):
    assert name_of(heading) == name


def test_what_a_title_is_about(corpus):
    assert subject_of(corpus.notice("朝政发〔2021〕4号")) == "禁止燃放烟花爆竹"
    assert subject_of(corpus.notice("门政发〔2017〕10号")) == "", "nobody asks by an appointment"
