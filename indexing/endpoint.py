"""The language model of the settings where it is asked offline: to write questions, to judge, to write a reference's answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus import GazetteError, Settings

if TYPE_CHECKING:
    import httpx
    from llama_index.core.llms import LLM

RETRIES = 2


def required(chosen: Settings) -> str:
    """The language model's name. Raises ``GazetteError`` where no endpoint is set."""
    if not chosen.llm_url:
        raise GazetteError("no language model is set; name its endpoint with GAZETTE_LLM_URL and the model with GAZETTE_LLM_MODEL")
    return chosen.llm_model


def language_model(chosen: Settings, *, client: httpx.Client | None = None) -> LLM:
    """The endpoint as llama-index's ``OpenAILike``, reached through ``client`` or one of its own.

    Raises ``GazetteError`` where none is set.
    """
    name = required(chosen)
    from llama_index.llms.openai_like import OpenAILike

    return OpenAILike(
        model=name, api_base=chosen.llm_url, api_key=chosen.llm_key.get_secret_value() or "none", is_chat_model=True,
        temperature=0, timeout=chosen.llm_seconds, max_retries=RETRIES, http_client=client,
    )


def failed(error: Exception) -> GazetteError:
    """What to say of an endpoint that failed."""
    return GazetteError(
        f"the language model does not answer ({type(error).__name__}: {str(error)[:200]}); the same command goes on where it was"
    )
