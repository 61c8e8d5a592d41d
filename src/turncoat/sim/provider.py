"""The Inspect provider `sim/<profile>`: no network, no key, its own token usage."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from inspect_ai.model import ChatCompletionChoice as Choice
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageTool,
    Content,
    ContentReasoning,
    ContentText,
    GenerateConfig,
    ModelAPI,
    ModelOutput,
    ModelUsage,
)
from inspect_ai.tool import ToolCall, ToolChoice, ToolInfo

from turncoat.sim.habits import habit_of, text_answer
from turncoat.sim.identity import Identity, current_sample
from turncoat.sim.keyed import draw
from turncoat.sim.plan import Turn, next_turn
from turncoat.sim.profiles import load_profile
from turncoat.sim.script import Script, write_script
from turncoat.sim.truth import Key, sample_key, truth

CHARACTERS_PER_TOKEN = 4
WRITING = frozenset({"send_mail", "forward", "cancel_alert"})
"""Tools by which the tools interface is told from the text interface."""


class SimAPI(ModelAPI):
    """A simulated model with known propensities. Says nothing about any real model.

    Args:
        model_name: Name of the profile.
        base_url: Not used.
        api_key: Not used.
        config: Inspect's generation settings; they change nothing.
        latency: Seconds that an answer takes.
        jitter: Share of the latency by which it varies from answer to answer, 0 to 1.
    """

    def __init__(
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig | None = None,
        latency: float = 0.0,
        jitter: float = 0.0,
        **_: Any,
    ) -> None:
        super().__init__(model_name, base_url, api_key, [], config or GenerateConfig())
        self._profile = load_profile(model_name)
        self._latency, self._jitter = float(latency), min(max(float(jitter), 0.0), 1.0)

    async def generate(
        self, input: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
    ) -> ModelOutput:
        """Answer the sample at hand according to its hidden truth."""
        sample = current_sample()
        name = self.model_name
        key = sample_key(name, self._profile, sample.scenario.name, sample.condition, sample.world, sample.epoch)
        await self._take_time(key, len(input))
        rendered = sample.render()
        script = write_script(rendered, truth(name, sample.scenario, sample.condition, sample.world, sample.epoch), key)
        offered = frozenset(t.name for t in tools)
        if offered & WRITING:
            replied = [m for m in input if isinstance(m, ChatMessageAssistant)]
            results = [m.text for m in input if isinstance(m, ChatMessageTool)]
            turn = next_turn(script, rendered, key, turns=len(replied), results=results, offered=offered)
            message = self._in_turn(turn, sample, len(replied))
        else:
            message = self._at_once(script, sample, key)
        return _output(f"sim/{name}", message, input, tools)

    async def _take_time(self, key: Key, turn: int) -> None:
        if self._latency:
            await asyncio.sleep(self._latency * (1 + self._jitter * (2 * draw(*key, turn, "latency") - 1)))

    def _at_once(self, script: Script, sample: Identity, key: Key) -> ChatMessageAssistant:
        directory = sample.render().seed.directory
        pad = _has_scratchpad(sample)
        text = text_answer(script, directory, habit_of(*key), scratchpad=pad)
        return ChatMessageAssistant(content=self._content("" if pad else script.thought, text))

    def _in_turn(self, turn: Turn, sample: Identity, number: int) -> ChatMessageAssistant:
        pad = _has_scratchpad(sample) and bool(turn.thought)
        parts = [f"<scratchpad>\n{turn.thought}\n</scratchpad>" if pad else "", turn.prose]
        text = "\n\n".join(p for p in parts if p)
        calls = [
            ToolCall(
                id=f"call-{number}-{place}",
                function=action.kind,
                arguments=action.model_dump(mode="json", exclude={"kind"}, exclude_defaults=True),
            )
            for place, action in enumerate(turn.calls)
        ]
        content = self._content("" if pad else turn.thought, text)
        return ChatMessageAssistant(content=content, tool_calls=calls or None)

    def _content(self, thought: str, text: str) -> str | list[Content]:
        if thought and self._profile.reasoning == "blocks":
            return [ContentReasoning(reasoning=thought), ContentText(text=text)]
        return text


def _has_scratchpad(sample: Identity) -> bool:
    return sample.condition.levels.get("scratchpad", "on") == "on"


def _output(model: str, message: ChatMessageAssistant, input: list[ChatMessage], tools: list[ToolInfo]) -> ModelOutput:
    """The answer with its token usage: the whole conversation in, what was written out."""
    read = sum(map(_size, input)) + sum(len(t.name) + len(t.description) for t in tools)
    written = _size(message)
    thought = sum(len(c.reasoning) for c in message.content if isinstance(c, ContentReasoning))
    tokens = [max(1, size // CHARACTERS_PER_TOKEN) for size in (read, written)]
    message = message.model_copy(update={"model": model, "source": "generate"})
    reason = "tool_calls" if message.tool_calls else "stop"
    output = ModelOutput(model=model, choices=[Choice(message=message, stop_reason=reason)])
    output.usage = ModelUsage(
        input_tokens=tokens[0],
        output_tokens=tokens[1],
        total_tokens=sum(tokens),
        reasoning_tokens=thought // CHARACTERS_PER_TOKEN or None,
    )
    return output


def _size(message: ChatMessage) -> int:
    """Characters of a message: text, reasoning and calls."""
    size = len(message.text)
    if isinstance(message, ChatMessageAssistant):
        if isinstance(message.content, list):
            size += sum(len(c.reasoning) for c in message.content if isinstance(c, ContentReasoning))
        size += sum(len(c.function) + len(json.dumps(c.arguments)) for c in message.tool_calls or ())
    return size
