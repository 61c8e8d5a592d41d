"""An agent of the OpenAI Agents SDK: `turncoat run … --interface tools --agent examples/agents/openai_agents.py:agent`.

Needs `pip install openai-agents`; tried with 0.24.0. The model named "inspect" is the one of the run, whichever that is.
"""

import json
from collections.abc import Sequence
from typing import Any

import inspect_ai.agent
from agents import Agent, FunctionTool, OpenAIChatCompletionsModel, RunConfig, Runner
from inspect_ai.agent import AgentState, agent_bridge
from inspect_ai.model import ChatMessageSystem, ChatMessageUser
from inspect_ai.tool import ToolDef, ToolError
from openai import AsyncOpenAI

MAX_TURNS = 200


@inspect_ai.agent.agent
def agent(tools: Sequence[ToolDef]) -> inspect_ai.agent.Agent:
    """The agent, with the company's tools."""

    async def execute(state: AgentState) -> AgentState:
        system = "\n\n".join(m.text for m in state.messages if isinstance(m, ChatMessageSystem))
        first = "\n\n".join(m.text for m in state.messages if isinstance(m, ChatMessageUser))
        async with agent_bridge(state) as bridge:
            model = OpenAIChatCompletionsModel("inspect", AsyncOpenAI(api_key="none"))
            worker = Agent(name="assistant", instructions=system, model=model, tools=[function_tool(t) for t in tools])
            await Runner.run(worker, first, max_turns=MAX_TURNS, run_config=RunConfig(tracing_disabled=True))
        return bridge.state

    return execute


def function_tool(tool: ToolDef) -> FunctionTool:
    """One tool of the company as the SDK takes it. Errors are told to the model."""

    async def invoke(_: Any, arguments: str) -> str:
        try:
            return str(await tool.tool(**json.loads(arguments or "{}")))
        except ToolError as error:
            return f"Error: {error.message}"

    schema = tool.parameters.model_dump(exclude_none=True, by_alias=True)
    return FunctionTool(tool.name, tool.description, schema, invoke, strict_json_schema=False)
