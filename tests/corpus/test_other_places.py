"""Notices of counties, cities, provinces and the State Council, in their own forms: written for this test, none from the five gazettes."""

from dataclasses import dataclass
from datetime import date

import pytest

from corpus import Gazette, parse

COVER_AND_MEASURE = """临江市人民政府办公厅关于印发
临江市城镇老旧小区改造实施办法的通知

临政办规〔2023〕7号

各区县人民政府，市政府各部门：

《临江市城镇老旧小区改造实施办法》已经市政府同意，现印发给你们，请认真贯彻执行。

临江市人民政府办公厅

2023年4月6日

（此件公开发布）

临江市城镇老旧小区改造实施办法

第一章 总则

第一条 为推进城镇老旧小区改造，改善居住条件，制定本办法。

第二条 本办法所称老旧小区，是指2000年底前建成的住宅小区。

第二章 资金

第三条 改造资金按照下列比例分担：

（一）市级财政承担百分之四十；

（二）区县财政承担百分之四十；

（三）居民承担百分之二十。

第三章 附则

第四条 本办法自2023年5月1日起施行，有效期5年。《临江市老旧小区整治办法》（临政办发〔2015〕33号）同时废止。
"""

STATE_COUNCIL = """国务院办公厅关于加强全民健身场地设施建设的意见

国办发〔2020〕36号

各省、自治区、直辖市人民政府，国务院各部委、各直属机构：

健身设施是全民健身的基础。经国务院同意，现提出以下意见。

一、完善顶层设计

（一）系统梳理可用于建设健身设施的资源。各地区要在1年内编制健身设施建设补短板五年行动计划。

（二）规划建设贴近社区、方便可达的场地设施。

二、挖掘存量建设用地潜力

（三）盘活城市空闲土地。

国务院办公厅

2020年9月30日
"""

ORDER = """云州省人民政府令

第12号

《云州省消防水源管理规定》已经2022年11月3日省人民政府第98次常务会议通过，现予公布，自2023年1月1日起施行。

省长 张某某

2022年11月20日

云州省消防水源管理规定

第一条 为了加强消防水源的建设和管理，制定本规定。

第二条 本省行政区域内消防水源的规划、建设和使用，适用本规定。

第三条 本规定自2023年1月1日起施行。
"""

ANNOUNCEMENT = """海门县市场监督管理局公告

2023年第5号

关于食品抽检情况的公告

根据《中华人民共和国食品安全法》，我局组织抽检食品120批次，现将情况公告如下。

一、总体情况

合格118批次，不合格2批次。

二、处置情况

对不合格食品已责令下架召回。

海门县市场监督管理局

2023年6月12日
"""

SHANGHAI = """滨海市人民政府关于印发《滨海市户外招牌设置管理办法》的通知

滨府发〔2017〕92号

各区人民政府，市政府各委、办、局：

现将《滨海市户外招牌设置管理办法》印发给你们，请认真按照执行。

滨海市人民政府

二〇一七年十二月八日

滨海市户外招牌设置管理办法

一、目的依据

为了规范户外招牌设置，制定本办法。

二、设置要求

1．招牌的高度不得超过1.5米。

2．招牌应当使用规范汉字。

三、施行日期

本办法自2018年1月1日起施行，有效期至2022年12月31日。
"""

TABLE = """柳溪县人民政府办公室关于调整2022年春节期间公交线路的通告

柳政办〔2022〕3号

为方便群众出行，现将有关事项通告如下：

一、调整线路

线路\t首班\t末班
1路\t06:00\t20:30
2路\t06:30\t21:00

二、本通告自发布之日起施行。

柳溪县人民政府办公室

2022年1月20日
"""


@dataclass(frozen=True)
class Place:
    text: str
    number: str
    signed: date
    title: str
    phrase: str  # a sentence of the text
    path: tuple[str, ...]  # how each heading above it begins


