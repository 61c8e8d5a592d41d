"""The Inspect provider `sim/<name>`: agents and judges without network or key, with their own token usage."""

from __future__ import annotations

import asyncio
import json
import math
from typing import Any

from inspect_ai.model import ChatCompletionChoice as Choice
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ContentReasoning,
    GenerateConfig,
    ModelAPI,
    ModelOutput,
    ModelUsage,
)
from inspect_ai.tool import ToolChoice, ToolInfo

from turncoat.base.errors import UsageError, choices
from turncoat.base.keyed import draw
from turncoat.base.unfit import kind
from turncoat.sim.agent import PAGE_TOOLS, SimAgent
from turncoat.sim.interview import interviewed, is_interview
from turncoat.sim.judge import SimJudge
from turncoat.sim.reader import SimReader
from turncoat.sim.truth import current_sample
from turncoat.sim.writing import SimWriter

CHARACTERS_PER_TOKEN = 4
_ARGUMENTS = ("latency", "jitter", "base_url", "api_key")


class SimAPI(ModelAPI):
    """A simulated agent, a simulated judge of one, a reader or an author of worlds. Says nothing about real models.

    Args:
        model_name: Name of the agent's profile, `judge-<sensitivity>-<specificity>`, `reader-…`, `author-…`.
        base_url: Not used.
        api_key: Not used.
        config: Inspect's generation settings; they change nothing.
        latency: Seconds that an answer takes.
        jitter: Share of the latency by which it varies from answer to answer, 0 to 1.
        **others: There are no others.

    Raises:
        UsageError: There are others, or one is of another kind.
    """

    def __init__(
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig | None = None,
        latency: float = 0.0,
        jitter: float = 0.0,
        **others: Any,
    ) -> None:
        if others:
            raise UsageError(f"sim/{model_name}: arguments of the model: {choices(next(iter(others)), _ARGUMENTS)}")
        super().__init__(model_name, base_url, api_key, [], config or GenerateConfig())
        self._speaker = _speaker(model_name)
        self._latency = _number(model_name, "latency", latency, math.inf)
        self._jitter = _number(model_name, "jitter", jitter, 1.0)

    def connection_key(self) -> str:
        """Each model has its own connections, as those of the great providers have."""
        return self.model_name

    async def generate(
        self, input: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
    ) -> ModelOutput:
        """Answer the sample at hand according to its hidden truth."""
        if isinstance(self._speaker, SimReader | SimWriter):
            return _output(f"sim/{self.model_name}", self._speaker.answer(input), input, tools)
        sample = current_sample()
        if self._latency:
            chance = draw(self.model_name, sample.condition.id, sample.world, sample.epoch, len(input), "latency")
            await asyncio.sleep(self._latency * (1 + self._jitter * (2 * chance - 1)))
        speaker = self._speaker
        if isinstance(speaker, SimAgent) and is_interview(input):
            return _output(f"sim/{self.model_name}", interviewed(sample), input, tools)
        if isinstance(speaker, SimAgent) and any(t.name in PAGE_TOOLS for t in tools):
            said = await speaker.at_page(sample, input, tools)
        else:
            said = speaker.answer(sample, input, tools)
        return _output(f"sim/{self.model_name}", said, input, tools)


def _number(model: str, name: str, value: Any, most: float) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most:
        return float(value)
    ends = "0 or more" if most == math.inf else f"from 0 to {most:g}"
    raise UsageError(f"sim/{model}: {name}: needs a number {ends}; found {kind(value)}")


def _speaker(name: str) -> SimJudge | SimReader | SimWriter | SimAgent:
    if name.startswith("reader-"):
        return SimReader(name)
    if name.startswith("author-"):
        return SimWriter(name)
    return SimJudge(name) if name.startswith("judge-") else SimAgent(name)


def _output(model: str, message: ChatMessageAssistant, input: list[ChatMessage], tools: list[ToolInfo]) -> ModelOutput:
    """The answer with its token usage: the whole conversation in, what was written out."""
    read = sum(map(_size, input)) + sum(len(t.name) + len(t.description) for t in tools)
    tokens = [max(1, size // CHARACTERS_PER_TOKEN) for size in (read, _size(message))]
    message = message.model_copy(update={"model": model, "source": "generate"})
    reason = "tool_calls" if message.tool_calls else "stop"
    output = ModelOutput(model=model, choices=[Choice(message=message, stop_reason=reason)])
    output.usage = ModelUsage(
        input_tokens=tokens[0],
        output_tokens=tokens[1],
        total_tokens=sum(tokens),
        reasoning_tokens=_thought(message) // CHARACTERS_PER_TOKEN or None,
    )
    return output


def _size(message: ChatMessage) -> int:
    """Characters of a message: text, reasoning and calls."""
    if not isinstance(message, ChatMessageAssistant):
        return len(message.text)
    calls = sum(len(c.function) + len(json.dumps(c.arguments)) for c in message.tool_calls or ())
    return len(message.text) + _thought(message) + calls


def _thought(message: ChatMessageAssistant) -> int:
    return sum(len(c.reasoning) for c in message.content if isinstance(c, ContentReasoning))
