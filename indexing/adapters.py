"""A LoRA adapter: small matrices, trained on how people ask, that are added to the encoder's weights as these are loaded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
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
    """What peft saved in ``folder``. ``base`` is the model it was trained for; ``digest`` changes with its weights."""

    def __init__(self, folder: Path) -> None:
        from safetensors.torch import load_file  # imports torch, which takes a second: not before it is needed

        self.name = folder.name
        try:
            config = json.loads((folder / CONFIG).read_text("utf-8"))
            self.base: str = config["base_model_name_or_path"]
            self._scale = config["lora_alpha"] / config["r"]
            self.digest = hashlib.sha256((folder / CONFIG).read_bytes() + (folder / WEIGHTS).read_bytes()).hexdigest()
            matrices = load_file(folder / WEIGHTS)
            downs = {name.removesuffix(DOWN): matrix for name, matrix in matrices.items() if name.endswith(DOWN)}
            self._pairs = {name.removeprefix(BEFORE): (down.float(), matrices[name + UP].float()) for name, down in downs.items()}
        except Exception as error:  # noqa: BLE001 - a foreign file makes the readers raise whatever
            reason = " ".join(str(error).split())[:200] or type(error).__name__
            raise GazetteError(
                f"GAZETTE_ADAPTER: cannot read the adapter in {folder}: {reason}; "
                f"name a folder with {CONFIG} and {WEIGHTS}, or {BUNDLED}"
            ) from None
        if not self._pairs or len(matrices) != 2 * len(self._pairs):
            raise GazetteError(f"GAZETTE_ADAPTER: {folder} holds more than pairs of LoRA matrices; only plain LoRA can be merged")

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
