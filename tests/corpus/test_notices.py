"""The notices of the five gazettes against a list read by people from the same files."""

import json
from pathlib import Path

import pytest

LISTED = [json.loads(line) for line in (Path(__file__).parents[1] / "data/corpus/notices.jsonl").read_text(encoding="utf-8").splitlines()]

# Where the list and the file differ, the file is right. The roll of names of 门政办发〔2017〕37号 ends with
# 李栋 大台街道办事处副主任 on line 4601, the last of the file, which has no line end; the list stops one line before.
LAST_LINE = {"门政办发〔2017〕37号": 4601}


def squeezed(text):
    return "".join(text.split())


@pytest.fixture(scope="module")
def found(gazettes):
    return {(notice.source, notice.number): notice for notice in gazettes.notices}


def test_all_are_found_and_no_other_in_the_order_of_printing(gazettes):
    assert [(notice.source, notice.number) for notice in gazettes.notices] == [(item["source"], squeezed(item["number"])) for item in LISTED]


@pytest.mark.parametrize("listed", LISTED, ids=[item["number"] for item in LISTED])
def test_a_notice_has_its_title_issuer_date_and_lines(listed, found, gazettes):
    notice = found[listed["source"], squeezed(listed["number"])]
    text = gazettes.gazettes[notice.source].text
    assert squeezed(notice.title) == squeezed(listed["title"])
    assert squeezed(notice.issuer) == squeezed(listed["issuer"])
    assert (notice.signed.isoformat() if notice.signed else "") == (listed["date"] or "")
    assert text.count("\n", 0, notice.start) + 1 == listed["first_line"]
    assert text.count("\n", 0, notice.end) + 1 == LAST_LINE.get(notice.number, listed["last_line"])


# Printed without a label and without a list, or named in the text only: 附件2, 14 and 22 are not in the file,
# and the two titles 职业培训补贴资金申请 (24 and 28) are one name.
ATTACHMENTS = {"西人社发〔2022〕8号": 34}


@pytest.mark.parametrize("listed", [item for item in LISTED if item["attachments"]], ids=lambda item: item["number"])
def test_its_attachments_are_known(listed, found):
    notice = found[listed["source"], squeezed(listed["number"])]
    assert len(notice.attachments) == ATTACHMENTS.get(notice.number, len(listed["attachments"]))


@pytest.mark.parametrize(
    ("number", "enclosed", "kind"),
    [
        ("朝政办发〔2021〕4号", "朝阳区关于2021年义务教育阶段入学工作的意见", "意见"),
        ("门政办发〔2017〕37号", "关于开展住户调查样本轮换工作的通知", "通知"),
        ("门政办发〔2017〕29号", "北京市门头沟区“十三五”时期档案史志事业发展规划", "规划"),
        ("西政发〔2022〕2号", "北京市西城区突发事件总体应急预案(2021年修订)", "预案"),
        ("门政发〔2017〕2号", "", "任免"),
        ("朝政发〔2021〕4号", "", "通告"),
        ("门政函〔2017〕22号", "", "批复"),
        ("朝政发〔2020〕8号", "", "规划"),
    ],
)
def test_the_text_a_letter_carries_is_named_and_gives_the_notice_its_kind(number, enclosed, kind, gazettes):
    notice = gazettes.notice(number)
    assert (squeezed(notice.enclosed_title).replace("（", "(").replace("）", ")"), notice.kind) == (enclosed, kind)
