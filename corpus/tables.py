"""Tab-separated lines to rows that name their columns: page parts, merged cells, cut and shifted rows put right."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from .lines import Line, close_up, readable
from .numbering import mark_of, squeeze

HEADER_WORDS = re.compile(
    r"序号|编号|项\s*目|类\s*别|类型|指标|名称|时\s*间|日期|责任单位|牵头|单位|姓\s*名|任务|措施|内容|备注|目\s*标|标准|地址|区域|职务|数\s*量|维度|部门"
)
NUMBER_COLUMN = re.compile(r"(?:原)?序\s*号|编\s*号|№|No\.?", re.I)
SENTENCE_END = re.compile(r"[。；！？.;]$")
FIGURES = re.compile(r"[\d.,%≥≤<>\s\-—]+")
YEAR = re.compile(r"(?:19|20)\d\d")
SUMS = re.compile(r"合计|总计|小计|注")
OFFICES = re.compile(r"单\s*位|部\s*门")
SPACED_OUT = re.compile(r"[\u4e00-\u9fff](?:\s[\u4e00-\u9fff]){1,5}\s?[:：]?")
MAX_HEADER_CELL = 34
MAX_GROUP = 60
MAX_PARTS = 8  # page ends that cut one row
MAX_COLUMNS = 64  # what stands further right is read into the last column


@dataclass(frozen=True, slots=True)
class Row:
    """One row for the outline: positions of its lines, its (column, value) pairs, its group row, and how it is printed.

    ``kind`` is "header", "repeat" (a header printed again: furniture), "group" or "row".
    """

    lines: tuple[int, ...]
    kind: str
    cells: tuple[tuple[str, str], ...] = ()
    group: str = ""
    warning: str = ""


def row_text(cells: Sequence[tuple[str, str]]) -> str:
    """列名：值；… of a row.

    >>> row_text((("线路", "1路"), ("首班", "06:00"), ("", "每日")))
    '线路：1路；首班：06:00；每日'
    """
    parts = [f"{name}：{value}" if name else value for name, value in cells]
    # 组长： is a cell of its own in a list of members.
    return "".join(part if part.endswith(("：", ":")) or place == len(parts) else f"{part}；" for place, part in enumerate(parts, 1))


def cells_of(line: Line) -> list[str]:
    """The row's cells, readable. A space may part two offices and stays; the one inside 王 涛 or 副 组 长 goes."""
    parts = line.cells
    if len(parts) > MAX_COLUMNS:
        parts = [*parts[: MAX_COLUMNS - 1], " ".join(parts[MAX_COLUMNS - 1 :])]
    return [close_up(cell) if SPACED_OUT.fullmatch(cell) else cell for cell in map(readable, parts)]


def _folded(cells: Sequence[str]) -> list[str]:
    return [squeeze(cell) for cell in cells]


def is_header(cells: Sequence[str], following: Sequence[str] | None, *, repeated: bool) -> bool:
    """Short names in nearly all cells, none a number or a sentence; unlike what stands below."""
    filled = [cell for cell in cells if cell]
    if len(filled) < 2 or any(len(cell) > MAX_HEADER_CELL or SENTENCE_END.search(cell) for cell in filled):
        return False
    if any(FIGURES.fullmatch(cell) and not YEAR.fullmatch(cell) for cell in filled) or cells[0].endswith(("：", ":")):
        return False
    if repeated:
        return True
    named = sum(bool(HEADER_WORDS.search(cell)) for cell in filled)
    if len(filled) * 10 < len(cells) * 6 and named < 3:
        return False
    if following is None:
        return named >= 2
    return named >= 2 or (named >= 1 and len(filled) == len(cells)) or any(FIGURES.fullmatch(cell) for cell in following if cell)


def _same_header(header: Sequence[str], cells: Sequence[str]) -> bool:
    """Printed again on the next page, perhaps a little changed: 2020 年 / 2020年, 主责部门 / 主管部门."""
    one, two = [cell for cell in _folded(header) if cell], [cell for cell in _folded(cells) if cell]
    if not two or len(two) * 10 < len(one) * 7 or any(cell.isdigit() and len(cell) < 4 for cell in two):
        return False
    same = sum(a == b or len(a) > 3 and len(b) > 3 and (a[:3] == b[:3] or a[-3:] == b[-3:]) for a, b in zip(one, two, strict=False))
    return same * 10 >= max(len(one), len(two)) * 7


