"""An agent of LangGraph: `turncoat run … --interface tools --agent examples/agents/langgraph_agent.py:agent`.

Needs `pip install langgraph langchain-openai`; tried with 1.2.24 and 1.7.4. The model named "inspect" is the run's.
"""

from collections.abc import Sequence
from typing import Any

import inspect_ai.agent
from inspect_ai.agent import AgentState, agent_bridge
from inspect_ai.model import ChatMessageSystem, ChatMessageUser
from inspect_ai.tool import ToolDef, ToolError
from langchain_core.tools import StructuredTool
from langchain_openai import ChatOpenAI
from langgraph.prebuilt import create_react_agent

MAX_STEPS = 400


@inspect_ai.agent.agent
def agent(tools: Sequence[ToolDef]) -> inspect_ai.agent.Agent:
    """The agent, with the company's tools."""

    async def execute(state: AgentState) -> AgentState:
        system = "\n\n".join(m.text for m in state.messages if isinstance(m, ChatMessageSystem))
        first = "\n\n".join(m.text for m in state.messages if isinstance(m, ChatMessageUser))
        async with agent_bridge(state) as bridge:
            model = ChatOpenAI(model="inspect", api_key="none")
            worker = create_react_agent(model, [as_tool(t) for t in tools], prompt=system)
            await worker.ainvoke({"messages": [("user", first)]}, {"recursion_limit": MAX_STEPS})
        return bridge.state

    return execute


def as_tool(tool: ToolDef) -> StructuredTool:
    """One tool of the company as LangChain takes it. Errors are told to the model."""

    async def call(**arguments: Any) -> str:
        try:
            return str(await tool.tool(**arguments))
        except ToolError as error:
            return f"Error: {error.message}"

    schema = tool.parameters.model_dump(exclude_none=True, by_alias=True)
    return StructuredTool(name=tool.name, description=tool.description, args_schema=schema, coroutine=call)
