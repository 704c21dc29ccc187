"""A LoRA adapter: small matrices, trained on how people ask, that are added to the encoder's weights as these are loaded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import GazetteError
from corpus.settings import Settings

if TYPE_CHECKING:
    import torch

FOLDER = Path(__file__).parent / "adapters"
BUNDLED = "residents"  # of the bundled model; its card is indexing/adapters/residents/README.md
CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
BEFORE, DOWN, UP = "base_model.model.", ".lora_A.weight", ".lora_B.weight"  # of the names that peft gives the matrices


def load_adapter(settings: Settings) -> Adapter | None:
    """The adapter the settings name, by its folder or its name under ``indexing/adapters``; ``None`` where they name none.

    Raises ``GazetteError`` that names the setting and what may stand there.
    """
    if not settings.adapter:
        return None
    return Adapter(FOLDER / BUNDLED if settings.adapter == BUNDLED else Path(settings.adapter).expanduser())


class Adapter:
    """What peft saved in ``folder``. ``base`` is the model it was trained for; ``digest`` changes with its weights.

    The matrices are read when first needed: to tell one adapter from another takes neither them nor PyTorch.
    """

    def __init__(self, folder: Path) -> None:
        self.name, self._folder = folder.name, folder
        with self._reading():
            config = json.loads((folder / CONFIG).read_text("utf-8"))
            self.base: str = config["base_model_name_or_path"]
            self._scale = config["lora_alpha"] / config["r"]
            self.digest = hashlib.sha256((folder / CONFIG).read_bytes() + (folder / WEIGHTS).read_bytes()).hexdigest()

    @cached_property
    def _pairs(self) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
        """Of each module that the adapter changes, its matrices down and up."""
        from safetensors.torch import load_file

        with self._reading():
            matrices = load_file(self._folder / WEIGHTS)
            downs = {name.removesuffix(DOWN): matrix for name, matrix in matrices.items() if name.endswith(DOWN)}
            pairs = {name.removeprefix(BEFORE): (down.float(), matrices[name + UP].float()) for name, down in downs.items()}
        if not pairs or len(matrices) != 2 * len(pairs):
            raise GazetteError(f"GAZETTE_ADAPTER: {self._folder} holds more than pairs of LoRA matrices; only plain LoRA can be merged")
        return pairs

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Whatever is wrong with the files becomes a ``GazetteError`` that names the setting and what may stand there."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - a foreign file makes the readers raise whatever
            reason = " ".join(str(error).split())[:200] or type(error).__name__
            raise GazetteError(
                f"GAZETTE_ADAPTER: cannot read the adapter in {self._folder}: {reason}; "
                f"name a folder with {CONFIG} and {WEIGHTS}, or {BUNDLED}"
            ) from None

    def merged(self, name: str, weight: torch.Tensor) -> torch.Tensor:
        """``weight`` ``(out, in)`` of the module parameter ``name`` with its product added; as it was where none belongs to it."""
        pair = self._pairs.get(name.removesuffix(".weight"))
        if pair is None or not name.endswith(".weight"):
            return weight
        down, up = pair
        return (weight.float() + self._scale * (up @ down)).to(weight.dtype)

    def check(self, names: Iterable[str]) -> None:
        """Raise ``GazetteError`` where one of its matrices has no parameter among ``names`` to be added to."""
        odd = sorted(set(f"{name}.weight" for name in self._pairs) - set(names))
        if odd:
            raise GazetteError(f"GAZETTE_ADAPTER: {self.name} has matrices for {odd[0]}, which the model {self.base} does not have")
