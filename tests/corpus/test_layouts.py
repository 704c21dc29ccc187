"""Gazettes laid out otherwise than the five: page numbers and running heads, broken lines, numbers above titles, none at all.

The texts in layouts/ were written for these tests.
"""

from datetime import date
from pathlib import Path

import pytest

from corpus import Gazette, parse, read_gazette

LAYOUTS = Path(__file__).parent / "layouts"

NOTICES = {
    "county-gazette": [
        ("青政规〔2023〕2号", date(2023, 4, 18), "青禾县人民政府关于印发青禾县农村公路养护管理办法的通知"),
        ("青政办发〔2023〕18号", date(2023, 4, 20), "青禾县人民政府办公室关于调整县城区公共停车收费标准的通知"),
        ("青政任〔2023〕4号", date(2023, 4, 25), "青禾县人民政府关于李某等同志职务任免的通知"),
    ],
    "provincial-order": [("第305号", date(2021, 8, 27), "江岭省人民政府令")],
    "decimal-plan": [("滨政办字〔2022〕31号", date(2022, 5, 30), "滨岭市人民政府办公室关于印发滨岭市防汛应急预案的通知")],
    "markdown-bulletin": [("云政办函〔2024〕7号", date(2024, 3, 15), "云泽区人民政府办公室关于开展2024年老旧小区加装电梯工作的通知")],
    "standalone": [("", date(2023, 2, 20), "松岭县人民政府关于2023年森林防火禁火期的通告")],
    "wrapped-plain": [("国发〔2022〕12号", date(2022, 5, 24), "国务院关于印发扎实稳住经济的一揽子政策措施的通知")],
    "number-first": [
        ("白政发〔2024〕1号", date(2024, 1, 8), "白河市人民政府关于印发白河市节约用水管理办法的通知"),
        ("白政办发〔2024〕2号", date(2024, 1, 15), "白河市人民政府办公室关于公布政府信息公开指南的通知"),
    ],
    "titles-in-contents": [
        ("平政发〔2022〕15号", date(2022, 5, 30), "平湖区人民政府关于划定禁养区的通告"),
        ("", None, "平湖区2022年高考期间噪声管制安排"),  # only the 目录 says that it begins here
        ("", None, "平湖区人民政府大事记（2022年6月）"),
        ("平政任〔2022〕6号", date(2022, 6, 20), "平湖区人民政府关于王某任职的通知"),
    ],
}

HEADINGS = [
    ("county-gazette", "乡镇人民政府负责乡道", ("第二章 养护责任", "第一节 分级负责", "第三条", "（二）")),
    ("county-gazette", "村道养护经费由", ("第二章 养护责任", "第一节 分级负责", "第三条")),  # flush, behind the list
    ("county-gazette", "乡道每年每公里5000元", ("第二章 养护责任", "第二节 资金", "第四条", "2.")),
    ("county-gazette", "本办法自2023年6月1日", ("第三章 附则", "第五条")),
    ("county-gazette", "二类区域", ("一、收费标准", "表1 公共停车收费标准")),
    ("county-gazette", "停放不足30分钟", ("一、收费标准", "表1 公共停车收费标准")),
    ("county-gazette", "救护车免收停车费", ("二、减免范围",)),
    ("county-gazette", "站前街8号", ("附件1", "停车场名录")),
    ("county-gazette", "免去王某某", ()),
    ("provincial-order", "加压站出水一次", ("第二章 水质与水压", "第一节 水质", "第二条", "（二）", "2．")),
    ("provincial-order", "0.14兆帕", ("第二章 水质与水压", "第二节 水压", "第三条")),
    ("decimal-plan", "50毫米以上", ("3 应急响应", "3.1 响应分级", "3.1.1 四级响应")),
    ("decimal-plan", "汛限水位0.5米", ("3 应急响应", "3.1 响应分级", "3.1.2 三级响应", "（2）")),
    ("decimal-plan", "水情监测预报", ("2 组织指挥体系", "2.2 成员单位职责", "市水利局")),
    ("markdown-bulletin", "建立联合审查机制", ("二、重点任务", "（一）简化审批程序")),
    ("markdown-bulletin", "主责单位：区财政局", ("二、重点任务", "（二）落实补贴资金")),
    ("markdown-bulletin", "| 管线迁改 | 5 |", ("二、重点任务", "（二）落实补贴资金")),
    ("markdown-bulletin", "及时解答居民关切", ("三、保障措施", "二是强化宣传引导")),
    ("standalone", "林缘100米范围", ("二、",)),
    ("wrapped-plain", "7个行业企业纳入", ("一、财政政策（7项）", "1.进一步加大增值税留抵退税政策力度")),
    ("wrapped-plain", "业自主协商", ("二、货币金融政策（5项）", "8.鼓励对中小微企业和个体工商户实施延期还本付息")),
    ("number-first", "前款规定的定额", ("第二条",)),
    ("number-first", "0.04", ("附件1", "用水定额表")),
    ("number-first", "www.baihe.gov.cn", ("第一部分 公开范围", "二、公开方式")),
]


