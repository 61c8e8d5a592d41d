"""Finding models by name, before anything is spent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from inspect_ai.model import GenerateConfig, Model, get_model

from turncoat.base.errors import UnknownName, UsageError
from turncoat.providers.inspect_private import PrerequisiteError
from turncoat.providers.sound import (
    has_password,
    known_secrets,
    public_settings,
    remember,
    secrets_in,
    without_secrets,
)

logger = logging.getLogger(__name__)

SIMULATED = ("sim/", "mockllm/")

REFUSALS = ("AuthenticationError", "PermissionDeniedError", "NotFoundError")
"""What clients raise for a key that is wrong or expired, and for a model that does not exist."""


def resolve_model(name: str, args: Mapping[str, Any] | None = None) -> Model:
    """The model that a name stands for, before anything is spent.

    Args:
        name: Provider and model.
        args: Arguments of the provider's client.

    Raises:
        UnknownName: Unknown provider, a missing package, or a missing key.
        UsageError: A password or a key stands in the URL of the provider.
    """
    if "/" not in name:
        raise UnknownName(f"model {name!r} is not of the form provider/model, such as openai/gpt-4.1 or sim/insider")
    secrets = known_secrets(more=secrets_in(args or {}))
    try:
        model = get_model(name, **(args or {}))
    except (PrerequisiteError, ValueError, TypeError, ImportError) as error:
        raise UnknownName(f"model {name!r}: {without_secrets(_said(error), secrets)}") from None
    if has_password(model.api.base_url):
        raise UsageError(
            f"model {name!r}: its base URL has a user or password or a key in it, which every log would show; "
            "give a key instead, by the provider's variable or --model-arg api_key=…"
        )
    # The client has its arguments by now; what the model keeps of them is what Inspect writes into logs.
    remember(model.api, args or {})
    model.model_args = public_settings(model.model_args)
    return model


def _said(error: Exception) -> str:
    """An error's message on one line; Inspect writes its own with a terminal's markup."""
    from rich.errors import MarkupError
    from rich.markup import render

    text = " ".join(str(getattr(error, "message", None) or error).split())
    try:
        return render(text).plain if isinstance(error, PrerequisiteError) else text
    except MarkupError:
        return text


def probe_model(name: str, args: Mapping[str, Any] | None = None) -> None:
    """Ask a model for one word, so that a wrong key or name is found before anything is spent.

    Simulated models are not asked. Faults that may pass (limits, timeouts) are left to the run, which retries them.

    Args:
        name: As `resolve_model` takes it.
        args: As `resolve_model` takes them.

    Raises:
        UnknownName: The provider refuses the key or does not know the model.
    """
    if not name.startswith(SIMULATED):
        asyncio.run(_probe(name, args or {}))


async def _probe(name: str, args: Mapping[str, Any]) -> None:
    # A client of its own: connections do not outlive the event loop that made them.
    async with get_model(name, memoize=False, **args) as model:
        remember(model.api, args)
        try:
            await model.generate("Say: ready", config=GenerateConfig(max_tokens=16, max_retries=0, timeout=30))
        except Exception as error:
            causes = (error, error.__cause__, error.__context__)
            refusal = next((e for e in causes if type(e).__name__ in REFUSALS), None)
            if refusal is not None:
                text = without_secrets(" ".join(str(refusal).split()), known_secrets(model.api))[:200]
                raise UnknownName(f"model {name!r}: {type(refusal).__name__}: {text}") from None
            logger.info("%s did not answer a first question (%s); the run will retry", name, type(error).__name__)
