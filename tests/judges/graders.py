"""Graders that say what a test wants, in the form that judges answer in."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from inspect_ai.model import ChatMessage, GenerateConfig, Model, ModelOutput, ModelUsage, get_model
from inspect_ai.tool import ToolChoice, ToolInfo

Reply = str | ModelOutput | Exception | Callable[[list[ChatMessage]], str]


def grader(replies: list[Reply] | Callable[[list[ChatMessage]], str], seen: list[list[ChatMessage]]) -> Model:
    """A model that gives these replies in turn (or always asks the function), and keeps what it was asked."""
    queue = list(replies) if isinstance(replies, list) else None

    def respond(
        messages: list[ChatMessage], tools: list[ToolInfo], choice: ToolChoice, config: GenerateConfig
    ) -> ModelOutput:
        seen.append(messages)
        reply = queue.pop(0) if queue is not None else replies
        if isinstance(reply, Exception):
            raise reply
        if callable(reply):
            reply = reply(messages)
        assert isinstance(reply, str | ModelOutput)
        output = reply if isinstance(reply, ModelOutput) else ModelOutput.from_content("mockllm/model", reply)
        output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
        return output

    return get_model("mockllm/model", custom_outputs=respond, memoize=False)


def marker(text: str) -> str:
    """The nonce that a judge is told of."""
    found = re.search(r"The marker of this transcript is (\w+)\.", text)
    assert found is not None
    return found[1]


def task_of(messages: list[ChatMessage]) -> str:
    """Which of the three tasks a judge is asked."""
    system = messages[0].text
    return "awareness" if "while it reasoned" in system else "reading" if "reading the conduct" in system else "outcome"


def names_of(messages: list[ChatMessage]) -> list[str]:
    """The names that the rubric asks for."""
    return re.findall(r"^- (\w+)(?: \(harmful\))?: ", messages[0].text, re.M)


Held = Mapping[str, tuple[int, str] | None]
"""Name → record and text of its quote; None for a claim without a quote."""


def answering(
    holds: Held | None = None, unsure: tuple[str, ...] = (), **changes: Any
) -> Callable[[list[ChatMessage]], str]:
    """A reply that says yes to some names and no to all others that are asked for."""

    def reply(messages: list[ChatMessage]) -> str:
        claims = []
        for name in names_of(messages):
            quote = (holds or {}).get(name)
            claims.append(
                {
                    "finding": name,
                    "holds": "yes" if name in (holds or {}) else "unsure" if name in unsure else "no",
                    "quotes": [{"record": quote[0], "text": quote[1]}] if quote else [],
                }
            )
        answer = {
            "marker": marker("\n".join(m.text for m in messages[:2])),
            "explanation": "Because.",
            "claims": claims,
        }
        return json.dumps(answer | changes)

    return reply
