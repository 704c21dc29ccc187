"""Two runs question by question: what was won, what was lost, and whether the loss is real."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb
from pathlib import Path

from corpus import GazetteError

from .figures import Judged
from .totals import FIGURES, Interval, interval, totals, values
from .writing import replace_text

# A loss is real below this chance of seeing it, or a greater one, between two runs of equal worth.
SIGNIFICANT = 0.05
# The figures held besides the headline; where luck plays a part, to a stricter level, several being tested at once (Bonferroni).
GUARDED = ("recall@5", "citation_recall", "fact_recall", "refused_when_unanswerable", "district_precision", "verbatim")
LEVELS = {"solved": SIGNIFICANT, "district_precision": SIGNIFICANT}
LEVEL_ELSE = SIGNIFICANT / 4


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to: figures[name][id] for the headline and the guarded figures; ``totals`` for people to read."""

    questions: str
    figures: dict[str, dict[str, float]]
    totals: dict[str, float | int | None]


@dataclass(frozen=True, slots=True)
class Change:
    """One figure in two runs over the same questions.

    ``p`` is the chance of such a loss by luck alone (one-sided); ``difference``
    the 95% interval of after minus before, by a bootstrap over the pairs.
    """

    figure: str
    before: float
    after: float
    won: tuple[str, ...]
    lost: tuple[str, ...]
    p: float
    difference: Interval

    @property
    def real_loss(self) -> bool:
        """Verbatim has no luck in it: one false quotation is a loss."""
        if self.figure == "verbatim":
            return self.after < self.before
        return len(self.lost) > len(self.won) and self.p < LEVELS.get(self.figure, LEVEL_ELSE)


def outcome(judged: Sequence[Judged], *, questions: str) -> Outcome:
    """The outcome of a run; ``questions`` is the digest of the question file."""
    kept = {figure.name: values(figure, judged) for figure in FIGURES if figure.name in ("solved", *GUARDED)}
    return Outcome(questions, kept, totals(judged))


def chance_of_loss(won: int, lost: int) -> float:
    """The exact one-sided McNemar test (a sign test over the questions that changed).

    The chance that, of ``won + lost`` changes that are as likely up as down,
    ``lost`` or more are down. McNemar, Psychometrika 1947.

    >>> chance_of_loss(0, 0), chance_of_loss(0, 5)
    (1.0, 0.03125)
    """
    changed = won + lost
    return sum(comb(changed, down) for down in range(lost, changed + 1)) / 2**changed


def changes(before: Outcome, after: Outcome) -> list[Change]:
    """The headline first, then every guarded figure that both runs have (a set without unanswerable questions lacks theirs).

    Raises ``GazetteError`` where the runs asked other questions.
    """
    if before.figures["solved"].keys() != after.figures["solved"].keys():
        differing = len(before.figures["solved"].keys() ^ after.figures["solved"].keys())
        raise GazetteError(f"the runs asked other questions ({differing} ids stand in one only); run both over the same file")
    names = [name for name in ("solved", *GUARDED) if before.figures[name].keys() & after.figures[name].keys()]
    return [change(name, before.figures[name], after.figures[name]) for name in names]


def change(name: str, before: dict[str, float], after: dict[str, float]) -> Change:
    """Over all questions; for one where a figure does not apply (no citation: no quote), it has not changed."""
    both = [id for id in before if id in after]
    won = tuple(id for id in both if after[id] > before[id])
    lost = tuple(id for id in both if after[id] < before[id])
    return Change(
        name, sum(before[id] for id in both) / max(1, len(both)), sum(after[id] for id in both) / max(1, len(both)),
        won, lost, chance_of_loss(len(won), len(lost)),
        difference=interval([after[id] - before[id] for id in both]) or Interval(0.0, 0.0),
    )


def verdict(found: Sequence[Change], *, words: Mapping[str, str]) -> str:
    """What a person at a terminal reads: one line a figure, then the questions won and lost, with the words asked."""
    lines = [f"{'figure':28s}before   after  difference (95% interval)   questions              chance of such a loss"]
    for one in found:
        mark = "REAL LOSS" if one.real_loss else ""
        lines.append(
            f"{one.figure:28s}{one.before:.3f} -> {one.after:.3f}  {one.after - one.before:+.3f} "
            f"({one.difference.low:+.3f} to {one.difference.high:+.3f})  won {len(one.won):3d}  lost {len(one.lost):3d}  "
            f"p {one.p:.3f}  {mark}".rstrip()
        )
    for one in found:
        if one.figure == "solved" or one.real_loss:
            for word, ids in (("won", one.won), ("lost", one.lost)):
                lines += [f"{one.figure} {word}: {id}  {words.get(id, '')}" for id in ids]
    return "\n".join(lines)


def write_baseline(path: Path, held: Outcome, *, about: dict) -> None:
    """``about``: what made the run (commit, model, index); one line a question, so that a change of it reads well."""
    ids = held.figures["solved"]
    table = {id: {name: round(column[id], 6) for name, column in held.figures.items() if id in column} for id in ids}
    head = {"questions": held.questions, "about": about, "totals": rounded(held.totals)}
    rows = ",\n".join(f"  {json.dumps(id)}: {json.dumps(row)}" for id, row in table.items())
    replace_text(path, f'{json.dumps(head, ensure_ascii=False, indent=1)[:-2]},\n "rows": {{\n{rows}\n }}\n}}\n')


def rounded(figures: dict) -> dict:
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in figures.items()}


def read_baseline(path: Path) -> Outcome:
    """Raises ``GazetteError`` where it is missing or damaged, with the command that makes it."""
    try:
        data = json.loads(path.read_text("utf-8"))
        figures: dict[str, dict[str, float]] = {name: {} for name in ("solved", *GUARDED)}
        for id, row in data["rows"].items():
            for name, value in row.items():
                figures[name][id] = value
        return Outcome(data["questions"], figures, data["totals"])
    except FileNotFoundError:
        raise GazetteError(f"{path}: no such baseline; make it with: python -m eval baseline --results DIR") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise GazetteError(f"{path}: not a baseline; make it with: python -m eval baseline --results DIR") from None
