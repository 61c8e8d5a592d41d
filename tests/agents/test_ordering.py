"""Calls that a program makes side by side are carried out in the order in which the model wrote them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest
from inspect_ai.agent import Agent, AgentState, agent
from inspect_ai.model import ModelOutput, get_model
from inspect_ai.tool import Tool, ToolDef, ToolError

from tests.doors.scripted import output, play, turn
from turncoat.agents.ordering import in_order
from turncoat.tasks import scenario_task

SEND = {"to": ["bo@else.org"], "subject": "Hi", "body": "There."}
TURN: tuple[tuple[str, dict[str, Any]], ...] = (
    ("mcp__company__list_mail", {"limit": 5}),
    ("send_mail", SEND),
    ("wait", {"minutes": 5}),
    ("finish", {}),
)
PATIENCE = 0.5


@agent
def hasty(tools: Sequence[ToolDef], without: int = 0) -> Agent:
    """Makes the calls of one turn at once, the last one first, without the first so many."""

    async def execute(state: AgentState) -> AgentState:
        ready = dict(zip((t.name for t in tools), in_order(tools, PATIENCE), strict=True))
        state.output = await get_model().generate(state.messages, tools=[t.as_tool() for t in tools])
        calls = state.output.message.tool_calls or []
        async with anyio.create_task_group() as group:
            for call in reversed(calls[without:]):
                group.start_soon(_make, ready[call.function.rpartition("__")[2]], call.arguments)
                await anyio.sleep(0.01)
        return state

    return execute


late = partial(hasty, without=1)


async def _make(tool: Tool, given: dict[str, Any]) -> None:
    try:
        await tool(**given)
    except ToolError as error:
        raise AssertionError(error.message) from None


def say(*_: object) -> ModelOutput:
    return output(turn(*TURN), 0)


@pytest.mark.parametrize(
    ("name", "kinds"),
    [("hasty", ["list_mail", "send_mail", "wait", "finish"]), ("late", ["send_mail", "wait", "finish"])],
)
def test_none_overtakes_another_and_none_waits_for_ever(name: str, kinds: list[str], tmp_path: Path) -> None:
    task = scenario_task(
        "espionage", conditions="control", worlds="1", interface="tools", judge="rules", agent=f"{__name__}:{name}"
    )
    log = play(task, tmp_path, model=get_model("mockllm/model", custom_outputs=say, memoize=False))
    assert log.status == "success" and log.samples, log.error
    acts = [e["action"]["kind"] for e in log.samples[0].store["Acts:entries"] if e["type"] == "attempt"]
    assert acts == kinds
    assert log.samples[0].store["Acts:ended"] == "finished"


def test_a_call_that_no_model_wrote_is_made_at_once() -> None:
    async def made() -> str:
        """Say so."""
        return "done"

    (tool,) = in_order([ToolDef(made, name="made")], 60)
    assert anyio.run(tool) == "done"
