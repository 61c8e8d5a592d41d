"""Inspect's own providers, pointed at a wire server."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

from inspect_ai.model import GenerateConfig, Model, ModelAPI, get_model
from tenacity import wait_none
from tenacity.wait import WaitBaseT

from .exchange import Dialect
from .server import WireServer


def model_name(dialect: Dialect) -> str:
    """A model that Inspect reaches through this API: the Responses one reasons, the Messages one may think."""
    match dialect:
        case Dialect.CHAT:
            return "openai/gpt-4o"
        case Dialect.RESPONSES:
            return "openai/gpt-5-mini"
        case Dialect.MESSAGES:
            return "anthropic/claude-sonnet-4-6"


def wire_model(
    server: WireServer,
    dialect: Dialect,
    *,
    name: str = "",
    key: str = "",
    streaming: bool | None = None,
    sdk_retries: int = 0,
    config: GenerateConfig | None = None,
    **model_args: Any,
) -> Model:
    """An Inspect model whose provider asks this server; close it with `async with`.

    Args:
        server: The running server.
        dialect: The API to use; it decides on `responses_api` for OpenAI.
        name: The model's name for Inspect; default `model_name(dialect)`.
        key: The API key; default one of this server's own, because Inspect shares a pool of connections, with the
            size it was first given, between all models of the same name and key in a process.
        streaming: Whether to stream; `None` leaves it to Inspect, which streams for Anthropic only, and there when
            it thinks or may produce 8192 tokens or more (the default for Claude 4).
        sdk_retries: How often the client library retries by itself before Inspect sees the failure (its own
            default is 2, with waits of half a second and more).
        config: Passed on.
        **model_args: Passed on to the provider.
    """
    arguments: dict[str, Any] = {"max_retries": sdk_retries} | model_args
    if dialect is not Dialect.MESSAGES:
        arguments["responses_api"] = dialect is Dialect.RESPONSES
    if streaming is not None:
        arguments["streaming"] = streaming
    return get_model(
        name or model_name(dialect),
        base_url=server.base_url(dialect),
        api_key=key or f"test-key-{server.url}",
        config=config or GenerateConfig(),
        memoize=False,
        **arguments,
    )


def quick_retries() -> AbstractContextManager[Any]:
    """While this context lasts, Inspect retries at once instead of after 3 to 6 seconds and ever longer.

    `ModelAPI.retry_wait` is the hook by which a provider replaces Inspect's backoff; neither the OpenAI nor the
    Anthropic provider uses it.
    """

    def retry_wait(self: ModelAPI) -> WaitBaseT:
        return wait_none()

    return patch.object(ModelAPI, "retry_wait", retry_wait)
