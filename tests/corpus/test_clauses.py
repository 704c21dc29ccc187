"""Clauses of the five gazettes: nothing lost, nothing twice, each under the headings that people read above it."""

import json
from pathlib import Path

import pytest

from eval.labels import names_clause
from eval.places import Texts, covered

QUESTIONS = Path(__file__).parents[2] / "eval/questions/dev.jsonl"
SOURCES = ("chaoyang-2020-02.txt", "chaoyang-2020-04.txt", "chaoyang-2021-02.txt", "mentougou-2017-02.txt", "xicheng-2022.txt")


@pytest.mark.parametrize("source", SOURCES)
def test_each_printed_character_of_a_notice_lies_in_one_clause_or_is_furniture(source, gazettes):
    parsed = next(item for item in gazettes.parsed if item.gazette.source == source)
    text = parsed.gazette.text
    furniture = bytearray(len(text))
    for span in parsed.furniture:
        furniture[span.start : span.end] = b"\1" * (span.end - span.start)
    times = bytearray(len(text))
    for clause in parsed.clauses:
        for place in range(clause.start, clause.end):
            times[place] += 1
    inside = (place for notice in parsed.notices for place in range(notice.start, notice.end))
    wrong = [place for place in inside if not text[place].isspace() and not furniture[place] and times[place] != 1]
    assert wrong == []
    assert max(times) == 1


@pytest.mark.parametrize("source", SOURCES)
def test_clauses_come_in_the_order_of_printing_and_inside_their_notice(source, gazettes):
    clauses = next(item for item in gazettes.parsed if item.gazette.source == source).clauses
    assert all(one.end <= other.start for one, other in zip(clauses, clauses[1:], strict=False))
    assert all(clause.notice.start <= clause.start < clause.end <= clause.notice.end for clause in clauses)


@pytest.mark.parametrize("source", SOURCES)
def test_what_is_read_is_what_is_printed(source, gazettes):
    """A paragraph's reading form holds its printed characters, in order; only marks of the recognition are gone."""
    parsed = next(item for item in gazettes.parsed if item.gazette.source == source)
    for clause in parsed.clauses:
        printed = iter(parsed.gazette.text[clause.start : clause.end])
        formula = "$" in parsed.gazette.text[clause.start : clause.end]
        if clause.kind == "text" and not formula and not any(sign in clause.text for sign in "≤≥×¹²³"):
            lost = [sign for sign in clause.text if not sign.isspace() and sign not in printed]
            assert lost == [], clause


def test_the_clause_of_an_answer_has_the_notice_and_the_headings_that_people_gave_it(gazettes):
    texts = Texts(gazettes.gazettes)
    total, right = 0, 0
    for line in QUESTIONS.read_text(encoding="utf-8").splitlines():
        for gold in json.loads(line)["gold"]:
            total += 1
            right += any(_right(gazettes, texts, place, gold) for place in texts.find(gold["evidence"]))
    assert total > 250 and right / total >= 0.97


def _right(gazettes, texts, place, gold):
    clauses = gazettes.clauses_at(place.source, *texts.printed(place))
    best = max(clauses, key=lambda clause: covered(place, [texts.place(place.source, clause.start, clause.end)]))
    return best.notice.number == gold["notice"] and names_clause(best.path, gold["clause"])