def group_of(cells: Sequence[str], raw: str) -> str:
    """The text of a row that heads the rows below it: one cell, bold or numbered 一、, 第一…; "" for another row."""
    filled = [cell for cell in cells if cell]
    if len(cells) < 2 or len(filled) != 1 or len(filled[0]) > MAX_GROUP:
        return ""
    text = filled[0]
    mark = mark_of(text)
    if mark is not None and mark.style in ("一、", "（一）", "编", "章", "节") and not SENTENCE_END.search(text):
        return text
    return text if "<b>" in raw or "**" in raw else ""


def _continues(previous: Sequence[str], cells: Sequence[str], *, headed: bool) -> bool:
    """The rest of a row that a page end has cut: no number of its own, and a cell above that stops in mid-sentence."""
    if cells[0] or not any(cells):
        return False
    pairs = [(above, here) for above, here in zip(previous, cells, strict=False) if here]
    if not pairs or any(not above and len(here) > 12 for above, here in pairs):
        return False
    above, here = max(pairs, key=lambda pair: len(pair[0]))
    if above == here or len(above) < 6 or SENTENCE_END.search(above.rstrip("”）)》")):
        return bool(above) and above[-1:] in "、，" and above != here
    return len(above) >= 18 or headed and len(pairs) <= 2


def read_table(lines: Sequence[Line], first: int) -> list[Row]:
    """The rows of one table, whose lines are ``lines`` at positions from ``first`` on."""
    table = _Table(lines, first)
    for place in range(table.header_rows, len(lines)):
        table.take(place)
    table.close()
    return table.rows


class _Table:
    """A table being read: its columns, what its rows have in common, and the row not yet closed."""

    def __init__(self, lines: Sequence[Line], first: int) -> None:
        self.lines, self.first = lines, first
        self.grid = [cells_of(line) for line in lines]
        counts = Counter(tuple(_folded(cells)) for cells in self.grid)
        self.header_rows = _header_rows(self.grid, repeated=counts[tuple(_folded(self.grid[0]))] > 1)
        self.header = _header_of(self.grid[: self.header_rows]) if self.header_rows else []
        self.width = len(self.header) or max(len(cells) for cells in self.grid)
        self.columns = self.header or [""] * self.width
        self.number = next((place for place, name in enumerate(self.columns) if NUMBER_COLUMN.fullmatch(squeeze(name))), None)
        self.rows = [Row((first + place,), "header") for place in range(self.header_rows)]
        body = [cells for cells in self.grid[self.header_rows :] if not (self.header and _same_header(self.grid[0], cells))]
        blank = [sum(not (column < len(row) and row[column]) for row in body) for column in range(self.width)]
        # Columns that some rows leave blank: their cells may be merged downwards.
        self.merged = [0 < count < len(body) for count in blank]
        self.mostly_blank = [count * 2 >= len(body) for count in blank]
        self.last_filled = blank[-1] * 10 <= len(body)
        self.group = ""
        self.after_break = False
        self._above: list[str] = []
        self._places: list[int] = []
        self._own: list[str] = []
        self._full: list[str] = []
        self._fault = ""

    def take(self, place: int) -> None:
        cells, line = self.grid[place], self.lines[place]
        if self.header and _same_header(self.grid[0], cells):
            self.rows.append(Row((self.first + place,), "repeat"))
            self.after_break = True
            return
        self.after_break |= place > 0 and line.index > self.lines[place - 1].index + 1
        heading = group_of(cells, line.raw)
        if heading:
            self.close()
            self.group, self._above = heading, []
            self.rows.append(Row((self.first + place,), "group", group=heading))
        else:
            straight, fault = self._straightened(list(cells)) if self.header else (self._unheaded(list(cells)), "")
            straight, fault = self._below_lone(straight, fault)
            if 0 < len(self._places) < MAX_PARTS and self.after_break and _continues(self._own, straight, headed=bool(self.header)):
                self._join(place, straight)
            else:
                self.close()
                self._places, self._own, self._fault = [self.first + place], straight, fault
                self._above = self._full = self._filled_down(straight)
        self.after_break = False

    def close(self) -> None:
        if self._places:
            cells = tuple((name, cell) for name, cell in zip(self.columns, self._full, strict=False) if cell)
            self.rows.append(Row(tuple(self._places), "row", cells=cells, group=self.group, warning=self._fault))
        self._places = []

    def _join(self, place: int, rest: Sequence[str]) -> None:
        self._places.append(self.first + place)
        for column, cell in enumerate(rest):
            if cell:
                # Offices are parted by a space within a cell, and so where the page ends between two.
                gap = " " if self._own[column] and OFFICES.search(self.columns[column]) else ""
                self._own[column] += gap + cell
                self._full[column] = self._own[column]

    def _unheaded(self, cells: list[str]) -> list[str]:
        """In a table without a header a row that lacks its blank leading cell gets it back."""
        if len(cells) == self.width - 1 and self.merged[0]:
            return ["", *cells]
        return cells + [""] * (self.width - len(cells))

    def _straightened(self, cells: list[str]) -> tuple[list[str], str]:
        """A row shifted by a column or two, put back; with what was found."""
        width, number, fault = self.width, self.number, ""
        extra = [cell for cell in cells[width:] if cell]
        cells = cells[:width] + [""] * (width - len(cells))
        if extra:
            fault = "the row has more cells than the header" if cells[-1] else "the last cell stands a column too far right"
            cells[-1] = " ".join(part for part in (cells[-1], *extra) if part)
        filled = [place for place, cell in enumerate(cells) if cell]
        if number is None or not filled or fault.startswith("the row"):
            return cells, fault
        trailing = width - 1 - filled[-1]
        if number > 0 and cells[0].isdigit() and not cells[number].isdigit():
            moved = [""] * number + cells
            # A last cell that stands in its column already: a blank between gives way.
            blank = next((place for place in range(width - 1, number, -1) if not moved[place]), None) if not trailing else None
            if blank is not None:
                del moved[blank]
            if not any(moved[width:]):
                return moved[:width], "the row stands a column too far left"
        if number == 0 and trailing and len(filled) > 1 and cells[0] and not re.match(r"[\d一二三四五六七八九十]{1,4}", cells[0]) and not SUMS.search(cells[0]):
            return ([""] * trailing + cells)[:width], "the row stands too far left"
        if number == 0 and trailing == 1 and self.last_filled and cells[0].isdigit():
            for column in range(1, width - 1):
                if self.mostly_blank[column] and cells[column]:
                    return [*cells[:column], "", *cells[column:-1]], "the row stands a column too far left"
        return cells, fault

    def _below_lone(self, cells: list[str], fault: str) -> tuple[list[str], str]:
        """A lone cell to the left of the lone cell in the row above, where merged cells would stand, belongs below it."""
        here = [place for place, cell in enumerate(cells) if cell]
        above = [place for place, cell in enumerate(self._own) if cell]
        if len(here) == len(above) == 1 and here[0] < above[0] and all(self.merged[here[0] : above[0]]) and not fault:
            cells[here[0]], cells[above[0]] = "", cells[here[0]]
            return cells, "the row stands too far left"
        return cells, fault

    def _filled_down(self, cells: Sequence[str]) -> list[str]:
        """Blank leading cells take the value above them; a blank further right may mean "none" and stays blank.

        The number column does not end the leading cells: a numbered row may still
        share its task with the row above.
        """
        full = list(cells)
        if not self._above or not any(cells):
            return full
        for column, cell in enumerate(cells[:-1]):
            if cell and column != self.number:
                break
            if not cell and self.merged[column] and self._above[column]:
                full[column] = self._above[column]
        return full


