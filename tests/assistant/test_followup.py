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


    assert talk("朝阳区2021年老楼加装电梯多少部", "前一年呢").question == "朝阳区2020年老楼加装电梯多少部"


@pytest.mark.parametrize("earlier", ["朝阳农村翻建房子能盖多高", "朝阳创业房租补贴多少"])
def test_a_district_that_had_no_answer_is_the_one_spoken_of_and_nothing_of_the_one_before_is_cited(assistant, earlier):
    turns: list[Turn] = []
    for question in (earlier, "门头沟呢？", "最长几天？"):
        turns.append(Turn(question, assistant.ask(question, history=turns)))
    first, second, third = (turn.answer for turn in turns)
    assert (first.status, second.status) == ("answered", "refused")
    assert third.understanding.districts == ("门头沟区",)
    assert not {one.source for one in third.citations} & {one.source for one in first.citations}


def test_a_place_beyond_the_gazettes_is_spoken_of_until_another_is_named(talk, assistant):
    understood = talk("朝阳能放鞭炮吗", "丰台呢？", "举报有奖励吗？")
    assert (understood.districts, understood.outside) == ((), "丰台区")
    understood = talk("朝阳能放鞭炮吗", "丰台呢？", "那西城呢？")
    assert (understood.districts, understood.outside) == (("西城区",), "")


def test_the_district_chosen_after_a_turn_goes_before_the_one_spoken_of(assistant):
    turns = [Turn(question := "西城小学入学什么时候采集信息", assistant.ask(question))]
    assert assistant.understand("那初中呢", history=turns).districts == ("西城区",)
    assert assistant.understand("那初中呢", history=turns, district="门头沟区").districts == ("门头沟区",)
    turns.append(Turn("朝阳呢", assistant.ask("朝阳呢", history=turns, district="门头沟区")))
    assert assistant.understand("要什么材料", history=turns, district="门头沟区").districts == ("朝阳区",), "named since"


def test_small_talk_between_two_turns_changes_nothing(talk):
    understood = talk("西城区养老家庭照护床位谁能申请？", "好的，谢谢", "要交什么材料")
    assert understood.districts == ("西城区",) and "家庭照护床位" in understood.question


def test_who_only_tells_is_asked_what_is_wanted(assistant):
    told = assistant.ask("我妈85岁，住朝阳")
    assert (told.status, told.reason) == ("refused", "told")
    asked = assistant.ask("能领什么补贴", history=[Turn("我妈85岁，住朝阳", told)])
    assert asked.understanding.districts == ("朝阳区",)


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


@pytest.fixture(scope="session")
def answered(assistant):
    """The answer to the last of some questions asked in one conversation."""

    def asked(*questions: str):
        turns: list[Turn] = []
        for question in questions:
            turns.append(Turn(question, assistant.ask(question, history=turns)))
        return turns[-1].answer

    return asked


@pytest.mark.parametrize(("questions", "printed"), [
    (("我朝阳户口登记失业，自己开了个小店租房子，一年能补多少租金？", "给几年？"), "最长补贴 3 年"),
    (("孩子中专毕业没找到工作，西城就业见习一个月给多少补贴？", "干不满一个月怎么算"), "不满 1 个月的，按 1 个月发放"),
    (("2020年4月4日全国哀悼那天朝阳各单位的国旗怎么降半旗", "电影院开门吗"), "停止营业"),
])
def test_what_says_too_little_to_be_answered_alone_is_answered_in_the_light_of_the_turns_before(answered, questions, printed):
    assert printed in answered(*questions).text


def test_a_new_topic_of_another_district_is_answered_there_and_that_is_said(answered):
    answer = answered("西城驿站日间托养一天补多少钱", "街上哪些地方禁止露天烧烤")
    assert {citation.source for citation in answer.citations} == {"mentougou-2017-02.txt"}
    assert answer.validity[0].startswith("前面说的是西城区") and "门头沟区" in answer.validity[0]


def test_of_two_meanings_the_one_that_is_surely_answered_goes_before_the_likelier(answered):
    answer = answered("西城驿站日间托养一天补多少钱", "过年放鞭炮哪里不让放")
    assert "托养" not in answer.understanding.question and all("养老" not in citation.title for citation in answer.citations)


def test_what_nothing_answers_is_not_answered_for_the_sake_of_the_turns_before(answered):
    for stranger in ("手机卡丢了怎么补", "结婚证丢了去哪补", "今天天气怎么样"):
        assert answered("2021年朝阳区公办寄宿小学什么时候报名？", stranger).status == "refused"


def test_a_street_alone_is_a_new_subject(talk):
    understood = talk("门头沟2017年占道经营整治大峪的任务量是多少", "东辛房")
    assert "任务量" in understood.question and "东辛房" in understood.question


def test_to_change_a_thing_is_not_to_change_the_district(talk):
    assert talk("朝阳宅基地翻建能盖多高", "换液化气罐去哪申请").question == "换液化气罐去哪申请"


def test_a_clause_that_is_asked_for_by_its_number_is_quoted(answered):
    answer = answered("新冠全国哀悼日朝阳那个通知对新闻单位有啥要求？", "第二条具体怎么说")
    assert "二、4月4日全国哀悼活动期间，本区停止公共娱乐活动" in answer.text


def test_the_number_of_the_paper_just_cited_is_told(answered):
    assert "西政发〔2022〕1号" in answered("西城支持企业上北交所，新三板挂牌的企业最多能给多少专项资金？", "这份文件是多少号文").text


def test_a_turn_that_was_read_by_its_own_words_lends_the_matter_of_the_one_before_it_too(talk):
    understood = talk("在西城区招本区户籍的应届毕业生，单位有岗位补贴吗？", "第一年给多少？", "后面两年呢")
    assert "应届毕业生" in understood.question and "后面两年" in understood.question


def test_a_case_that_asks_nothing_itself_is_asked_what_was_asked_before(talk):
    understood = talk("西城区发生火灾事故由哪个部门负责处置？", "要是吃坏肚子那种食品安全的事呢")
    assert "食品安全" in understood.question and "哪个部门负责处置" in understood.question and "火灾" not in understood.question
