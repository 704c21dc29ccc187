"""An optional third stage that reads question and passage together: any cross-encoder by the setting ``GAZETTE_RERANKER``."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from corpus.errors import GazetteError
from corpus.settings import Settings

log = logging.getLogger(__name__)

ADVICE = "set GAZETTE_RERANKER to a sentence-transformers cross-encoder (folder or hub name) with one output, or leave it empty"


class Reranker:
    """A cross-encoder shared by all requests; one request computes at a time. ``name`` is as in the setting."""

    def __init__(self, model: str) -> None:
        from sentence_transformers import CrossEncoder

        self.name = model
        self._model = CrossEncoder(model, device="cpu")
        if self._model.num_labels != 1:
            raise GazetteError(f"the cross-encoder {model} gives {self._model.num_labels} figures for a pair, not one; {ADVICE}")
        self._turn = threading.Lock()

    def log_odds(self, question: str, texts: Sequence[str]) -> np.ndarray:
        """For each text the model's raw output, ``(len(texts),)`` fp32: the log odds that it answers ``question``."""
        import torch

        with self._turn:
            found = self._model.predict([(question, text) for text in texts], activation_fn=torch.nn.Identity(),
                                        show_progress_bar=False, convert_to_numpy=True)
        return np.asarray(found, np.float32).reshape(len(texts))


def load_reranker(settings: Settings) -> Reranker | None:
    """The cross-encoder that the settings name, ``None`` where they name none.

    Raises ``GazetteError`` that names the setting and the way out.
    """
    if not settings.reranker:
        return None
    folder = Path(settings.reranker).expanduser()
    try:
        reranker = Reranker(str(folder) if folder.is_dir() else settings.reranker)
        reranker.log_odds("试", ["试"])
    except GazetteError:
        raise
    except Exception as error:  # noqa: BLE001 - a foreign model folder makes its library raise whatever
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise GazetteError(f"cannot load the cross-encoder {settings.reranker}: {reason}; {ADVICE}") from None
    log.info("cross-encoder: %s, over the first hits of each question", settings.reranker)
    return reranker
