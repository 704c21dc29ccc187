"""Text as it is matched, never as it is shown: one width, one kind of bracket, simplified characters, no white space."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from .document_numbers import document_number, document_numbers

if TYPE_CHECKING:
    from opencc import OpenCC

__all__ = ["document_number", "document_numbers", "normalise", "normalise_with_offsets"]

# NFKC already makes （） and ［］ half-width; these are the kinds it leaves alone.
BRACKETS = {"〔": "[", "〕": "]", "【": "[", "】": "]", "〖": "[", "〗": "]", "﹝": "[", "﹞": "]"}
# One dash, one quotation mark, one comma: gazettes and keyboards mix them.
PUNCTUATION = {"—": "-", "–": "-", "―": "-", "－": "-", "“": '"', "”": '"', "‘": "'", "’": "'", "‹": "<", "›": ">", "〈": "<", "〉": ">"}
# PDF fonts give these radicals for the characters that look the same; NFKC knows only the Kangxi ones among them.
RADICALS = dict(zip(
    "⺀⺁⺄⺆⺈⺊⺌⺍⺕⺗⺙⺝⺟⺠⺢⺣⺧⺩⺪⺫⺬⺭⺮⺶⺷⺸⺻⺼⺽⺾⺿⻀⻃⻄⻅⻆⻇⻈⻉⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻗⻘⻙⻚⻛⻜⻝⻟⻠⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳⼾⽝",
    "冫厂乙冂刀卜小小彐心攵月母民水灬牛王疋网示礻竹羊羊羊聿肉臼艹艹艹西西见角角讠贝车辶辶辶阝钅長長长门雨青韦页风飞食饣饣马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟户犬",
    strict=True,
))  # fmt: skip
INVISIBLE = {"\u200b", "\u200c", "\u200d", "\ufeff", "\u00ad", "\u2060"}

HAN = r"\u4e00-\u9fff"
# English words that recognition put where a Chinese one was printed ("设施 and 场所"): only between Chinese characters,
# where an acronym would be in capitals.
MISREAD = {
    "and": "和", "or": "或", "work": "工作", "works": "工作", "for": "为", "with": "与", "of": "的", "the": "",
    "to": "到", "in": "在", "by": "由", "from": "从", "on": "对", "at": "在", "as": "作为", "is": "是", "are": "是",
}  # fmt: skip
LATEX = {
    "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥", "neq": "≠", "times": "×", "div": "÷", "pm": "±", "cdot": "·",
    "approx": "≈", "circ": "°", "sim": "~", "mu": "μ", "sum": "∑", "rightarrow": "→",
    "text": "", "mathrm": "", "mathbf": "", "textbf": "", "frac": "", "left": "", "right": "", "quad": "",
}  # fmt: skip
# Each rewriting is one alternative, so that one pass over the text does them all and offsets can be kept.
REWRITE = re.compile(
    r"(?P<tag></?(?:p|b|i|u|br|sub|sup|div|span|input|td|tr|th|table|strong|em|img|a|font)(?:\s[^<>\n]{0,200})?/?>)"
    r"|(?P<entity>&(?:nbsp|lt|gt|amp|quot|ensp|emsp|#\d{1,6});)"
    r"|\\(?P<latex>[a-zA-Z]{1,12})"
    r"|(?P<drop>\*\*|\\(?=[%_#&{}$])|[${}^]|(?<=\w)_(?=[\d{])|\\[\\,;! ])"
    rf"|(?<=[{HAN}，、；）)])\s{{0,4}}(?P<misread>{'|'.join(sorted(MISREAD, key=len, reverse=True))})\s{{0,4}}(?=[{HAN}（(《“])"
)


def _rewritten(match: re.Match[str]) -> str:
    if match["misread"]:
        return MISREAD[match["misread"]]
    if match["latex"]:
        return LATEX.get(match["latex"], match["latex"])
    if match["entity"]:
        return html.unescape(match["entity"])
    return ""


@lru_cache(maxsize=1)
def _opencc() -> OpenCC:
    from opencc import OpenCC

    return OpenCC("t2s")


def _simplified(sign: str) -> str:
    """The simplified character of a traditional one, by OpenCC's table; another sign as it is."""
    simple = _opencc().convert(sign) if "\u4e00" <= sign <= "\u9fff" else sign
    return simple if len(simple) == 1 else sign


class _Folding(dict[int, str]):
    """``str.translate`` table that works out each character once."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        folded = []
        for plain in unicodedata.normalize("NFKC", RADICALS.get(sign, sign)).lower():
            plain = BRACKETS.get(plain) or PUNCTUATION.get(plain) or _simplified(plain)
            if not plain.isspace() and plain not in INVISIBLE:
                folded.append(plain)
        self[code] = value = "".join(folded)
        return value


FOLDING = _Folding()


def normalise(text: str) -> str:
    """``text`` for matching; offsets are lost.

    >>> normalise("朝政办发【2021】 4 号  人員")
    '朝政办发[2021]4号人员'
    """
    return REWRITE.sub(_rewritten, text).translate(FOLDING)


def normalise_with_offsets(text: str) -> tuple[str, list[int]]:
    """``normalise(text)`` and, for each of its characters, the offset in ``text`` it came from.

    The list has one entry more, ``len(text)``, so that a match ``[a, b)`` stands in ``text[o[a]:o[b - 1] + 1]``.

    >>> normalise_with_offsets("人 員")
    ('人员', [0, 2, 3])
    """
    signs: list[str] = []
    offsets: list[int] = []

    def take(piece: str, start: int, step: int) -> None:
        for place, sign in enumerate(piece):
            folded = FOLDING[ord(sign)]
            signs.append(folded)
            offsets.extend([start + place * step] * len(folded))

    done = 0
    for match in REWRITE.finditer(text):
        take(text[done : match.start()], done, 1)
        take(_rewritten(match), match.start(), 0)
        done = match.end()
    take(text[done:], done, 1)
    return "".join(signs), [*offsets, len(text)]
