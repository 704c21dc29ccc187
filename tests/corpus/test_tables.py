"""Tables of the five gazettes, row by row where print makes them hard."""

import pytest


def row(clauses_on, name, line):
    """The one row that prints something on the line."""
    (found,) = [clause for clause in clauses_on(name, line) if clause.kind == "row"]
    return found


def values(clause):
    return {name.replace(" ", ""): value for name, value in clause.cells}


def test_a_row_names_its_columns_and_still_quotes_the_printed_line(clauses_on, gazettes):
    clause = row(clauses_on, "xicheng", 3259)
    assert clause.text == "项目名称：上门理发；服务频次：每月1次；补贴标准：30元"
    printed = gazettes.gazettes[clause.notice.source].text[clause.start : clause.end]
    assert printed.split("\t")[:3] == ["上门理发", "每月1次", "30元"]


def test_a_blank_cell_inside_a_row_stays_blank(clauses_on):
    assert "服务频次" not in values(row(clauses_on, "xicheng", 3260))
    assert "牵头单位" not in values(row(clauses_on, "chaoyang-2020-02", 144))


@pytest.mark.parametrize(("name", "line", "column", "value"), [
    ("chaoyang-2020-02", 148, "主要任务", None),  # below a header printed again
    ("mentougou", 813, "考核乡镇（街道）", "妙峰山镇"),
    ("mentougou", 3905, "维度", "健康服务"),  # its number is printed, its group is not
    ("xicheng", 2563, "重点任务", "积极推广新能源汽车"),
    ("chaoyang-2020-04", 303, "重点任务", "建立健全知识产权引领产业发展工作机制"),
])  # fmt: skip
def test_a_merged_cell_is_filled_down(name, line, column, value, clauses_on):
    filled = values(row(clauses_on, name, line))[column]
    assert filled == value if value else filled == values(row(clauses_on, name, 142))[column]


@pytest.mark.parametrize(("name", "one", "other", "whole"), [
    ("xicheng", 2538, 2541, "全区绿化覆盖率稳步提高"),
    ("xicheng", 2575, 2578, None),
    ("xicheng", 2595, 2598, "加强重点行业 VOCs 全流程管控"),
    ("mentougou", 638, 641, "区内 1.6MPa"),
])  # fmt: skip
def test_a_row_that_a_page_end_cut_is_one_row(name, one, other, whole, clauses_on):
    clause = row(clauses_on, name, one)
    assert clause == row(clauses_on, name, other)
    assert whole is None or whole.replace(" ", "") in clause.text.replace(" ", "")


def test_neighbouring_names_in_a_list_are_not_taken_for_one_cut_row(clauses_on):
    assert row(clauses_on, "mentougou", 490).text == "成员：刘振林；区安监局局长"
    assert row(clauses_on, "mentougou", 492).text.startswith("成员：杜斌英；区人力社保局局长")


@pytest.mark.parametrize(("name", "line", "expected"), [
    ("chaoyang-2020-04", 308, {"序号": "5", "责任单位": "区市场监管局"}),  # the office a column too far right
    ("chaoyang-2020-04", 342, {"序号": "29", "具体任务": "知识产权人才培养及培训体系建设", "责任单位": "区市场监管局、区教委、区人社局"}),
    ("mentougou", 3911, {"序号": "23", "指标": "卫生监督检查覆盖率", "目标值": "100%", "性质": "约束性"}),
    ("mentougou", 4420, {"序号": "9", "2017年任务": "完成饮用水水源地保护区标志设置。", "完成时限": "年底"}),
    ("xicheng", 3633, {"服务项目": "助医", "服务内容": "心率服务"}),
    ("xicheng", 3634, {"服务项目": "助医", "服务内容": "体温辅助监测服务"}),
])  # fmt: skip
def test_a_shifted_row_is_put_right_and_reported(name, line, expected, clauses_on, gazettes):
    clause = row(clauses_on, name, line)
    parsed = next(item for item in gazettes.parsed if item.gazette.source == clause.notice.source)
    assert line in [warning.line for warning in parsed.warnings]
    assert expected.items() <= values(clause).items()


def test_a_group_row_heads_the_rows_below_it_over_page_ends(clauses_on):
    assert row(clauses_on, "xicheng", 2546).path[-1] == "六、保障措施"
    assert row(clauses_on, "mentougou", 4480).path == ("五、有序推进土壤污染治理修复",)
    assert row(clauses_on, "xicheng", 2551).path[-1] == "六、保障措施"


def test_headers_printed_again_are_furniture_and_no_rows(gazettes):
    parsed = next(item for item in gazettes.parsed if item.gazette.source == "xicheng-2022.txt")
    repeated = [span for span in parsed.furniture if span.reason == "repeated table header"]
    assert len(repeated) > 25
    assert all("序号" in parsed.gazette.text[span.start : span.end] or "服务" in parsed.gazette.text[span.start : span.end] for span in repeated)


def test_a_further_row_of_the_same_user_is_no_rest_of_a_cut_row(clauses_on):
    assert values(row(clauses_on, "mentougou", 1329))["锅炉用途"] == "供暖"
    assert row(clauses_on, "mentougou", 1326) != row(clauses_on, "mentougou", 1329)


def test_two_header_rows_name_a_column_together(clauses_on):
    assert "政府办医疗机构 2020(预计)" in dict(row(clauses_on, "mentougou", 4142).cells)


def test_a_caption_stands_above_its_rows(clauses_on):
    assert row(clauses_on, "xicheng", 5490).path[-1] == "“十四五”期间老龄事业发展重点指标"


def test_what_looks_like_markup_but_is_a_value_stays(clauses_on):
    assert values(row(clauses_on, "xicheng", 1217))["2025年规划"] == "<55"
