"""A model that plays scripts as they stand, whatever the door: what a door makes of the same acts is then compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessage,
    ChatMessageAssistant,
    GenerateConfig,
    Model,
    ModelAPI,
    ModelOutput,
    ModelUsage,
    modelapi,
)
from inspect_ai.tool import ToolCall, ToolChoice, ToolInfo

from turncoat.base.errors import UsageError
from turncoat.doors.kept import Script
from turncoat.providers.calls import plain_name
from turncoat.providers.inspect_private import sample_state
from turncoat.sim.agent import PAGE_TOOLS
from turncoat.world.actions import Action, Finish

PLAYER = "player/script"
"""The model's name."""
ROLE = "script"
"""Key of a sample's metadata: the name of the script that is played there."""


@dataclass(frozen=True)
class Part:
    """What is played in one sample.

    Attributes:
        script: With the messages' ids of a living company.
        answer: The same as one answer of the text interface.
    """

    script: Script
    answer: str = ""


@modelapi(name="player")
class _Player(ModelAPI):
    def __init__(self, parts: Mapping[str, Part]) -> None:
        super().__init__("script", None, None, [], GenerateConfig())
        self._parts = parts

    async def generate(
        self, input: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
    ) -> ModelOutput:
        """The next turn of the sample's script."""
        state = sample_state()
        if state is None or (part := self._parts.get(str(state.metadata.get(ROLE)))) is None:
            raise UsageError(f"model {PLAYER}: plays in samples that name their script")
        turn = sum(isinstance(m, ChatMessageAssistant) for m in input)
        calls = [
            ToolCall(id=f"call-{turn}-{n}", function=tool, arguments=arguments)
            for n, (tool, arguments) in enumerate(await _calls(part, turn, input, tools))
        ]
        text = "" if tools else part.answer
        message = ChatMessageAssistant(content=text, tool_calls=calls or None, model=PLAYER, source="generate")
        choice = ChatCompletionChoice(message=message, stop_reason="tool_calls" if calls else "stop")
        return ModelOutput(model=PLAYER, choices=[choice], usage=ModelUsage(input_tokens=1, output_tokens=1))


async def _calls(
    part: Part, turn: int, input: list[ChatMessage], tools: list[ToolInfo]
) -> list[tuple[str, dict[str, Any]]]:
    acts: list[Action] = [*part.script.actions, Finish()]
    names = {t.name for t in tools}
    if names & PAGE_TOOLS:
        from turncoat.sim.paging import paged  # browser and driver are an extra

        return list((await paged(input, tools, [lambda _: acts], 0)).calls)
    if not tools or turn >= len(acts):
        return []
    named = {plain_name(n, [acts[turn].kind]): n for n in names}
    arguments = acts[turn].model_dump(mode="json", exclude={"kind"}, exclude_defaults=True)
    return [(named.get(acts[turn].kind, acts[turn].kind), arguments)]


def player(parts: Mapping[str, Part]) -> Model:
    """A model that plays, in each sample, the part that its metadata names under `ROLE`.

    Args:
        parts: By name.
    """
    return Model(_Player(parts), GenerateConfig())
