"""Typing slips mended by the corpus's own words: a keyboard that goes by sound or by shape leaves one wrong character in a word.

A noisy channel: a mending must make the question much likelier under jieba's word frequencies, and the mended word must
stand in the gazettes beside a neighbour that it has in the question, where what was typed does not stand.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from functools import lru_cache

import jieba

# Characters are sounded one by one: the sounds of phrases would be 40 MB that nobody asks for.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")
from pypinyin import lazy_pinyin  # noqa: E402

HAN = re.compile(r"[\u4e00-\u9fff]{2,}")
LONGEST = 6  # characters of a word that is looked up
SHAPE_FROM = 3  # characters from which a word may be told by all but one of its characters, whatever the wrong one sounds like
COMMON = 3  # passages that hold a word from which slips are mended towards it
# Natural logarithms of how much likelier the mended question must be; chosen on the training bank's questions, of which
# few hold a slip: at these values seven in ten mendings are right and the wrong ones change no word that matters.
SOUND_GAIN, SHAPE_GAIN = 3.0, 9.0
# Characters that stand alone in any sentence; next to a word they are no slip in it.
ALONE = frozenset("的了着过得地里上下中在是有不没吗呢吧啊么和跟与去来到给把被让从向对要想能会就都也还又再我你他她它时")
# What a question is asked with. No gazette prints it, and the kind of question is read off it.
ASKING = {"什么时候": r"(?:什么|啥)(?:时后|是候|石候)", "多少": "多小|多绍", "怎么": "怎莫|咋么", "材料": "才料|材科"}
# Sounds that a good part of the country does not tell apart: zh/z, ch/c, sh/s, n/l at the beginning, ng/n at the end.
ALIKE = ((re.compile(r"^([zcs])h"), r"\1"), (re.compile(r"^n(?=[aeiou])"), "l"), (re.compile(r"(?<=[aei])ng$"), "n"))


class Typos:
    """``words`` gives for each word of a corpus the passages that hold it; ``printed`` is the corpus's normalised text."""

    def __init__(self, words: Mapping[str, int], *, printed: str) -> None:
        self._printed = printed
        known = {word: count for word, count in words.items() if 2 <= len(word) <= LONGEST and HAN.fullmatch(word)}
        self._known = frozenset(known)
        self._count = known
        self._by_sound: dict[tuple[str, ...], list[str]] = {}
        self._by_shape: dict[str, list[str]] = {}
        for word in sorted((one for one, count in known.items() if count >= COMMON), key=lambda one: -known[one]):
            self._by_sound.setdefault(sounds(word), []).append(word)
            for at in range(len(word) if len(word) >= SHAPE_FROM else 0):
                self._by_shape.setdefault(_blank(word, at), []).append(word)

    def __call__(self, question: str) -> str:
        """``question`` with its slips mended.

        >>> typos("社区养老译站都管些啥")
        '社区养老驿站都管些啥'
        """
        for meant, slip in ASKING.items():
            question = re.sub(slip, meant if len(meant) < 4 else "什么时候", question)
        for run in HAN.finditer(question):
            question = question[: run.start()] + self._mended(run.group()) + question[run.end() :]
        return question

    def _mended(self, run: str) -> str:
        alone = _alone(run)
        if not any(alone):
            return run
        before, best = _likelihood(run), (0.0, run)
        for size in range(2, min(LONGEST, len(run)) + 1):
            for start in range(len(run) - size + 1):
                if not any(alone[start : start + size]) or run[start : start + size] in self._known:
                    continue
                for word, least in self._meant(run[start : start + size], alone[start : start + size]):
                    mended = run[:start] + word + run[start + size :]
                    gain = _likelihood(mended) - before
                    if gain >= least and self._stands(run, mended, start, start + size):
                        best = max(best, (gain + math.log(self._count[word]), mended))
        # One slip at a time: the next is judged in the light of this mending.
        return self._mended(best[1]) if best[1] != run else run

    def _meant(self, window: str, alone: list[bool]) -> list[tuple[str, float]]:
        """Words that ``window`` may be a slip of, each with the gain asked of it."""
        found = [(word, SOUND_GAIN) for word in self._by_sound.get(sounds(window), ())]
        for at in range(len(window)):
            if window[:at] + window[at + 1 :] in self._known:
                continue  # 门头沟租 is no slip of 门头沟区: what is left without the character is a word
            found += [(word, SHAPE_GAIN) for word in self._by_shape.get(_blank(window, at), ())]
        result = []
        for word, least in found:
            wrong = [at for at in range(len(word)) if word[at] != window[at]]
            if len(wrong) == 1 and alone[wrong[0]] and window[wrong[0]] not in ALONE:
                result.append((word, least))
        return result

    def _stands(self, typed: str, mended: str, start: int, end: int) -> bool:
        """Whether the gazettes print the mended word with its neighbour on one side, and not what was typed."""
        if typed[start:end] in self._printed:
            return False
        sides = [(max(0, start - 1), end), (start, min(len(mended), end + 1))]
        return any(
            a < start or b > end for a, b in sides if self._printed.count(mended[a:b]) > 1 and b - a > end - start
        )


def _blank(word: str, at: int) -> str:
    return f"{word[:at]}＊{word[at + 1 :]}"


def _alone(run: str) -> list[bool]:
    """For each character whether jieba leaves it alone, belonging to no word."""
    return [len(word) == 1 for word in jieba.cut(run, HMM=False) for _ in word]


def _likelihood(run: str) -> float:
    """The logarithm of the probability of the likeliest cut of ``run`` under jieba's word frequencies."""
    route: dict[int, tuple[float, int]] = {}
    jieba.dt.calc(run, jieba.dt.get_DAG(run), route)
    return route[0][0]


@lru_cache(maxsize=20_000)
def sound(sign: str) -> str:
    """The toneless syllable of a character, with sounds that are often not told apart made one."""
    heard = lazy_pinyin(sign)[0]
    for pattern, one in ALIKE:
        heard = pattern.sub(one, heard)
    return heard


def sounds(word: str) -> tuple[str, ...]:
    return tuple(sound(sign) for sign in word)
