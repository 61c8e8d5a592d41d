"""The first question to each model, so that what its provider refuses is known before anything is spent.

It sends what the run will send, with a short request in place of the mail: the system message, the tools on offer and
all settings; to a judge the schema of its answers. What a provider decides (a key, a model's name, a setting, a tool)
and what is no provider (a dead port, an HTML page) stop the command with their cause; a provider that only has too much
to do does not.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import anyio
from inspect_ai.model import ChatMessage, ChatMessageUser, GenerateConfig, Model, ModelOutput, get_model
from inspect_ai.tool import ToolInfo
from inspect_ai.util import LimitExceededError

from turncoat.base.errors import IncompleteError, TurncoatError, UnknownName, UsageError
from turncoat.base.simulated import is_simulated
from turncoat.providers.faults import cause_of, is_busy, may_pass, root_of, status_of
from turncoat.providers.secrets import known_secrets, remember
from turncoat.providers.sound import keep_sound

T = TypeVar("T")

PATIENCE = 45.0
"""Seconds in which a first question is asked again while there is a fault that may pass."""
FIRST_ATTEMPT = 120
"""Seconds for one attempt at a first question."""

ASKED = "Say: ready"


@dataclass(frozen=True)
class FirstQuestion:
    """What a model is asked before a run.

    Attributes:
        model: Its name.
        args: Arguments of its client.
        settings: Generation settings of the run.
        head: What comes before the short request: the system message, if the run has one.
        tools: What the run offers.
        where: Which part of the run this is, for messages.
    """

    model: str
    args: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    head: Sequence[ChatMessage] = ()
    tools: Sequence[ToolInfo] = ()
    where: str = ""


def ask_first(question: FirstQuestion) -> str:
    """Ask a model for one word under the run's conditions. Simulated models are not asked.

    Returns:
        A note where the provider has too much to do, else "".

    Raises:
        UnknownName: The provider refuses the key or does not know the model.
        UsageError: It refuses what the run would send.
        IncompleteError: There is no provider that answers.
    """
    if is_simulated(question.model):
        return ""
    return asyncio.run(_ask_first(question))


async def _ask_first(question: FirstQuestion) -> str:
    # A client of its own: connections do not outlive the event loop that made them.
    async with get_model(question.model, memoize=False, **question.args) as model:
        remember(model.api, question.args, question.settings)
        keep_sound([model])
        try:
            output = await _answer(model, question)
        except Exception as error:
            return said_of(error, question.model, model, question.where)
    if output.stop_reason == "model_length":
        raise UsageError(
            f"model {question.model!r}: {question.where or 'the run'} does not fit its context: even a short request "
            f"is refused ({output.completion[:200]})"
        )
    return ""


async def _answer(model: Model, question: FirstQuestion) -> ModelOutput:
    config = GenerateConfig(**{**question.settings, "max_retries": 0, "attempt_timeout": _first_attempt(question)})
    messages = [*question.head, ChatMessageUser(content=ASKED)]
    return await patiently(lambda: model.generate(messages, list(question.tools), config=config))


def _first_attempt(question: FirstQuestion) -> int:
    return min(FIRST_ATTEMPT, int(question.settings.get("attempt_timeout") or FIRST_ATTEMPT))


async def patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask, and ask again while there is a fault that may pass, for `PATIENCE` seconds."""
    until, pause = time.monotonic() + PATIENCE, 1.0
    while True:
        try:
            return await ask()
        except LimitExceededError:
            raise
        except Exception as error:
            root = root_of(error)
            if not may_pass(root) or is_busy(root) or time.monotonic() + pause > until:
                raise
        await anyio.sleep(pause)
        pause *= 2


def said_of(error: Exception, name: str, model: Model, where: str = "") -> str:
    """What a first question's fault means for the command.

    Returns:
        A note, where the run may begin all the same.

    Raises:
        UnknownName: The provider refuses the key or does not know the model.
        UsageError: It refuses what the run would send.
        IncompleteError: There is no provider that answers.
    """
    root = root_of(error)
    if isinstance(error, TurncoatError):
        raise error
    cause, status = cause_of(root, known_secrets(model.api)), status_of(root)
    if is_busy(root):
        return f"{name}: did not answer a first question ({cause}); its requests are repeated during the run"
    if status in (401, 403, 404):
        raise UnknownName(f"model {name!r}: {cause}") from None
    if may_pass(root):
        raise IncompleteError(
            f"model {name!r}: no answer to a first question in {PATIENCE:.0f} s: {cause}; nothing was spent on samples"
        ) from None
    raise UsageError(f"model {name!r}: refuses what {where or 'the run'} would send: {cause}") from None
