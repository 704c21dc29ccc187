"""A model's text as it streams in, to whole sentences with the clauses they cite, freed of markup."""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass

LONGEST = 300  # characters; what goes on longer is no sentence
MARKER = re.compile(r"\s{0,3}[\[［【〔^]{1,2}\s{0,3}(?:条款|资料|来源)?\s{0,3}(\d{1,3}(?:\s{0,3}[,，、;；]\s{0,3}\d{1,3}){0,9})\s{0,3}[\]］】〕]{1,2}")
HALF_MARKER = re.compile(r"\s{0,3}(?:[\[［【〔^]{1,2}[^\]］】〕]{0,40})?\Z")
END = re.compile(r"[。！？!?\n][。！？!?”’」』）)》\"]{0,6}|；")
THOUGHT = re.compile(r"</think(?:ing)?>")
THINKING = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL)
CODE = re.compile(r"`{3}[^\n]{0,40}|[`*_~]{1,3}(?=\S)|(?<=\S)[`*_~]{1,3}")
LINK = re.compile(r"!?\[([^\[\]\n]{0,200})\]\([^()\s]{0,400}\)")
TAG = re.compile(r"</?[a-zA-Z!][^<>]{0,400}>|<!--.{0,400}?-->")
BULLET = re.compile(r"^\s{0,8}(?:#{1,6}\s+|[-*•·>–—]\s{1,4}|\d{1,2}[.、)）](?!\d)\s{0,4}|[（(][\d一二三四五六七八九十]{1,3}[)）]\s{0,4})+")


@dataclass(frozen=True, slots=True)
class Written:
    """One sentence as a model wrote it, without its markers; ``cited`` are the numbers of those, in order."""

    text: str
    cited: tuple[int, ...]


class Sentences:
    """Feed it the pieces of a stream; it gives each sentence once its end is sure.

    >>> sentences = Sentences()
    >>> sentences.feed("可以申请。[1"), sentences.feed("]需要材料"), sentences.close()
    ([], [Written(text='可以申请。', cited=(1,))], [Written(text='需要材料', cited=())])
    """

    def __init__(self) -> None:
        self._left = ""

    def feed(self, piece: str) -> list[Written]:
        self._left += piece
        if "<think" in self._left:
            if not THOUGHT.search(self._left):
                self._left = self._left[:20] if len(self._left) > 20_000 else self._left
                return []
            self._left = THINKING.sub("", self._left)
        return self._taken(closing=False)

    def close(self) -> list[Written]:
        """What is left at the end of the stream."""
        self._left = THINKING.sub("", self._left)
        return self._taken(closing=True)

    def _taken(self, *, closing: bool) -> list[Written]:
        found = []
        while self._left:
            end = self._end(closing=closing)
            if not end:
                break
            found.append(written(self._left[:end]))
            self._left = self._left[end:]
        return [one for one in found if one.text or one.cited]

    def _end(self, *, closing: bool) -> int:
        """Where the first sentence ends with its markers, 0 where that is not known yet."""
        for match in END.finditer(self._left):
            if match[0] == "；" and not MARKER.search(self._left, 0, match.end()) and not MARKER.match(self._left, match.end()):
                continue
            end = match.end()
            while marker := MARKER.match(self._left, end):
                end = marker.end()
            if not closing and HALF_MARKER.match(self._left, end):
                return 0
            return end
        if closing or len(self._left) > LONGEST:
            return min(len(self._left), LONGEST)
        return 0


def written(raw: str) -> Written:
    """A sentence with its markers taken out and its markup removed."""
    raw = LINK.sub(r"\1", raw)
    cited = [int(number) for match in MARKER.finditer(raw) for number in re.findall(r"\d+", match[1])]
    return Written(cleaned(MARKER.sub("", raw)), tuple(dict.fromkeys(cited)))


def cleaned(text: str) -> str:
    """Readable text of a sentence: no tags, no Markdown, no signs that are not seen or that turn the direction of reading."""
    text = TAG.sub("", html.unescape(TAG.sub("", text)))
    text = "".join(sign for sign in text if unicodedata.category(sign) not in ("Cc", "Cf", "Co", "Cs", "Cn") or sign in "\n\t")
    text = CODE.sub("", BULLET.sub("", text))
    return " ".join(text.split())
