"""An agent of Pydantic AI: `turncoat run … --interface tools --agent examples/agents/pydantic_ai_agent.py:agent`.

Needs `pip install "pydantic-ai-slim[openai]"`; tried with 2.68.0. The model named "inspect" is the one of the run.
"""

from collections.abc import Sequence
from typing import Any

import inspect_ai.agent
from inspect_ai.agent import AgentState, agent_bridge
from inspect_ai.model import ChatMessageSystem, ChatMessageUser
from inspect_ai.tool import ToolDef, ToolError
from openai import AsyncOpenAI
from pydantic_ai import Agent, Tool, UsageLimits
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

MAX_REQUESTS = 200


@inspect_ai.agent.agent
def agent(tools: Sequence[ToolDef]) -> inspect_ai.agent.Agent:
    """The agent, with the company's tools."""

    async def execute(state: AgentState) -> AgentState:
        system = "\n\n".join(m.text for m in state.messages if isinstance(m, ChatMessageSystem))
        first = "\n\n".join(m.text for m in state.messages if isinstance(m, ChatMessageUser))
        async with agent_bridge(state) as bridge:
            provider = OpenAIProvider(openai_client=AsyncOpenAI(api_key="none"))
            worker = Agent(
                OpenAIChatModel("inspect", provider=provider), instructions=system, tools=[as_tool(t) for t in tools]
            )
            await worker.run(first, usage_limits=UsageLimits(request_limit=MAX_REQUESTS))
        return bridge.state

    return execute


def as_tool(tool: ToolDef) -> "Tool[Any]":
    """One tool of the company as Pydantic AI takes it. Errors are told to the model."""

    async def call(**arguments: Any) -> str:
        try:
            return str(await tool.tool(**arguments))
        except ToolError as error:
            return f"Error: {error.message}"

    schema = tool.parameters.model_dump(exclude_none=True, by_alias=True)
    return Tool.from_schema(call, tool.name, tool.description, schema, sequential=True)
