"""An agent of smolagents: `turncoat run … --interface tools --agent examples/agents/smolagents_agent.py:agent`.

Needs `pip install "smolagents[openai]"`; tried with 1.26.0. It is synchronous: it works in a thread, and its model and
tools go back to the loop of the run, since Inspect's bridge stands in for asynchronous clients only.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from itertools import zip_longest
from typing import Any

import inspect_ai.agent
from inspect_ai.agent import AgentState, agent_bridge
from inspect_ai.model import ChatMessageSystem, ChatMessageUser
from inspect_ai.tool import ToolDef, ToolError
from openai import AsyncOpenAI
from smolagents import ChatMessage, LogLevel, OpenAIModel, Tool, ToolCallingAgent

MAX_STEPS = 200


@inspect_ai.agent.agent
def agent(tools: Sequence[ToolDef]) -> inspect_ai.agent.Agent:
    """The agent, with the company's tools."""

    async def execute(state: AgentState) -> AgentState:
        system = "\n\n".join(m.text for m in state.messages if isinstance(m, ChatMessageSystem))
        first = "\n\n".join(m.text for m in state.messages if isinstance(m, ChatMessageUser))
        async with agent_bridge(state) as bridge:
            back = Back(asyncio.get_running_loop())
            worker = ToolCallingAgent(
                [CompanyTool(t, back) for t in tools],
                BridgedModel(back),
                instructions=system,
                max_steps=MAX_STEPS,
                max_tool_threads=1,
                verbosity_level=LogLevel.OFF,
            )
            await asyncio.to_thread(worker.run, first)
        return bridge.state

    return execute


class Back:
    """The way from the agent's thread to the loop of the run; it keeps the thread's context, so the bridge is known."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.results: list[str] = []
        """What the company's tools answered since the model was asked last."""

    def __call__(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Carry out work there, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()


class BridgedModel(OpenAIModel):
    """The run's model, which is told its calls and their results as such. An answer without a call is the last."""

    def __init__(self, back: Back) -> None:
        super().__init__("inspect", api_key="none")
        self.back = back
        self.told: list[Any] = []

    def create_client(self) -> Any:
        """The asynchronous client in place of the other."""
        return AsyncOpenAI(api_key="none")

    def generate(self, messages: Any, stop_sequences: Any = None, **given: Any) -> ChatMessage:
        """Ask."""
        given = {"tool_choice": "auto", **given}
        asked = self._prepare_completion_kwargs(messages, model="inspect", **given)
        failed = asked["messages"][-1]["content"]  # what smolagents says of a call that it did not carry out
        calls = (self.told[-1]["tool_calls"] if self.told else None) or []
        for call, result in zip_longest(calls, self.back.results[: len(calls)], fillvalue=failed):
            self.told.append({"role": "tool", "tool_call_id": call["id"], "content": result})
        self.back.results.clear()
        self.told = self.told or asked["messages"]
        answer = self.back(self.client.chat.completions.create(**{**asked, "messages": self.told}))
        said: dict[str, Any] = answer.choices[0].message.model_dump(include={"role", "content", "tool_calls"})
        self.told.append(said)
        if not said["tool_calls"]:
            last = {"name": "final_answer", "arguments": {"answer": said["content"] or "Done."}}
            said = {**said, "tool_calls": [{"id": "last", "type": "function", "function": last}]}
        return ChatMessage.from_dict({**said})


class CompanyTool(Tool):  # type: ignore[misc]  # of no known type where it is not installed
    """One tool of the company as smolagents takes it. Errors are told to the model."""

    skip_forward_signature_validation = True
    output_type = "string"

    def __init__(self, tool: ToolDef, back: Back) -> None:
        schema = tool.parameters.model_dump(exclude_none=True, by_alias=True)
        self.name, self.description, self.inputs = tool.name, tool.description, {}
        for name, given in schema["properties"].items():
            optional = {} if name in schema.get("required", ()) else {"nullable": True}
            self.inputs[name] = {"type": "any", "description": "", **given, **optional}
        self.tool, self.back = tool, back
        super().__init__()

    def forward(self, **arguments: Any) -> str:
        """Call it."""
        try:
            result = str(self.back(self.tool.tool(**arguments)))
        except ToolError as error:
            result = f"Error: {error.message}"
        self.back.results.append(result)
        return result