@pytest.fixture(scope="module")
def parsed():
    return {name: parse(read_gazette(LAYOUTS / f"{name}.txt")) for name in NOTICES}


@pytest.mark.parametrize("name", NOTICES)
def test_its_notices_are_found_with_number_date_and_title(name, parsed):
    assert [(notice.number, notice.signed, "".join(notice.title.split())) for notice in parsed[name].notices] == NOTICES[name]


@pytest.mark.parametrize(("name", "phrase", "path"), HEADINGS, ids=[phrase for _, phrase, _ in HEADINGS])
def test_a_sentence_stands_under_its_headings(name, phrase, path, parsed):
    start = parsed[name].gazette.text.index(phrase)
    (clause,) = [clause for clause in parsed[name].clauses if clause.start <= start < clause.end]
    assert clause.path == path


@pytest.mark.parametrize("name", NOTICES)
def test_nothing_is_lost_and_pages_leave_nothing_behind(name, parsed):
    item = parsed[name]
    text = item.gazette.text
    spared = {place for span in item.furniture for place in range(span.start, span.end)}
    told = [place for clause in item.clauses for place in range(clause.start, clause.end) if place not in spared]
    assert len(told) == len(set(told))
    assert {place for place, sign in enumerate(text) if not sign.isspace()} <= spared | set(told)
    assert not any(clause.text in ("1 -", "- 2 -") or "公报" in clause.text for clause in item.clauses)


def test_masthead_gives_place_year_and_issue(parsed):
    gazette = parsed["county-gazette"].gazette
    assert (gazette.district, gazette.year, gazette.issue) == ("青禾县", 2023, "第3期")


@pytest.mark.parametrize(("name", "since", "until", "repealed"), [
    ("county-gazette", date(2023, 6, 1), date(2026, 5, 31), ("青政发〔2018〕11号",)),
    ("provincial-order", date(2021, 10, 1), None, ("江岭省城市供水管理规定",)),
    ("decimal-plan", date(2022, 5, 30), None, ()),
    ("number-first", date(2024, 3, 1), None, ()),
])  # fmt: skip
def test_when_the_first_notice_holds(name, since, until, repealed, parsed):
    held = parsed[name].notices[0].validity
    assert (held.in_force_from, held.expires, held.repeals) == (since, until, repealed)


@pytest.mark.parametrize("number", ["沪府发〔2017〕92号", "国办发〔2020〕12号", "第12号令", "云州省人民政府令第12号", "公告2023年第5号", "2023年第5号", "京政容发[2021] 8 号", "×政办函〔2022〕3号"])
def test_the_forms_of_numbers_that_places_use(number):
    text = f"滨海市人民政府关于调整最低工资标准的通知\n\n{number}\n\n各区人民政府：\n\n一、调整为2590元。\n\n滨海市人民政府\n\n2017年12月8日\n"
    (notice,) = parse(Gazette("x.txt", "", None, "", text)).notices
    assert notice.number == number.replace(" ", "").replace("[", "〔").replace("]", "〕")
    assert notice.signed == date(2017, 12, 8)


def test_a_table_drawn_with_bars_is_read_like_any_other(parsed):
    rows = [clause.text for clause in parsed["markdown-bulletin"].clauses if clause.kind == "row"]
    assert rows == ["类别：设备购置；补贴（万元）：15", "类别：管线迁改；补贴（万元）：5"]


def test_whom_a_copy_went_to_and_who_printed_it_is_no_rule(parsed):
    below = [clause for clause in parsed["number-first"].clauses if clause.text.startswith("抄送") or clause.text.endswith("印发")]
    assert [(clause.kind, clause.path) for clause in below] == [("signature", ()), ("signature", ())]
    assert parsed["number-first"].notices[1].signed == date(2024, 1, 15)
