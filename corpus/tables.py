"""Tab-separated lines to rows that name their columns: page parts, merged cells, cut and shifted rows put right."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .lines import Line, close_up, readable
from .numbering import mark_of, squeeze

HEADER_WORDS = re.compile(
    r"序号|编号|项\s*目|类\s*别|类型|指标|名称|时\s*间|日期|责任单位|牵头|单位|姓\s*名|任务|措施|内容|备注|目\s*标|标准|地址|区域|职务|数\s*量|维度|部门"
)
NUMBER_COLUMN = re.compile(r"(?:原)?序\s*号|编\s*号|№|No\.?", re.I)
SENTENCE_END = re.compile(r"[。；！？.;]$")
NOTHING = re.compile(r"[—\-–]{1,4}|/|无")
MAX_HEADER_CELL = 34


@dataclass(frozen=True, slots=True)
class Row:
    """One row for the outline: positions of its lines, its (column, value) pairs, its group rows, and how it is printed.

    ``kind`` is "header", "repeat" (a header printed again: furniture), "group" or "row".
    """

    lines: tuple[int, ...]
    kind: str
    cells: tuple[tuple[str, str], ...] = ()
    group: str = ""
    warning: str = ""


def cells_of(line: Line) -> list[str]:
    """The row's cells, readable."""
    return [close_up(readable(cell)) for cell in line.raw.split("\t")]


def row_text(cells: Sequence[tuple[str, str]]) -> str:
    """列名：值；… of a row.

    >>> row_text((("线路", "1路"), ("首班", "06:00"), ("", "每日")))
    '线路：1路；首班：06:00；每日'
    """
    return "；".join(f"{name}：{value}" if name else value for name, value in cells)


def _folded(cells: Sequence[str]) -> list[str]:
    return [squeeze(cell) for cell in cells]


def is_header(cells: Sequence[str], following: Sequence[str] | None, *, repeated: bool) -> bool:
    """Short names in nearly all cells, none a number or a sentence; unlike what stands below."""
    filled = [cell for cell in cells if cell]
    if len(filled) < 2 or any(len(cell) > MAX_HEADER_CELL or SENTENCE_END.search(cell) for cell in filled):
        return False
    if any(re.fullmatch(r"[\d.,%≥≤<>\s\-—]+", cell) and not re.fullmatch(r"(?:19|20)\d\d", cell) for cell in filled) or cells[0].endswith(("：", ":")):
        return False
    if repeated:
        return True
    named = sum(bool(HEADER_WORDS.search(cell)) for cell in filled)
    if len(filled) * 10 < len(cells) * 6 and named < 3:
        return False
    if following is None:
        return named >= 2
    return named >= 2 or (named >= 1 and len(filled) == len(cells)) or any(re.fullmatch(r"[\d.,%≥≤<>\s\-—]+", cell) for cell in following if cell)


def _same_header(header: Sequence[str], cells: Sequence[str]) -> bool:
    one, two = [cell for cell in _folded(header) if cell], [cell for cell in _folded(cells) if cell]
    if not two or len(two) * 10 < len(one) * 7 or any(cell.isdigit() and len(cell) < 4 for cell in two):
        return False
    same = sum(a == b or len(a) > 3 and len(b) > 3 and (a[:3] == b[:3] or a[-3:] == b[-3:]) for a, b in zip(one, two, strict=False))
    return same * 10 >= max(len(one), len(two)) * 7


def group_of(cells: Sequence[str], raw: str) -> str:
    """The text of a row that heads the rows below it: one cell, bold or numbered 一、, 第一…; "" for another row."""
    filled = [cell for cell in cells if cell]
    if len(cells) < 2 or len(filled) != 1 or len(filled[0]) > 60:
        return ""
    text = filled[0]
    mark = mark_of(text)
    if mark is not None and mark.style in ("一、", "（一）", "编", "章", "节") and not SENTENCE_END.search(text):
        return text
    return text if re.search(r"<b>|\*\*", raw) else ""


def _continues(previous: Sequence[str], cells: Sequence[str], *, after_break: bool) -> bool:
    """The rest of a row that a page end has cut: no number of its own, and a cell above that stops in mid-sentence."""
    if not after_break or cells[0] or not any(cells):
        return False
    pairs = [(above, here) for above, here in zip(previous, cells, strict=False) if here]
    if not pairs or any(not above and len(here) > 12 for above, here in pairs):
        return False
    longest = max(pairs, key=lambda pair: len(pair[0]))
    above, here = longest
    if above == here or len(above) < 6 or SENTENCE_END.search(above.rstrip("”）)》")):
        return bool(above) and above[-1:] in "、，" and above != here
    if len(pairs) <= 2:
        return True
    return len(above) >= 18


def _merged_columns(rows: Sequence[Sequence[str]], width: int) -> list[bool]:
    """Leading columns that some rows leave blank: cells merged downwards."""
    merged = []
    for column in range(width):
        blank = sum(not (column < len(row) and row[column]) for row in rows)
        merged.append(0 < blank < len(rows))
    return merged


