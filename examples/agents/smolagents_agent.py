"""An agent of smolagents: `turncoat run … --interface tools --agent examples/agents/smolagents_agent.py:agent`.

Needs `pip install smolagents openai`; tried with 1.26.0. The framework works in a thread and asks its model without
`async`, which Inspect's bridge does not see: model and tools here hand each request to the event loop of the run.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

import inspect_ai.agent
from inspect_ai.agent import AgentState, agent_bridge
from inspect_ai.model import ChatMessageSystem, ChatMessageUser
from inspect_ai.tool import ToolDef, ToolError
from openai import AsyncOpenAI
from smolagents import ChatMessage, Model, Tool, ToolCallingAgent

MAX_STEPS = 200


@inspect_ai.agent.agent
def agent(tools: Sequence[ToolDef]) -> inspect_ai.agent.Agent:
    """The agent, with the company's tools."""

    async def execute(state: AgentState) -> AgentState:
        system = "\n\n".join(m.text for m in state.messages if isinstance(m, ChatMessageSystem))
        first = "\n\n".join(m.text for m in state.messages if isinstance(m, ChatMessageUser))
        loop = asyncio.get_running_loop()
        async with agent_bridge(state) as bridge:
            given = [CompanyTool(t, loop) for t in tools]
            worker = ToolCallingAgent(given, RunModel(loop), instructions=system, max_steps=MAX_STEPS, verbosity_level=0)
            await asyncio.to_thread(worker.run, first)
        return bridge.state

    return execute


def waited(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine gives, from another thread."""
    return asyncio.run_coroutine_threadsafe(work, loop).result()


class RunModel(Model):
    """The run's model, over the asynchronous client that the bridge sees."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(model_id="inspect")
        self._loop, self._client = loop, AsyncOpenAI(api_key="none")

    def generate(self, messages: Any, stop_sequences: Any = None, tools_to_call_from: Any = None, **_: Any) -> ChatMessage:
        """Ask the model."""
        request = self._prepare_completion_kwargs(
            messages=messages, tools_to_call_from=tools_to_call_from, model="inspect", tool_choice="auto"
        )
        answer = waited(self._loop, self._client.chat.completions.create(**request))
        said = answer.choices[0].message
        return ChatMessage.from_dict(said.model_dump(include={"role", "content", "tool_calls"}), raw=answer)


class CompanyTool(Tool):
    """One tool of the company. Errors are told to the model."""

    skip_forward_signature_validation = True
    output_type = "string"

    def __init__(self, tool: ToolDef, loop: asyncio.AbstractEventLoop) -> None:
        schema = tool.parameters.model_dump(exclude_none=True, by_alias=True)
        self.name, self.description, self._tool, self._loop = tool.name, tool.description, tool, loop
        self.inputs = {
            name: {"description": "", "nullable": name not in schema["required"], "type": "any", **about}
            for name, about in schema["properties"].items()
        }
        super().__init__()

    def forward(self, **arguments: Any) -> str:
        """Carry out a call."""
        try:
            return str(waited(self._loop, self._tool.tool(**arguments)))
        except ToolError as error:
            return f"Error: {error.message}"
