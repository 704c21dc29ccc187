"""How well grounding tells true rewordings of clauses from corrupted ones: ``python -m benchmarks.grounding``.

From each evidence of the training bank it makes sentences that are true of their
clause (shortened, reframed, reworded) and false ones (a number, a word, an
office, a negation, a permission, a bound changed; two words or two sums
exchanged; another clause's words put in), and prints the share of each kind
that passes. The thresholds in ``assistant/grounding.py`` come from here.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

import jieba.posseg

from assistant.grounding import Support, fault
from corpus import Clause, Corpus, load_corpus
from corpus.settings import ROOT

BANK = ROOT / "eval" / "questions" / "bank.jsonl"
SAMPLE = 1200
SPACE = re.compile(r"\s+")
SAME = {"应当": "应", "以及": "和", "及": "和", "须": "必须", "具有": "有", "进行": "", "对于": "对", "其": "", "将": "", "予以": "给予"}
OPPOSITE = {
    "以上": "以下", "以下": "以上", "以内": "以上", "不超过": "不低于", "不低于": "不超过", "不少于": "不超过", "之前": "之后", "每月": "每年",
    "每年": "每月", "免费": "收费", "或": "和", "和": "或", "全部": "部分", "父母": "祖父母", "至少": "至多", "城镇": "农村", "新建": "改建",
}


def true_ones(text: str, others: Callable[[], str]) -> Iterator[tuple[str, str]]:
    yield "verbatim", text
    parts = re.split(r"(?<=[，；])", text)
    if len(parts) > 2:
        yield "last part left out", "".join(parts[:-1]).rstrip("，；") + "。"
    yield "framed", f"根据规定，{text}"
    if "（" in text:
        yield "brackets left out", re.sub(r"（[^（）]*）", "", text)
    reworded = text
    for word, other in SAME.items():
        reworded = reworded.replace(word, other)
    if reworded != text:
        yield "reworded", reworded


def false_ones(text: str, others: Callable[[], str]) -> Iterator[tuple[str, str]]:
    numbers = list(re.finditer(r"\d+", text))
    if numbers:
        one = random.choice(numbers)
        yield "number", text[: one.start()] + str(int(one[0]) + random.choice([1, 2, 10])) + text[one.end() :]
    if len({one[0] for one in numbers}) > 1:
        first, second = random.sample(numbers, 2)
        if first[0] != second[0]:
            yield "numbers exchanged", exchanged(text, first.span(), second.span())
    for word, other in OPPOSITE.items():
        if word in text:
            yield "opposite", text.replace(word, other, 1)
            break
    words = [(token.word, token.flag) for token in jieba.posseg.cut(text)]
    places, at = [], 0
    for word, flag in words:
        if len(word) > 1 and flag[0] in "nv":
            places.append((at, at + len(word), flag[0]))
        at += len(word)
    nouns = [place for place in places if place[2] == "n"]
    foreign = [token.word for token in jieba.posseg.cut(others()) if len(token.word) > 1 and token.flag[0] == "n" and token.word not in text]
    if nouns and foreign:
        start, end, _ = random.choice(nouns)
        yield "word", text[:start] + random.choice(foreign) + text[end:]
    if len(nouns) > 2:
        first, second = sorted(random.sample(nouns, 2))
        if text[slice(*first[:2])] != text[slice(*second[:2])]:
            yield "words exchanged", exchanged(text, first[:2], second[:2])
    offices = list(re.finditer(r"[区市]\w{1,5}[委局办]", text))
    if offices:
        one = random.choice(offices)
        yield "office", text[: one.start()] + random.choice(["区档案局", "区体育局", "市烟草局"]) + text[one.end() :]
    verbs = [place for place in places if place[2] == "v"]
    if verbs:
        start = random.choice(verbs)[0]
        yield "negated", text[:start] + "不" + text[start:]
    denial = re.search(r"不得|不予|严禁|禁止|不能|未(?!来|成)|无(?!障|线|人机)", text)
    if denial:
        yield "denial left out", text[: denial.start()] + text[denial.end() :]
        yield "forbidden to allowed", text[: denial.start()] + "可以" + text[denial.end() :]
    elif re.search(r"应当|须", text):
        yield "duty to permission", re.sub(r"应当|必?须", "可以", text, count=1)
    yield "another clause", others()
    tail = re.split(r"[，；]", others())[-1]
    yield "words added", text.rstrip("。") + "，" + tail


def exchanged(text: str, first: tuple[int, int], second: tuple[int, int]) -> str:
    (a, b), (c, d) = sorted((first, second))
    return text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]


def evidences(corpus: Corpus) -> Iterator[tuple[str, Clause]]:
    """The sentences of the bank's evidence, each with the clause it stands in."""
    squeezed: dict[str, list[tuple[str, Clause]]] = defaultdict(list)
    for clause in corpus.clauses:
        if clause.kind == "text":
            squeezed[clause.notice.source].append((SPACE.sub("", clause.text), clause))
    for line in BANK.read_text("utf-8").splitlines():
        row = json.loads(line)
        wanted = SPACE.sub("", row["evidence"])
        for text, clause in squeezed[row["source"]]:
            if wanted in text and 15 <= len(wanted) <= 150:
                yield wanted, clause
                break


def main() -> None:
    random.seed(1)
    corpus = load_corpus()
    found = sorted(dict(evidences(corpus)).items(), key=lambda pair: pair[0])
    found = random.sample(found, min(SAMPLE, len(found)))
    districts = sorted({gazette.district for gazette in corpus.gazettes.values()})

    for kinds, title in ((true_ones, "true"), (false_ones, "false")):
        counted, passed, why = Counter(), Counter(), defaultdict(Counter)
        for text, clause in found:
            support = Support(clause, clause.start, clause.end, clause.text)
            for kind, sentence in kinds(text, lambda: random.choice(found)[0]):
                if kinds is false_ones and SPACE.sub("", sentence) in SPACE.sub("", clause.text):
                    continue
                reason = fault(sentence, [support], places=districts)
                counted[kind] += 1
                passed[kind] += not reason
                why[kind][reason or "passes"] += 1
        print(f"{title}: {sum(passed.values()) / sum(counted.values()):.3f} of {sum(counted.values())} pass")
        for kind, count in counted.most_common():
            print(f"  {kind:22s}{passed[kind] / count:7.3f} of {count:5d}   {dict(why[kind].most_common(5))}")


if __name__ == "__main__":
    main()