def _straightened(cells: list[str], *, columns: Sequence[str], body: Sequence[Sequence[str]]) -> tuple[list[str], str]:
    """A row shifted by a column or two, put back; with what was done."""
    width = len(columns)
    filled = [position for position, cell in enumerate(cells) if cell]
    if not filled:
        return cells, ""
    if len(cells) > width:
        extra = [cell for cell in cells[width:] if cell]
        cells = cells[:width]
        if extra and width and not cells[-1]:
            cells[-1] = "".join(extra)
            return cells, "the last cell stands a column too far right"
        if extra:
            cells[-1] = " ".join([cells[-1], *extra])
            return cells, "the row has more cells than the header"
        return cells, ""
    cells = cells + [""] * (width - len(cells))
    number = next((i for i, name in enumerate(columns) if NUMBER_COLUMN.fullmatch(squeeze(name))), None)
    if number is None:
        return cells, ""
    trailing = width - 1 - max(filled)
    if number > 0 and cells[0].isdigit() and not cells[number].isdigit() and trailing:
        return ([""] * number + cells)[:width], "the row stands a column too far left"
    if number == 0 and cells[0] and not re.match(r"[\d一二三四五六七八九十]{1,4}", cells[0]) and trailing and len(filled) > 1 and not re.search(r"合计|总计|小计|注", cells[0]):
        return ([""] * trailing + cells)[:width], "the row stands too far left"
    last_filled = sum(len(row) >= width and bool(row[width - 1]) for row in body)
    if trailing == 1 and number == 0 and cells[0].isdigit() and last_filled * 10 >= len(body) * 9:
        for column in range(1, width - 1):
            blank = sum(not (column < len(row) and row[column]) for row in body)
            if blank * 2 >= len(body) and cells[column]:
                return cells[:column] + [""] + cells[column:-1], "the row stands a column too far left"
    return cells, ""


def read_table(lines: Sequence[Line], first: int) -> list[Row]:
    """The rows of one table, whose lines are ``lines`` at positions from ``first`` on."""
    grid = [cells_of(line) for line in lines]
    counts: dict[tuple[str, ...], int] = {}
    for cells in grid:
        key = tuple(_folded(cells))
        counts[key] = counts.get(key, 0) + 1
    header_rows = _header_rows(grid, repeated=counts[tuple(_folded(grid[0]))] > 1)
    header = _header_of(grid[:header_rows]) if header_rows else []
    width = max([len(header)] + ([] if header else [len(cells) for cells in grid]))
    columns = header or [""] * width
    rows = [Row((first + i,), "header") for i in range(header_rows)]
    body = [cells for cells in grid[header_rows:] if not (header and _same_header(grid[0], cells))]
    merged = _merged_columns(body, width)
    above: list[str] = []
    group = ""
    after_break = False
    pending: tuple[list[int], list[str], list[str], str] | None = None
    for position in range(header_rows, len(grid)):
        cells, line = grid[position], lines[position]
        if header and _same_header(grid[0], cells):
            rows.append(Row((first + position,), "repeat"))
            after_break = True
            continue
        if position and line.index > lines[position - 1].index + 1:
            after_break = True
        heading = group_of(cells, line.raw)
        if heading:
            pending = _flush(rows, pending, columns, group)
            group, above = heading, []
            rows.append(Row((first + position,), "group", group=heading))
            after_break = False
            continue
        straight, warning = _straightened(list(cells), columns=columns, body=body) if header else _unheaded(list(cells), width=width, merged=merged)
        if pending is not None and _continues(pending[1], straight, after_break=after_break):
            pending[0].append(first + position)
            for column, cell in enumerate(straight):
                if cell:
                    pending[1][column] += cell
                    pending[2][column] = pending[1][column]
        else:
            pending = _flush(rows, pending, columns, group)
            full = filled_down(straight, above, columns=columns, merged=merged)
            above = full
            pending = ([first + position], list(straight), full, warning)
        after_break = False
    _flush(rows, pending, columns, group)
    return rows


def _flush(rows: list[Row], pending, columns: Sequence[str], group: str) -> None:
    if pending is not None:
        where, _, full, warning = pending
        cells = tuple((name, cell) for name, cell in zip(columns, full, strict=False) if cell)
        rows.append(Row(tuple(where), "row", cells=cells, group=group, warning=warning))
    return None


def _unheaded(cells: list[str], *, width: int, merged: Sequence[bool]) -> tuple[list[str], str]:
    """In a table without a header a row that lacks its blank leading cell gets it back."""
    if len(cells) == width - 1 and merged and merged[0]:
        return ["", *cells], ""
    return cells + [""] * (width - len(cells)), ""


def filled_down(cells: Sequence[str], above: Sequence[str], *, columns: Sequence[str], merged: Sequence[bool]) -> list[str]:
    """Blank leading cells take the value above them; a blank further right may mean "none" and stays blank.

    The number column does not end the leading cells: a numbered row may still
    share its task with the row above.
    """
    full = list(cells)
    if not above or not any(cells):
        return full
    for column, cell in enumerate(cells):
        if column >= len(above) or column >= len(cells) - 1:
            break
        if cell:
            if NUMBER_COLUMN.fullmatch(squeeze(columns[column])):
                continue
            break
        if merged[column] and above[column]:
            full[column] = above[column]
    return full


def _header_rows(grid: Sequence[Sequence[str]], *, repeated: bool) -> int:
    following = grid[1] if len(grid) > 1 else None
    if not is_header(grid[0], following, repeated=repeated):
        return 0
    if following and len(grid) > 2 and not following[0] and grid[0][0] and grid[2][0]:
        below = [cell for cell in following if cell]
        under_blank = any(cell and (i >= len(grid[0]) or not grid[0][i] or i + 1 < len(grid[0]) and not grid[0][i + 1]) for i, cell in enumerate(following))
        if below and under_blank and all(len(cell) <= 20 for cell in below) and "" in grid[0][1:]:
            return 2
    return 1


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
