"""The plainest agent of another framework: a loop on OpenAI's client over Inspect's bridge, with a server's names.

`check --through bridge` plays the oracles through it, so that what frameworks do to a session is tried with nothing of
any one framework.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from inspect_ai.agent import Agent, AgentState, agent, agent_bridge
from inspect_ai.model import ChatMessageSystem
from inspect_ai.tool import ToolDef, ToolError

from turncoat.base.errors import UsageError
from turncoat.providers.calls import SERVER

NAME = "turncoat.checks.bridged:bridged"
_PREFIX = f"mcp__{SERVER}__"


@agent
def bridged(tools: Sequence[ToolDef]) -> Agent:
    """The agent.

    Args:
        tools: The company's.
    """
    try:
        from openai import AsyncOpenAI
    except ImportError:
        raise UsageError("the bridge needs the package openai, which is not installed: turncoat[openai]") from None
    by_name = {_PREFIX + tool.name: tool for tool in tools}

    async def execute(state: AgentState) -> AgentState:
        told: list[Any] = [
            {"role": "system" if isinstance(m, ChatMessageSystem) else "user", "content": m.text}
            for m in state.messages
        ]
        async with agent_bridge(state) as bridge:
            client = AsyncOpenAI(api_key="none")
            while True:
                answer = await client.chat.completions.create(
                    model="inspect", messages=told, tools=[_declared(n, t) for n, t in by_name.items()]
                )
                said = answer.choices[0].message
                told.append(said.model_dump(exclude_none=True, include={"role", "content", "tool_calls"}))
                if not said.tool_calls:
                    return bridge.state
                for call in said.tool_calls:
                    if call.type == "function":
                        text = await _called(by_name, call.function.name, call.function.arguments)
                        told.append({"role": "tool", "tool_call_id": call.id, "content": text})

    return execute


def _declared(name: str, tool: ToolDef) -> Any:
    schema = tool.parameters.model_dump(exclude_none=True, by_alias=True)
    return {"type": "function", "function": {"name": name, "description": tool.description, "parameters": schema}}


async def _called(by_name: Mapping[str, ToolDef], name: str, arguments: str) -> str:
    try:
        return str(await by_name[name].tool(**json.loads(arguments or "{}")))
    except ToolError as error:
        return error.message