def _header_rows(grid: Sequence[Sequence[str]], *, repeated: bool) -> int:
    if len(grid) > 2 and _spans(grid[0], grid[1], grid[2]):
        return 2
    return int(is_header(grid[0], grid[1] if len(grid) > 1 else None, repeated=repeated))


def _spans(top: Sequence[str], below: Sequence[str], body: Sequence[str]) -> bool:
    """The second row names what the cells of the first span: 数 量 over 2015, 2020."""
    names = [cell for cell in (*top, *below) if cell]
    if below[0] or not (top[0] and body[0]) or not any(below) or any(len(cell) > 20 or SENTENCE_END.search(cell) for cell in names):
        return False
    if not any(HEADER_WORDS.search(cell) for cell in top) or any(FIGURES.fullmatch(cell) and not YEAR.fullmatch(cell) for cell in names):
        return False
    top = [*top, *[""] * (len(below) - len(top))]
    return any(cell and not (top[place] and all(top[place + 1 : place + 2])) for place, cell in enumerate(below))


def _header_of(rows: Sequence[Sequence[str]]) -> list[str]:
    top = [close_up(cell) for cell in rows[0]]
    if len(rows) == 1:
        while top and not top[-1]:
            top.pop()
        return top
    names, spanning = [], ""
    for column in range(max(len(top), len(rows[1]))):
        upper = top[column] if column < len(top) else ""
        lower = rows[1][column] if column < len(rows[1]) else ""
        spanning = upper or (spanning if lower else "")
        names.append(" ".join(part for part in (spanning, lower) if part))
    return names