PLACES = {
    "city measure": Place(COVER_AND_MEASURE, "临政办规〔2023〕7号", date(2023, 4, 6), "临江市人民政府办公厅关于印发临江市城镇老旧小区改造实施办法的通知",
                          "区县财政承担百分之四十", ("第二章", "第三条", "（二）")),
    "state council": Place(STATE_COUNCIL, "国办发〔2020〕36号", date(2020, 9, 30), "国务院办公厅关于加强全民健身场地设施建设的意见",
                           "规划建设贴近社区", ("一、", "（二）")),
    "provincial order": Place(ORDER, "第12号", date(2022, 11, 20), "云州省人民政府令", "本省行政区域内消防水源", ("第二条",)),
    "announcement": Place(ANNOUNCEMENT, "2023年第5号", date(2023, 6, 12), "关于食品抽检情况的公告", "合格118批次", ("一、",)),
    "municipality": Place(SHANGHAI, "滨府发〔2017〕92号", date(2017, 12, 8), "滨海市人民政府关于印发《滨海市户外招牌设置管理办法》的通知",
                          "不得超过1.5米", ("二、", "1")),
    "county table": Place(TABLE, "柳政办〔2022〕3号", date(2022, 1, 20), "柳溪县人民政府办公室关于调整2022年春节期间公交线路的通告",
                          "2路\t06:30", ("一、",)),
}  # fmt: skip


def gazette(text):
    return Gazette(source="x.txt", district="某地", year=2023, issue="", text=text)


@pytest.fixture(params=PLACES, scope="module")
def place(request):
    return PLACES[request.param]


@pytest.fixture(scope="module")
def parsed(place):
    return parse(gazette(place.text))


def plain(text):
    return "".join(text.split()).replace("(", "（").replace(")", "）")


def test_a_notice_that_stands_alone_is_one_notice_with_its_number_title_and_date(place, parsed):
    assert len(parsed.notices) == 1
    notice = parsed.notices[0]
    assert place.number in notice.number and notice.signed == place.signed
    assert plain(place.title) in plain(notice.title)


def test_its_clauses_have_their_headings_above_them(place, parsed):
    start = place.text.index(place.phrase)
    clause = next(clause for clause in parsed.clauses if clause.start <= start < clause.end)
    assert len(clause.path) == len(place.path)
    assert all(plain(heading).startswith(plain(begin)) for heading, begin in zip(clause.path, place.path, strict=True))


def test_its_printed_characters_lie_in_one_clause_each(place, parsed):
    covered = [0] * len(place.text)
    for clause in parsed.clauses:
        for offset in range(clause.start, clause.end):
            covered[offset] += 1
    for span in parsed.furniture:
        for offset in range(span.start, span.end):
            covered[offset] += 1
    wrong = [sign for sign, times in zip(place.text, covered, strict=True) if not sign.isspace() and times != 1]
    assert wrong == []


def test_two_notices_one_after_the_other_without_a_masthead_are_two():
    parsed = parse(gazette(STATE_COUNCIL + "\n\n" + COVER_AND_MEASURE))
    assert [notice.number for notice in parsed.notices] == ["国办发〔2020〕36号", "临政办规〔2023〕7号"]
    assert all(clause.notice.start <= clause.start < clause.end <= clause.notice.end for clause in parsed.clauses)


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        (COVER_AND_MEASURE, date(2023, 5, 1), date(2028, 4, 30)),
        (ORDER, date(2023, 1, 1), None),
        (SHANGHAI, date(2018, 1, 1), date(2022, 12, 31)),
        (TABLE, date(2022, 1, 20), None),
        (STATE_COUNCIL, None, None),
    ],
)
def test_when_it_holds(text, since, until):
    held = parse(gazette(text)).notices[0].validity
    assert (held.in_force_from, held.expires) == (since, until)


def test_a_repeal_in_a_closing_article_is_known():
    assert parse(gazette(COVER_AND_MEASURE)).notices[0].validity.repeals == ("临政办发〔2015〕33号",)
