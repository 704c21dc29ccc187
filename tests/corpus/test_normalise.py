"""Matching ignores how a text was typed, printed or recognised."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

from corpus.document_numbers import chinese_integer, document_number, document_numbers, spellings
from corpus.normalise import FOLDING, normalise, normalise_with_offsets
from corpus.settings import ROOT

GAZETTES = sorted((ROOT / "corpus" / "gazettes").glob("*.txt"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("（一）指导思想", "(一) 指导思想"),
        ("朝政办发〔2021〕4号", "朝政办发［２０２１］ 4 号"),
        ("人員編制", "人员编制"),
        ("暴 剑", "暴剑"),
        ("100\n\n万元", "100万元"),
        ("公共场所 and 设施", "公共场所和设施"),
        ("做好 work 安排", "做好工作安排"),
        ("PM<sub>2.5</sub>", "PM2.5"),
        (r"$\leq 6\text{mg/L}$", "≤6mg/L"),
        ("**一、总则**", "一、总则"),
        ("GDP", "gdp"),
    ],
)
def test_two_spellings_of_the_same_text_match(one, other):
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize("text", ["成绩<55的", "Brand and Design中心", "VOCs治理"])
def test_what_only_looks_like_markup_or_a_fault_stays(text):
    assert normalise(text) == text.lower().replace(" ", "")


@pytest.mark.parametrize("path", GAZETTES, ids=lambda path: path.stem)
def test_each_character_of_a_gazette_leads_back_to_where_it_was_printed(path):
    text = path.read_text(encoding="utf-8")
    flat, offsets = normalise_with_offsets(text)
    assert flat == normalise(text)
    assert len(offsets) == len(flat) + 1 and offsets[-1] == len(text)
    assert offsets == sorted(offsets)
    place = flat.index(normalise("人民政府公报"))
    assert normalise(text[offsets[place] : offsets[place + 5] + 1]) == "人民政府公报"


def test_only_characters_that_occur_are_looked_up_and_each_once(monkeypatch):
    asked, convert = [], OpenCC.convert
    monkeypatch.setattr(OpenCC, "convert", lambda opencc, text: asked.append(text) or convert(opencc, text))
    folding = type(FOLDING)()
    assert ["人員編制，共4人".translate(folding) for _ in range(2)] == ["人员编制,共4人"] * 2
    assert asked == list("人員編制共")


@given(st.text())
def test_any_text_at_all_is_normalised(text):
    flat, offsets = normalise_with_offsets(text)
    assert flat == normalise(text) and len(offsets) == len(flat) + 1


@pytest.mark.parametrize(
    ("spelling", "number"),
    [
        ("朝政办发[2021]4号", "朝政办发〔2021〕4号"),
        ("朝政办发 2021年4号", "朝政办发〔2021〕4号"),
        ("朝政办发【2021】第 4 号", "朝政办发〔2021〕4号"),
        ("请问朝政办发2021-4号讲什么", "朝政办发〔2021〕4号"),
        ("根据门政办发[2016]8号", "门政办发〔2016〕8号"),
        ("（西民发〔20\n\n19〕8号）", "西民发〔2019〕8号"),
        ("京教基二〔2017〕7 号", "京教基二〔2017〕7号"),
        ("和政办发〔2021〕3号", "和政办发〔2021〕3号"),
        ("沪府发〔2017〕92号", "沪府发〔2017〕92号"),
        ("国办发〔2020〕12号", "国办发〔2020〕12号"),
        ("第12号令", "第12号令"),
        ("第十二号令", "第12号令"),
        ("国务院 412 号令", "国务院令第412号"),
        ("国务院令第 379 号", "国务院令第379号"),
        ("公告2023年第5号", "公告2023年第5号"),
        ("2023年第5号公告", "公告2023年第5号"),
        ("商务部 2005 年第 25 号令", "商务部令2005年第25号"),
        ("2021年4月27日", ""),
        ("门牌4号", ""),
    ],
)
def test_a_document_number_has_one_canonical_form(spelling, number):
    assert document_number(spelling) == number


def test_several_numbers_in_a_sentence_are_told_apart():
    text = "朝政办发〔2021〕4号和朝政发〔2021〕4号有什么区别，国家档案局8号令、9号令和10号令呢"
    found = document_numbers(text)
    assert [item.number for item in found] == [
        "朝政办发〔2021〕4号", "朝政发〔2021〕4号", "国家档案局令第8号", "第9号令", "第10号令",
    ]  # fmt: skip
    assert text[found[1].start : found[1].end] == "朝政发〔2021〕4号"


@given(st.text(alphabet="令第号年〔〕[]0129一十 发政公告", max_size=60))
def test_any_mixture_of_a_number_s_signs_is_read_without_an_error(text):
    for item in document_numbers(text):
        assert 0 <= item.start < item.end <= len(text)


def test_chinese_numerals():
    assert [chinese_integer(text) for text in ("十", "二十三", "一百零三", "二〇二一", "30")] == [10, 23, 103, 2021, 30]


@pytest.mark.parametrize(
    ("number", "title", "asked"),
    [
        ("第12号", "云州省人民政府令", "第12号令"),
        ("第12号", "云州省人民政府令", "云州省人民政府令第12号"),
        ("2023年第5号", "海门县市场监督管理局公告关于食品抽检情况的公告", "公告2023年第5号"),
        ("朝政发〔2021〕4号", "关于禁止燃放烟花爆竹的通告", "朝政发2021年4号"),
    ],
)
def test_a_number_printed_apart_from_its_kind_is_found_as_people_say_it(number, title, asked):
    assert document_number(asked) in spellings(number, title)
