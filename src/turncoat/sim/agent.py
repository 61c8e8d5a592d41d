"""A simulated agent: its script, said at once in the text interface or over several turns with tools."""

from __future__ import annotations

from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageTool,
    Content,
    ContentReasoning,
    ContentText,
)
from inspect_ai.tool import ToolCall, ToolInfo

from turncoat.scenarios.rendering import Rendered
from turncoat.sim.habits import habit_of, text_answer
from turncoat.sim.identity import Identity
from turncoat.sim.plan import Turn, next_turn
from turncoat.sim.profiles import load_profile
from turncoat.sim.script import Script, write_script
from turncoat.sim.truth import Key, sample_key, truth

WRITING = frozenset({"send_mail", "forward", "cancel_alert"})
"""Tools by which the tools interface is told from the text interface."""


class SimAgent:
    """A simulated model with known propensities. Says nothing about any real model.

    Args:
        name: Name of its profile.

    Raises:
        UnknownName: There is no such profile.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._profile = load_profile(name)

    def key(self, sample: Identity) -> Key:
        """What all its choices in a sample depend on."""
        return sample_key(self._name, self._profile, sample.scenario.name, sample.condition, sample.world, sample.epoch)

    def script(self, sample: Identity, rendered: Rendered) -> Script:
        """Its part in a sample."""
        hidden = truth(self._name, sample.scenario, sample.condition, sample.world, sample.epoch)
        return write_script(rendered, hidden, self.key(sample))

    def answer(self, sample: Identity, input: list[ChatMessage], tools: list[ToolInfo]) -> ChatMessageAssistant:
        """What it says and does next."""
        rendered = sample.render()
        script, offered = self.script(sample, rendered), frozenset(t.name for t in tools)
        pad = sample.condition.levels.get("scratchpad", "on") == "on"
        if not offered & WRITING:
            return self._at_once(script, rendered, self.key(sample), pad)
        turns = sum(isinstance(m, ChatMessageAssistant) for m in input)
        results = [m.text for m in input if isinstance(m, ChatMessageTool)]
        turn = next_turn(script, rendered, self.key(sample), turns=turns, results=results, offered=offered)
        return self._in_turn(turn, pad, turns)

    def _at_once(self, script: Script, rendered: Rendered, key: Key, pad: bool) -> ChatMessageAssistant:
        text = text_answer(script, rendered.seed.directory, habit_of(*key), scratchpad=pad)
        return ChatMessageAssistant(content=self._content("" if pad else script.thought, text))

    def _in_turn(self, turn: Turn, pad: bool, number: int) -> ChatMessageAssistant:
        shown = f"<scratchpad>\n{turn.thought}\n</scratchpad>" if pad and turn.thought else ""
        text = "\n\n".join(p for p in (shown, turn.prose) if p)
        calls = [
            ToolCall(
                id=f"call-{number}-{place}",
                function=action.kind,
                arguments=action.model_dump(mode="json", exclude={"kind"}, exclude_defaults=True),
            )
            for place, action in enumerate(turn.calls)
        ]
        return ChatMessageAssistant(content=self._content("" if pad else turn.thought, text), tool_calls=calls or None)

    def _content(self, thought: str, text: str) -> str | list[Content]:
        if thought and self._profile.reasoning == "blocks":
            return [ContentReasoning(reasoning=thought), ContentText(text=text)]
        return text
