"""What the parser costs: the five gazettes, and whether time grows with the length of the text alone.

    python benchmarks/parsing.py

The gazettes are timed together, best of five. Then texts made to be hard are
parsed at three lengths, each four times the one before: time per character
should stay as it is. Figures are of this run on this machine.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from corpus import Gazette, parse, read_gazette  # noqa: E402
from corpus.settings import settings  # noqa: E402

HEAD = "某区人民政府关于某事的通知\n\n某政发〔2021〕1号\n\n各单位：\n\n"
LISTED = "附件：" + "\n".join(f"{number}. 某区第{number}类补贴资金申请审批一览表" for number in range(1, 90)) + "\n\n"
HARD: dict[str, Callable[[int], str]] = {
    "the gazettes again and again": lambda size: _gazettes(size),
    "one paragraph of cut lines": lambda size: HEAD + "各单位要按照职责分工认真落实各项工作任务不断提高服务水平\n\n" * (size // 30),
    "a bracket never closed": lambda size: HEAD + "（各单位要按照职责分工认真落实各项工作任务不断提高服务水平\n\n" * (size // 32),
    "one line": lambda size: HEAD + "各单位要按照职责分工，" * (size // 11),
    "only numbers of items": lambda size: HEAD + "".join(f"{'一（1①第'[place % 5]}{place}、\n" for place in range(size // 8)),
    "items at every depth": lambda size: HEAD + "第一章 甲\n第一条 乙\n一、丙\n（一）丁\n1. 戊\n（1）己\n①庚；\n" * (size // 40),
    "short lines like titles": lambda size: HEAD + LISTED + "某区第二十类补助资金请示审批一览名单\n\n" * (size // 20),
    "document numbers": lambda size: "某区人民政府关于某事的通知\n某政发〔2021〕1号\n" * (size // 25),
    "a table of blanks": lambda size: HEAD + "序号\t任务\t单位\n" + "\t\t甲乙丙丁戊己庚辛壬癸甲乙丙丁戊己庚辛\n\n" * (size // 24),
    "one row of many cells": lambda size: HEAD + "\t".join("甲" for _ in range(size // 2)) + "\n1\t2\n",
    "rows of many cells": lambda size: HEAD + ("\t".join("甲" for _ in range(200)) + "\n") * (size // 400),
    "tags and formulas": lambda size: HEAD + r"<p <b ** $\frac{ \text{ <sub" * (size // 28),
    "white space": lambda size: HEAD + " \n\t\n" * (size // 4),
}  # fmt: skip


def _gazettes(size: int) -> str:
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(settings().gazettes.glob("*.txt")))
    return (text * (size // len(text) + 1))[:size]


def seconds(text: str) -> float:
    gazette = Gazette(source="x.txt", district="", year=None, issue="", text=text)
    start = time.perf_counter()
    parse(gazette)
    return time.perf_counter() - start


def main() -> None:
    gazettes = [read_gazette(path) for path in sorted(settings().gazettes.glob("*.txt"))]
    rounds = []
    for _ in range(5):
        start = time.perf_counter()
        for gazette in gazettes:
            parse(gazette)
        rounds.append(time.perf_counter() - start)
    print(f"{len(gazettes)} gazettes, {sum(len(gazette.text) for gazette in gazettes):,} characters: {min(rounds):.2f} s (best of 5)")
    sizes = (50_000, 200_000, 800_000)
    print(f"{'microseconds a character at':<32}" + "".join(f"{size:>12,}" for size in sizes))
    for name, make in HARD.items():
        texts = [make(size) for size in sizes]
        print(f"{name:<32}" + "".join(f"{seconds(text) / len(text) * 1e6:>12.2f}" for text in texts), flush=True)


if __name__ == "__main__":
    main()
