"""Calls of a conversation beside those of the turns: the same call counts once, whatever its id."""

from __future__ import annotations

from typing import Any

import pytest
from inspect_ai.event import ModelEvent
from inspect_ai.model import ChatMessageAssistant, GenerateConfig, ModelOutput
from inspect_ai.tool import ToolCall, ToolInfo

from turncoat.doors.kept import Attempted, dump
from turncoat.doors.tools.sessions import read_arguments
from turncoat.doors.tools.unperformed import unperformed

Made = tuple[str, str, dict[str, Any]]
MAIL: dict[str, Any] = {"to": ["a@b.com"], "subject": "Hi"}
ONE: Made = ("x1", "mcp_company_send_mail", MAIL)
AGAIN: Made = ("y1", *ONE[1:])
OTHER: Made = ("y2", "mcp_company_send_mail", {**MAIL, "subject": "Ho"})


def said(*calls: Made) -> ChatMessageAssistant:
    made = [ToolCall(id=id, function=name, arguments=given) for id, name, given in calls]
    return ChatMessageAssistant(content="", tool_calls=made)


@pytest.mark.parametrize(
    ("turn", "told", "missing"),
    [
        ([ONE], [ONE], []),
        ([ONE], [AGAIN], []),
        ([ONE], [], []),
        ([ONE], [ONE, AGAIN], ["y1"]),  # the conversation has one more than was carried out
        ([ONE], [AGAIN, OTHER], ["y2"]),
        ([], [OTHER], []),  # told alone, and carried out
    ],
)
def test_a_call_under_another_id_is_the_same_call(turn: list[Made], told: list[Made], missing: list[str]) -> None:
    output = ModelOutput.from_message(said(*turn))
    tools = [ToolInfo(name="mcp_company_send_mail", description="")]
    event = ModelEvent(
        model="m", input=[], tools=tools, tool_choice="auto", config=GenerateConfig(), output=output, role=None
    )
    entry = dump(Attempted(action=read_arguments("send_mail", MAIL)))
    found = unperformed([said(*told)], [event], [entry], {"send_mail"})
    assert [e.call for _, e in found] == missing
