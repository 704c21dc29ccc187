"""Titles quoted in 《》, with titles nested in them, and the document number printed behind."""

from __future__ import annotations

from dataclasses import dataclass

from .document_numbers import document_numbers

LONGEST = 240  # characters; an opening 《 that is not closed within this distance quotes nothing
NUMBER_WITHIN = 40  # characters between 》 and the end of the number in brackets
OPEN_BRACKETS = "（([〔［"


@dataclass(frozen=True, slots=True)
class Quoted:
    """``text[start:end]`` is 《title》 and, where one follows, （number）; ``number`` is canonical or ''."""

    start: int
    end: int
    title: str
    number: str


def _closing(text: str, opened: int) -> int:
    """Where the 》 that closes the 《 at ``opened`` stands, or -1."""
    depth = 0
    for place in range(opened, min(len(text), opened + LONGEST)):
        if text[place] == "《":
            depth += 1
        elif text[place] == "》":
            depth -= 1
            if depth == 0:
                return place
    return -1


def quoted_titles(text: str) -> tuple[Quoted, ...]:
    """The outermost quoted titles of ``text`` in order.

    >>> [(q.title, q.number) for q in quoted_titles("按《关于印发《甲办法》的通知》（京政发〔2020〕 9 号）执行")]
    [('关于印发《甲办法》的通知', '京政发〔2020〕9号')]
    """
    found = []
    place = text.find("《")
    while place >= 0:
        closed = _closing(text, place)
        if closed < 0:
            # 《甲《乙》: one closing mark is missing; the inner title is whole.
            place = text.find("《", place + 1)
            continue
        end, number = closed + 1, ""
        behind = text[end : end + NUMBER_WITHIN]
        gap = len(behind) - len(behind.lstrip())
        if behind[gap : gap + 1] and behind[gap] in OPEN_BRACKETS:
            numbers = document_numbers(behind)
            if numbers and numbers[0].start <= gap + 3:
                number = numbers[0].number
                end += numbers[0].end
                end += text[end : end + 1] in ("）", ")", "]", "］") and text[end : end + 1] != ""
        found.append(Quoted(place, end, "".join(text[place + 1 : closed].split()), number))
        place = text.find("《", end)
    return tuple(found)
