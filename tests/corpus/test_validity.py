"""When a notice holds, and which clause says so: read off the five gazettes, and off forms that other places use."""

from dataclasses import replace
from datetime import date

import pytest

from corpus import Clause, Notice, load_corpus
from corpus.validity import validity_of, with_validity


@pytest.fixture(scope="module")
def corpus():
    return load_corpus()


@pytest.fixture(scope="module")
def validity(corpus):
    def of(number):
        notice = corpus.notice(number)
        return validity_of(notice, corpus.clauses_of(notice))

    return of


def printed(corpus, number, span):
    return corpus.gazettes[corpus.notice(number).source].text[span.start : span.end]


@pytest.mark.parametrize(
    ("number", "day", "words"),
    [
        ("朝政办发〔2020〕7号", date(2020, 4, 27), "本意见自印发之日起实施"),
        ("朝政发〔2020〕9号", date(2021, 1, 1), "自 2021 年 1 月 1 日起施行"),
        ("朝政发〔2020〕10号", date(2020, 12, 25), "本实施细则自发布之日起施行"),
        ("朝政发〔2021〕4号", date(2021, 11, 5), "本通告自发布之日起施行"),
        ("门政发〔2017〕9号", date(2017, 4, 7), "自2017年4月7日起"),
        ("门政发〔2017〕11号", date(2017, 4, 17), "即日起"),
        ("门政发〔2017〕22号", date(2017, 7, 1), "本办法自 2017 年 7 月 1 日起施行"),
        ("门政办发〔2017〕26号", date(2017, 4, 28), "本实施细则自2017年4月28日起实施"),
        ("西政发〔2022〕2号", date(2022, 2, 17), "《北京市西城区突发事件总体应急预案(2021年修订)》自印发之日起施行"),
        ("西民发〔2022〕2号", date(2022, 1, 1), "本办法自2022年1月1日起施行"),
        ("西民发〔2022〕3号", date(2022, 2, 9), "本办法自印发之日起执行"),
        ("西人社发〔2022〕8号", date(2022, 1, 1), "本细则自 2022 年 1 月 1 日起实施"),
    ],
)
def test_in_force_from_a_day_that_a_clause_says(corpus, validity, number, day, words):
    found = validity(number)
    assert found.in_force_from == day
    assert words in printed(corpus, number, found.in_force_clause)


@pytest.mark.parametrize("number", ["朝政发〔2020〕3号", "门政发〔2017〕2号", "门政发〔2017〕19号", "朝政办字〔2021〕23号"])
def test_what_no_clause_says_stays_unknown(validity, number):
    found = validity(number)
    assert found.in_force_from is None and found.expires is None and found.covers == "" and found.repeals == ()


@pytest.mark.parametrize(
    ("number", "covers", "until"),
    [
        ("朝政发〔2020〕2号", "2019年—2022年", date(2022, 6, 30)),
        ("朝政发〔2020〕8号", "2019年—2035年", date(2035, 12, 31)),
        ("朝政办发〔2021〕5号", "2021年", date(2021, 12, 31)),
        ("门政办发〔2017〕5号", "2017年", date(2017, 12, 31)),
        ("门政办发〔2017〕19号", "2016年—2020年", date(2020, 12, 31)),
        ("门政办发〔2017〕22号", "2016年—2020年", date(2020, 12, 31)),
        ("西政发〔2022〕3号", "2021年—2025年", date(2025, 12, 31)),
        ("西政发〔2022〕2号", "", None),  # 2021年修订 is a revision, not a period
    ],
)
def test_period_covered_by_a_plan(validity, number, covers, until):
    found = validity(number)
    assert (found.covers, found.covers_until) == (covers, until)


@pytest.mark.parametrize(
    ("number", "repealed"),
    [
        ("朝政发〔2020〕9号", ("朝政办发〔2013〕28号",)),
        ("西政发〔2022〕2号", ("西政发〔2017〕19号",)),
        ("西民发〔2022〕3号", ("西民发〔2019〕8号", "西老龄委发〔2016〕4号")),
        ("西民发〔2022〕8号", ("西民发〔2020〕12号",)),
        ("西教发〔2022〕5号", ("西教发〔2021〕2号",)),
        ("西人社发〔2022〕8号", ("西人社发〔2017〕64号", "西人社发〔2018〕60号")),
    ],
)
def test_repeals_with_titles_nested_in_titles(corpus, validity, number, repealed):
    found = validity(number)
    assert found.repeals == repealed
    assert "废止" in printed(corpus, number, found.repeals_clause)


def one(text, *, signed=date(2023, 3, 15), title="某县人民政府关于印发某县养犬管理办法的通知", kind="通知"):
    notice = Notice(source="x", district="某县", number="", title=title, issuer="某县人民政府", signed=signed, kind=kind,
                    start=0, end=len(text))  # fmt: skip
    return validity_of(notice, (Clause(notice, (), 0, len(text), text),))


@pytest.mark.parametrize(
    ("text", "since", "expires"),
    [
        ("本办法自2023年5月1日起施行，有效期5年。", date(2023, 5, 1), date(2028, 4, 30)),
        ("本办法自发布之日起施行，有效期三年。", date(2023, 3, 15), date(2026, 3, 14)),
        ("本办法自印发之日起施行，有效期至2027年12月31日。", date(2023, 3, 15), date(2027, 12, 31)),
        ("本规定自2023年4月1日起施行，至2025年3月31日止。", date(2023, 4, 1), date(2025, 3, 31)),
        ("本意见自公布之日起30日后施行。", date(2023, 4, 14), None),
        ("本实施细则自２０２３年６月１日起试行，试行期2年。", date(2023, 6, 1), date(2025, 5, 31)),
        ("《某县养犬管理办法》自2023年5月1日起施行。", date(2023, 5, 1), None),
        ("《某省动物防疫条例》自2021年7月1日起施行，各单位要认真学习。", None, None),
        ("本协议自双方签字之日起生效，有效期1年。", None, None),
        ("提供有效期内的居住证。", None, None),
    ],
)
def test_forms_of_other_places(text, since, expires):
    found = one(text)
    assert (found.in_force_from, found.expires) == (since, expires)


def test_without_a_printed_date_the_day_stays_unknown_but_the_clause_is_named():
    found = one("本办法自印发之日起施行。", signed=None)
    assert found.in_force_from is None and found.in_force_clause is not None


def test_a_notice_taken_over_by_others_is_not_repealed_by_a_report_about_it():
    assert one("根据《某决定》（国发〔2016〕9号），《统计管理条例》予以废止。").repeals == ()
    assert one("废止《某县犬类暂行规定》（某政发〔2010〕3号）。").repeals == ("某政发〔2010〕3号",)
    assert one("原《某县犬类暂行规定》同时废止。").repeals == ("某县犬类暂行规定",)


def test_an_impossible_date_is_no_date():
    assert one("本办法自2023年13月41日起施行。").in_force_from is None


def test_clauses_name_the_notices_that_carry_the_validity(corpus):
    parsed = corpus.parsed[0]
    bare = tuple(replace(notice) for notice in parsed.notices)
    notices, clauses = with_validity(bare, parsed.clauses)
    assert {id(clause.notice) for clause in clauses} <= {id(notice) for notice in notices}
    assert any(notice.validity.in_force_from for notice in notices)
