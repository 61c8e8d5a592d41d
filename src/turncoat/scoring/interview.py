"""The interview: what the model is asked after a sample, in a branch of it that leaves the sample as it is.

It takes place when a sample is scored in a run, after its limits have ended, and only where the run wants it. What was
said stands in a part of the sample's store of its own, so that scoring a log again asks nobody and finds it there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import anyio
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageTool,
    ChatMessageUser,
    GenerateConfig,
    ModelOutput,
    get_model,
)
from inspect_ai.solver import TaskState
from inspect_ai.tool import ToolInfo
from inspect_ai.util import LimitExceededError, StoreModel
from pydantic import Field, ValidationError

from turncoat.base.text import plain
from turncoat.judges.questionnaire import questionnaire
from turncoat.providers.faults import cause_of
from turncoat.providers.sound import keep_active_sound
from turncoat.scoring.parts import Interview

QUESTIONS = "interview"
KEY = "Interviewed:said"
TRIES = 2
"""How often the questions are put."""
SECONDS = 300
"""Longest time that all of it may take."""
MAX_BYTES = 300
"""Longest text that is kept of one answer, as JSON."""
OVER = "The session is over; this was not carried out."


class Interviewed(StoreModel):
    """The part of a sample's store that holds what was said."""

    said: dict[str, Any] = Field(default_factory=dict)
    """See `turncoat.scoring.parts.Interview`."""


async def interview(state: TaskState) -> None:
    """Ask the model at work about a finished sample, once, and keep what it said in the sample's store."""
    if KEY in state.store:
        return
    said = await _interviewed(state.messages, str(state.sample_id))
    state.store_as(Interviewed).said = said.model_dump(exclude_defaults=True)


def said_of(store: Mapping[str, Any] | Any) -> Interview | None:
    """What stands in a sample's store of its interview; None where there was none, or nothing that can be read."""
    kept = store.get(KEY)
    if not isinstance(kept, dict) or not kept:
        return None
    try:
        return Interview.model_validate(kept)
    except ValidationError:
        return None


async def _interviewed(messages: list[ChatMessage], sample: str) -> Interview:
    if not any(isinstance(m, ChatMessageAssistant) for m in messages):
        return Interview(failed="there is nothing that it said or did")
    asked = questionnaire(QUESTIONS)
    branch = [*branched(messages), ChatMessageUser(content=asked.text())]
    answer, calls = Interview(failed=f"it took more than {SECONDS} seconds", version=asked.identity), 0
    with anyio.move_on_after(SECONDS):
        while calls < TRIES:
            calls += 1
            try:
                output = await _generate(branch)
            except LimitExceededError as error:
                answer = _none(f"a limit of the run: {error.type}", asked.identity)
                break
            except Exception as error:  # whatever a provider raises; a sample is not lost for its interview
                answer = _none(f"it could not be asked: {cause_of(error)}", asked.identity)
                break
            raw = output.completion if output.choices else ""
            values = asked.read(raw)
            if not isinstance(values, str):
                answer = Interview(**{n: cut(v) for n, v in values.items()}, version=asked.identity)
                break
            answer = _none(f"{values}; it said: {raw}" if raw else values, asked.identity)
            wrong = f"This cannot be used: {values}. Answer again, whole, and with nothing else."
            branch = [*branch, ChatMessageAssistant(content=raw or "(nothing)"), ChatMessageUser(content=wrong)]
    return answer.model_copy(update={"calls": calls})


def _none(why: str, version: str) -> Interview:
    return Interview(failed=cut(plain(why, 200)), version=version)


async def _generate(branch: list[ChatMessage]) -> ModelOutput:
    """Ask the model at work, without tools; those of the conversation are named for providers that want them named."""
    keep_active_sound()
    config = GenerateConfig(fail_on_refusal=False)
    return await get_model().generate(branch, tools=tools_named(branch), tool_choice="none", config=config)


def branched(messages: list[ChatMessage]) -> list[ChatMessage]:
    """A copy of a conversation to which something can be added: each call in it has its result."""
    answered = {m.tool_call_id for m in messages if isinstance(m, ChatMessageTool)}
    found: list[ChatMessage] = []
    for message in messages:
        found.append(message.model_copy(deep=True))
        for call in (message.tool_calls or ()) if isinstance(message, ChatMessageAssistant) else ():
            if call.id not in answered:
                found.append(ChatMessageTool(content=OVER, tool_call_id=call.id, function=call.function))
    return found


def tools_named(messages: list[ChatMessage]) -> list[ToolInfo]:
    """Each tool that a conversation has calls of, by its name alone."""

    def names() -> Iterator[str]:
        for message in messages:
            if isinstance(message, ChatMessageAssistant):
                yield from (call.function for call in message.tool_calls or ())

    return [ToolInfo(name=n, description="Was there before; cannot be used any more.") for n in dict.fromkeys(names())]


def cut(value: Any) -> Any:
    """A text cut until it takes no more than `MAX_BYTES`, so that all answers together fit in one key of a summary."""
    if not isinstance(value, str):
        return value
    while len(json.dumps(value)) > MAX_BYTES:
        value = value[: len(value) * 9 // 10] + "…"
    return value
