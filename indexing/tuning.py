"""Train an adapter on questions and the passages that answer them, so that the encoder knows how people ask.

A passage is read once in a batch with all its questions, which costs a quarter
of reading it again for each; its batch holds the passages most like it, which
are the wrong answers worth telling apart. Two likenesses learn to tell them
apart, since both rank: the cosine of the whole texts, and that of each word of
the question to its nearest in the passage (indexing/pieces.py).

An adapter is the mean of several trainings from one beginning, its members,
since in another order of the batches one alone finds up to 3% more or fewer of
a gazette's questions among its first five. A run goes on where it was killed;
on one thread of a CPU it repeats itself exactly.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tqdm import tqdm

from corpus.errors import GazetteError

from .adapters import CONFIG, WEIGHTS
from .encoder import Encoder
from .evidence import Printed
from .precedents import read

if TYPE_CHECKING:
    import torch

CHECKPOINT = "checkpoint.pt"
EVERY = 10  # steps between two checkpoints
HOLDS = 0.3  # share of the evidence from which on a passage is no wrong answer
LONGEST = 384  # tokens of a text that are trained on
TOKENS = {"cpu": 1024, "cuda": 32768}  # padded tokens read at once
TARGETS = ["query", "key", "value", "attention.output.dense", "intermediate.dense", "output.dense"]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What an adapter is made of: ``members`` trainings; ``temperature`` divides the cosines of texts, ``words`` those of words,
    ``alike`` passages of a batch are neighbours. Of two seeds no member is the same."""

    rank: int = 16
    rate: float = 4e-4
    decay: float = 0.01
    warm_up: float = 0.1
    temperature: float = 0.03
    words: float = 0.03
    batch: int = 48
    alike: int = 4
    epochs: int = 3
    members: int = 8
    seed: int = 1

    @property
    def orders(self) -> list[random.Random]:
        """What shuffles the batches of each member: all that a seed changes."""
        return [random.Random(self.members * (self.seed - 1) + at) for at in range(1, self.members + 1)]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, a passage that answers it, all those that hold some of the answer, as positions, and the gazettes of these."""

    question: str
    passage: int
    holding: frozenset[int]
    sources: frozenset[str]


def asked(paths: Sequence[Path], *, printed: Printed) -> list[Asked]:
    """The questions of banks and question files whose evidence the gazettes print, once for each passage that holds most of a
    piece of it.

    Raises ``GazetteError`` that names file and line where a question is of neither form.
    """
    found = []
    for one in read(paths):
        pieces = [shares for evidence in one.evidence if (shares := printed.shares(evidence, source=one.source))]
        holding = frozenset(at for shares in pieces for at, share in shares.items() if share >= HOLDS)
        sources = frozenset(printed.spans[at][0] for shares in pieces for at in shares)
        best = {max(shares, key=lambda at: (shares[at], -at)): None for shares in pieces}
        found += [Asked(one.question, passage, holding, sources) for passage in best]
    if not found:
        raise GazetteError(f"{', '.join(map(str, paths))}: no question has evidence that these gazettes print")
    return found


def plan(items: Sequence[Asked], *, texts: Sequence[str], encoder: Encoder, recipe: Recipe) -> list[list[list[int]]]:
    """The batches of each member, of all as many: positions of passages, neighbours together."""
    answering = sorted({item.passage for item in items})
    vectors = encoder.encode_passages([texts[at] for at in answering])
    near = np.argsort(-(vectors @ vectors.T), axis=1)
    return [[batch for _ in range(recipe.epochs) for batch in _epoch(answering, near=near, draw=draw, recipe=recipe)] for draw in recipe.orders]


def _epoch(answering: Sequence[int], *, near: np.ndarray, draw: random.Random, recipe: Recipe) -> list[list[int]]:
    order, used, groups = list(range(len(answering))), set(), []
    draw.shuffle(order)
    for first in order:
        if first in used:
            continue
        group = [first]
        used.add(first)
        for other in map(int, near[first]):
            if len(group) >= recipe.alike:
                break
            if other not in used:
                group.append(other)
                used.add(other)
        groups.append(group)
    draw.shuffle(groups)
    flat = [answering[at] for group in groups for at in group]
    return [batch for at in range(0, len(flat), recipe.batch) if len(batch := flat[at : at + recipe.batch]) > 1]


class Tuning:
    """The trainings of one adapter of ``model`` (a sentence-transformers folder named ``name``), their state kept in ``out``."""

    def __init__(self, model: Path, *, name: str, prompts: tuple[str, str], recipe: Recipe, threads: int, out: Path) -> None:
        try:
            import torch
            from peft import LoraConfig, get_peft_model
            from peft.tuners.lora import LoraLayer
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise GazetteError(f"training needs {error.name}: pip install -e .[tune]") from None
        self.name, self.prompts, self.recipe, self.out = name, prompts, recipe, out
        torch.set_num_threads(threads)
        whole = SentenceTransformer(str(model))
        self.device, self.tokenizer = whole.device, whole.tokenizer
        self.model = get_peft_model(whole[0].auto_model.to(torch.bfloat16), LoraConfig(
            r=recipe.rank, lora_alpha=2 * recipe.rank, target_modules=TARGETS, task_type="FEATURE_EXTRACTION",
        ))
        self.model.train()
        if self.device.type == "cpu":
            # What layers work out is worked out again for the gradients instead of kept: the same to the last bit, in a third more
            # time and 3 GB instead of 11.
            self.model.activation_checkpointing_enable(activation_checkpointing_kwargs={"use_reentrant": False})
        for module in self.model.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0  # found as much with 0.05 in the adapter, and seeds lay farther apart
        layers = [module for module in self.model.modules() if isinstance(module, LoraLayer)]
        self.weights = [side["default"].weight for layer in layers for side in (layer.lora_A, layer.lora_B)]
        self.beginning = [side for layer in layers for side in begun(layer.base_layer.weight, rank=recipe.rank)]
        self.sums = [torch.zeros_like(weight) for weight in self.weights]

    def __call__(
        self, items: Sequence[Asked], plans: Sequence[Sequence[list[int]]], *, texts: Sequence[str], progress: bool = True,
    ) -> float:
        """Train each member by its plan, from the last checkpoint of the same trainings if there is one, and take their mean; the
        mean loss of the last batches."""
        questions: dict[int, list[Asked]] = {}
        for item in items:
            questions.setdefault(item.passage, []).append(item)
        identity = hashlib.sha256(json.dumps([self.name, asdict(self.recipe), plans, [item.question for item in items]]).encode()).hexdigest()
        total = len(plans[0])
        done, loss = self._resumed(identity)
        with tqdm(total=len(plans) * total, initial=done, desc="tuning", unit=" batches", disable=not progress) as bar:
            for at in range(done, len(plans) * total):
                member, step = divmod(at, total)
                if not step:
                    self._begin(self.beginning)
                batch = plans[member][step]
                now = self._step([item for passage in batch for item in questions[passage]], batch, texts=texts, share=step / total, total=total)
                loss = now if not step else 0.9 * loss + 0.1 * now
                if step + 1 == total:
                    self.sums = [some + weight.detach() for some, weight in zip(self.sums, self.weights, strict=True)]
                bar.set_postfix(loss=f"{loss:.3f}")
                bar.update()
                if (at + 1) % EVERY == 0:
                    self._keep(identity, at + 1, loss)
        self._set([some / len(plans) for some in self.sums])
        return loss

    def save(self, **facts: object) -> None:
        """The adapter, and beside it ``training.json``: the recipe and ``facts``; the checkpoint goes."""
        self.model.peft_config["default"].base_model_name_or_path = self.name
        self.model.save_pretrained(self.out, save_embedding_layers=False)  # else peft asks a hub about the model
        (self.out / WEIGHTS).chmod(0o644)
        # Peft writes a set, in another order each time.
        config = json.loads((self.out / CONFIG).read_text("utf-8"))
        config["target_modules"] = sorted(config["target_modules"])
        (self.out / CONFIG).write_text(json.dumps(config, indent=1, sort_keys=True) + "\n", "utf-8")
        (self.out / "README.md").unlink(missing_ok=True)  # peft's empty form of a card
        (self.out / "training.json").write_text(json.dumps({**asdict(self.recipe), **facts}, ensure_ascii=False, indent=1) + "\n", "utf-8")
        (self.out / CHECKPOINT).unlink(missing_ok=True)

    def _begin(self, values: Sequence[torch.Tensor]) -> None:
        import torch

        self._set(values)
        self.optimiser = torch.optim.AdamW(self.weights, lr=self.recipe.rate, weight_decay=self.recipe.decay)

    def _set(self, values: Sequence[torch.Tensor]) -> None:
        import torch

        with torch.no_grad():
            for weight, value in zip(self.weights, values, strict=True):
                weight.copy_(value)

    def _step(self, items: Sequence[Asked], batch: Sequence[int], *, texts: Sequence[str], share: float, total: int) -> float:
        import torch
        from torch.nn import functional

        rate = self.recipe.rate * min(1.0, (share * total + 1) / (self.recipe.warm_up * total)) * max(0.05, 1 - share)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        passages, printed = self._embed([texts[at] for at in batch], prompt=self.prompts[1])
        questions, asked = self._embed([item.question for item in items], prompt=self.prompts[0])
        target = torch.tensor([batch.index(item.passage) for item in items], device=self.device)
        # What also holds the answer, or is the same text in another notice, is no wrong answer.
        right = torch.tensor([[at != item.passage and (at in item.holding or texts[at] == texts[item.passage]) for at in batch] for item in items])
        right = right.to(self.device)
        loss = sum(functional.cross_entropy(scores.masked_fill(right, -1e4), target) for scores in (
            questions @ passages.T / self.recipe.temperature, by_word(asked, printed) / self.recipe.words,
        ))
        self.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.weights, 1.0)
        self.optimiser.step()
        return loss.item()

    def _embed(self, texts: Sequence[str], *, prompt: str) -> tuple:
        """Tensors: of all texts ``(n, dimensions)`` unit rows; of each text the last states ``(pieces, dimensions)`` of its own words."""
        import torch
        from torch.nn import functional

        cut = [self.tokenizer(prompt + text, truncation=True, max_length=LONGEST, return_offsets_mapping=True) for text in texts]
        ids = [one["input_ids"] for one in cut]
        own = [[at for at, (start, end) in enumerate(one["offset_mapping"]) if end > start and start >= len(prompt)] for one in cut]
        order = sorted(range(len(ids)), key=lambda at: -len(ids[at]))
        rows: list = [None] * len(ids)
        words: list = [None] * len(ids)
        while order:
            width = len(ids[order[0]])
            room = max(1, TOKENS.get(self.device.type, TOKENS["cpu"]) // width)
            part, order = order[:room], order[room:]
            tokens = torch.full((len(part), width), self.tokenizer.pad_token_id)
            real = torch.zeros(len(part), width, dtype=torch.long)
            for row, at in enumerate(part):
                tokens[row, : len(ids[at])] = torch.tensor(ids[at])
                real[row, : len(ids[at])] = 1
            tokens, real = tokens.to(self.device), real.to(self.device)
            states = self.model(input_ids=tokens, attention_mask=real).last_hidden_state.float()
            pooled = (states * real[..., None]).sum(1) / real.sum(1, keepdim=True)
            for row, at in enumerate(part):
                rows[at], words[at] = functional.normalize(pooled[row], dim=0), states[row, own[at]]
        return torch.stack(rows), words

    def _keep(self, identity: str, done: int, loss: float) -> None:
        import torch

        part = self.out / f"{CHECKPOINT}.part"
        torch.save({"identity": identity, "done": done, "loss": loss, "weights": [weight.detach().cpu() for weight in self.weights],
                    "sums": [some.cpu() for some in self.sums], "optimiser": self.optimiser.state_dict()}, part)
        os.replace(part, self.out / CHECKPOINT)

    def _resumed(self, identity: str) -> tuple[int, float]:
        """Steps done before, and the loss then; a checkpoint of another training is an error, since it would be lost."""
        import torch

        path = self.out / CHECKPOINT
        self.out.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            return 0, 0.0
        try:
            kept = torch.load(path, weights_only=True)
            same = kept["identity"] == identity
        except Exception:  # noqa: BLE001 - a damaged file makes torch raise whatever
            raise GazetteError(f"{path} is damaged; delete it to begin again") from None
        if not same:
            raise GazetteError(f"{path} is of another training; delete it or choose another folder with --out")
        self._begin(kept["weights"])
        self.optimiser.load_state_dict(kept["optimiser"])
        self.sums = [some.to(self.device) for some in kept["sums"]]
        return kept["done"], kept["loss"]


def begun(weight: torch.Tensor, *, rank: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Where a training begins: the directions ``(rank, in)`` that ``weight`` ``(out, in)`` answers to most, as long as peft's random
    ones are, and nothing added ``(out, rank)``."""
    import torch

    directions = torch.linalg.svd(weight.detach().float(), full_matrices=False).Vh[:rank]
    return directions / math.sqrt(3), torch.zeros(len(weight), rank, device=weight.device)


def by_word(asked: Sequence, printed: Sequence):  # noqa: ANN201 - a tensor ``(questions, passages)``
    """The mean, over the words of each question, of the cosine to the nearest word of each passage; of states less the passages' mean."""
    import torch
    from torch.nn import functional

    mean = torch.cat(list(printed)).mean(0).detach()
    words = functional.normalize(torch.cat(list(asked)) - mean, dim=1)
    nearest = torch.stack([(words @ functional.normalize(states - mean, dim=1).T).max(1).values for states in printed], 1)
    return torch.stack([each.mean(0) for each in nearest.split([len(states) for states in asked])])


def dense_recall(items: Sequence[Asked], *, vectors: np.ndarray, encoder: Encoder, depths: Sequence[int] = (1, 5, 10)) -> dict[str, float]:
    """The share of questions with a passage that answers among the nearest by the encoder alone; ``vectors`` are the passages' by it."""
    near = np.argsort(-(encoder.encode_queries([item.question for item in items]) @ vectors.T), axis=1)
    return {f"recall@{depth}": round(float(np.mean([item.passage in row[:depth] for item, row in zip(items, near, strict=True)])), 3)
            for depth in depths}
