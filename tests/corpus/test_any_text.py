"""Any text at all is parsed without an exception, and nothing of a notice is lost or told twice."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus import Gazette, parse
from corpus import settings as corpus_settings

PIECES = (
    "某区人民政府关于印发《某方案》的通知\n", "某政发〔2021〕4号\n", "各单位：\n", "\n", "\n\n", "第一章 总则\n", "第三条 ", "第1十章 ", "附件1二 甲\n", "第20二条 ", "一、", "（一）", "(2)", "1.", "6.8至12月",
    "①", "①\n", "7\n", "1.1 ", "2 总则\n", "附件1\n", "附件：1. 甲表\n2. 乙表\n", "附件 2：乙表\n", "2021年3月7日\n", "某区人民政府\n", "（此件公开发布）\n",
    "序号\t任务\t单位\n", "1\t甲\t乙\n", "\t\t丙丁，\n", "\t", "<b>一、甲</b>\t\n", "备注：\n", "单位：元\n", "组 长：", "王某同志 负责", "区教委：", "**", "# ", "- ",
    "——坚持。", "目 录\n", "【部门文件】\n", "第12号令\n", "- 3 -\n", "¹ 注", "《", "》", "（", "）", "$$x$$\n", "\r\n", "\x0c", "\u2028", "\ufeff", "𠀀", "。", "，", "：", "；",
)  # fmt: skip


def check(text):
    parsed = parse(Gazette(source="x.txt", district="", year=None, issue="", text=text))
    times = [0] * len(text)
    for clause in parsed.clauses:
        assert clause.notice in parsed.notices and clause.notice.start <= clause.start < clause.end <= clause.notice.end
        for place in range(clause.start, clause.end):
            times[place] += 1
    spared = {place for span in parsed.furniture for place in range(span.start, span.end)}
    for notice in parsed.notices:
        assert notice.title
        for place in range(notice.start, notice.end):
            assert text[place].isspace() or place in spared or times[place] == 1, (place, text[place])
    assert all(one.end <= other.start for one, other in zip(parsed.clauses, parsed.clauses[1:], strict=False))


@given(st.text(max_size=400))
@settings(deadline=None, max_examples=100)
def test_arbitrary_text(text):
    check(text)


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
@settings(deadline=None, max_examples=300)
def test_what_gazettes_are_made_of_in_any_order(text):
    check("某区人民政府关于某事的通知\n\n某政发〔2021〕1号\n\n" + text)


def stretches():
    """Stretches of the real gazettes, of 40 lines each."""
    for path in sorted(Path(corpus_settings().gazettes).glob("*.txt")):
        lines = path.read_text(encoding="utf-8").split("\n")
        yield from ("\n".join(lines[start : start + 40]) for start in range(30, len(lines), 40))


STRETCHES = tuple(stretches())


@given(st.lists(st.sampled_from(STRETCHES), min_size=1, max_size=3), st.data())
@settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_gazettes_with_pieces_lost_doubled_and_moved(parts, data):
    text = "\n".join(parts)
    for _ in range(data.draw(st.integers(1, 6))):
        one, other = sorted((data.draw(st.integers(0, len(text))), data.draw(st.integers(0, len(text)))))
        piece = data.draw(st.sampled_from(PIECES))
        what = data.draw(st.sampled_from(("drop", "double", "insert", "move")))
        if what == "drop":
            text = text[:one] + text[min(other, one + 200) :]
        elif what == "double":
            text = text[:other] + text[one:other][:400] + text[other:]
        elif what == "move":
            text = text[other:] + text[:other]
        else:
            text = text[:one] + piece + text[one:]
    check(text)


@pytest.mark.parametrize("text", ["", "\n", " ", "\t", "\t\t\n\t", "号", "〔2021〕4号", "\ufeff", "第1号\n", "目录", "第一条"])
def test_next_to_nothing(text):
    check(text)