HEADINGS = {
    # What stands on a line, and the headings above it: each case is another way of numbering.
    ("chaoyang-2021", 131): ("四、入学规则及方式", "（二）入学方式", "1.", "(2) 适龄儿童到公办寄宿学校登记入学。"),
    ("chaoyang-2021", 161): ("四、入学规则及方式", "（二）入学方式", "2.", "(1) 就近分配学生的入学。", "①自愿申请全区范围内公办初中校就近登记入学。"),
    ("chaoyang-2021", 223): (),  # 本意见自印发之日起实施。 speaks of the whole text
    ("chaoyang-2021", 266): ("一、优化基本公共服务（4 件）", "1."),  # 主责单位：…
    ("chaoyang-2021", 566): ("文献同志",),  # 分管… does not repeat the name
    ("chaoyang-2020-02", 484): ("附件", "北京市朝阳区第七次全国人口普查领导小组人员名单", "副组长"),
    ("chaoyang-2020-04", 176): ("一、总体要求", "（二）基本原则", "坚持融合发展"),  # ——坚持融合发展。
    ("mentougou", 315): ("二、防治任务", "（二）加强土壤污染源管控", "9. 严控工矿污染"),  # flush, with an office of its own
    ("mentougou", 775): ("第十七条",),
    ("mentougou", 924): ("附件3", "跨界断面补偿金核算细则", "第八条"),  # numbering restarts; its label is not printed
    ("mentougou", 1204): ("二是要加大治理力度",),
    ("mentougou", 2971): ("附件2", "门头沟区困难群众基本生活保障工作成员单位职责", "区财政局"),
    ("mentougou", 4310): ("六、试点时间安排及具体步骤", "6."),  # 6.8至12月
    ("xicheng", 91): ("三、附则",),
    ("xicheng", 924): ("8 附则与附件", "8.2 本预案说明", "8.2.3"),
    ("xicheng", 934): ("8 附则与附件", "8.3 区级专项应急预案目录", "8.3.1 突发事件类", "(1) 自然灾害类"),
    ("xicheng", 2103): ("四、保障儿童优先发展", "（三）儿童与教育：构建高质量教育体系，促进儿童成长成才", "2. 推进学前教育普及普惠安全优质发展"),
    ("xicheng", 4057): ("附件1", "西城区 2022 年小学入学工作时间安排表"),  # 备注：… 1. … below a table
    ("xicheng", 4843): ("附件8", "西城区就业见习补充协议书", "一、见习期限"),
}


@pytest.mark.parametrize(("place", "path"), HEADINGS.items(), ids=[f"{name}:{line}" for name, line in HEADINGS])
def test_headings_above_a_line(place, path, clauses_on):
    assert [clause.path for clause in clauses_on(*place)] == [path]


CUT = {
    # A page end stands between the two lines.
    ("chaoyang-2020-04", 392, 394): "不少于100万元专项经费",
    ("chaoyang-2021", 41, 43): "加强入学工作管理",
    ("mentougou", 1658, 1660): "5件",
    ("mentougou", 3409, 3411): "《以区政府、区政府办公厅",
    ("xicheng", 63, 65): "西行规发〔2018〕5号",
    ("xicheng", 3940, 3942): "应届毕业生",
}


@pytest.mark.parametrize(("place", "joined"), CUT.items(), ids=[f"{name}:{one}" for name, one, _ in CUT])
def test_a_paragraph_that_a_page_end_cut_is_read_whole_and_quoted_as_printed(place, joined, clauses_on):
    name, one, other = place
    assert clauses_on(name, one) == clauses_on(name, other)
    (clause,) = clauses_on(name, one)
    assert joined in clause.text.replace(" ", "")


def test_a_footnote_at_a_page_end_stands_behind_its_paragraph(clauses_on):
    (clause,) = clauses_on("mentougou", 3796)
    assert "1384 名），培训乡村医生" in clause.text and clause.text.splitlines()[1].startswith("¹ “8+1”行动")


@pytest.mark.parametrize(("name", "line", "above"), [
    ("xicheng", 4147, "2."),  # behind (3), before 3.
    ("xicheng", 3797, "第十九条"),  # behind （四）, before 第二十条
    ("xicheng", 4030, "五、有关说明"),  # the last paragraph of a paper
    ("chaoyang-2021", 89, "2. 外省市户籍适龄儿童少年入学条件。"),  # the second behind (2)
])
def test_a_paragraph_behind_the_last_of_items_of_a_paragraph_each_belongs_to_what_they_belong_to(name, line, above, clauses_on):
    (clause,) = clauses_on(name, line)
    assert clause.path[-1] == above


@pytest.mark.parametrize(("name", "line", "own"), [("chaoyang-2020-04", 100, "1."), ("chaoyang-2020-04", 106, "2."), ("mentougou", 765, "第十二条")])
def test_a_paragraph_between_two_items_belongs_to_the_first(name, line, own, clauses_on):
    (clause,) = clauses_on(name, line)
    assert clause.path[-1] == own


def test_a_path_is_made_of_headings_and_never_of_a_paragraph(gazettes):
    longest = max((heading for clause in gazettes.clauses for heading in clause.path), key=len)
    assert len(longest) <= 70, longest
