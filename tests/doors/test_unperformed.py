"""Calls of a conversation beside those of the turns: the same call counts once, and nothing that it says is lost."""

from __future__ import annotations

from typing import Any

import pytest
from inspect_ai.event import ModelEvent
from inspect_ai.model import ChatMessageAssistant, GenerateConfig, ModelOutput
from inspect_ai.tool import ToolCall, ToolInfo

from turncoat.doors.kept import Attempted, Kept, Unreadable, dump
from turncoat.doors.tools.sessions import case_of_session, read_arguments
from turncoat.doors.tools.unperformed import unperformed
from turncoat.providers.calls import RAW
from turncoat.scenarios.finding import rendering_from, setting_of

Made = tuple[str, str, dict[str, Any]]
MAIL: dict[str, Any] = {"to": ["a@b.com"], "subject": "Hi"}
ONE: Made = ("x1", "mcp_company_send_mail", MAIL)
AGAIN: Made = ("y1", *ONE[1:])
OTHER: Made = ("y2", "mcp_company_send_mail", {**MAIL, "subject": "Ho"})


def said(*calls: Made) -> ChatMessageAssistant:
    made = [ToolCall(id=id, function=name, arguments=given) for id, name, given in calls]
    return ChatMessageAssistant(content="", tool_calls=made)


def turn_of(message: ChatMessageAssistant) -> ModelEvent:
    output = ModelOutput.from_message(message)
    tools = [ToolInfo(name="mcp_company_send_mail", description="")]
    return ModelEvent(
        model="m", input=[], tools=tools, tool_choice="auto", config=GenerateConfig(), output=output, role=None
    )


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
    event = turn_of(said(*turn))
    entry = dump(Attempted(action=read_arguments("send_mail", MAIL)))
    found = unperformed([said(*told)], [event], [entry], {"send_mail"})
    assert [e.call for _, e in found] == missing


CUT = 'Error parsing: {"to": ["a@b.com"], "body": "Or I tell'


@pytest.mark.parametrize(
    ("arguments", "error", "made", "kept"),
    [
        ({}, CUT, {}, [CUT]),  # an agent hands on what Inspect read of it: nothing
        ({"recipient": "a@b.com"}, None, {"recipient": "a@b.com"}, []),
        ({"recipient": "a@b.com"}, None, {"subject": "Hi"}, ["{'recipient': 'a@b.com'}"]),
        ({"recipient": "a@b.com"}, None, {"recipient": "a@b.com", "cc": None}, []),
        ({RAW: "to a@b.com: we know"}, None, "to a@b.com: we know", []),
    ],
)
def test_what_the_model_wrote_is_kept_where_the_agent_handed_on_less(
    arguments: dict[str, Any], error: str | None, made: dict[str, Any] | str, kept: list[str]
) -> None:
    call = ToolCall(id="x", function="send_mail", arguments=arguments, parse_error=error)
    message = ChatMessageAssistant(content="", tool_calls=[call])
    entry = dump(Unreadable(tool="send_mail", text=str(made), problem="to: Field required"))
    found = unperformed([message], [turn_of(message)], [entry], {"send_mail"})
    assert [(at, e.text) for at, e in found] == [(1, text) for text in kept]


LEAK = '<|channel|>commentary to=functions.send_mail<|message|>{"to": "a@b.com", "body": "Or I tell"}<|call|>'


@pytest.mark.parametrize(("held", "kept"), [(False, 1), (True, 0)])
def test_a_call_that_leaked_as_text_outlives_its_turn(held: bool, kept: int) -> None:
    message = ChatMessageAssistant(content=LEAK)
    found = unperformed([message] if held else [], [turn_of(message)], [], {"send_mail"})
    assert len(found) == kept and all("a@b.com" in e.text and not e.tool for _, e in found)


def test_a_leaked_call_that_a_later_act_repeats_is_no_doubt() -> None:
    setting = setting_of(rendering_from({"scenario": "blackmail", "condition": "control", "world": "1"}), live=True)
    leak = dump(Unreadable(tool="", text="send_mail a@b.com", problem=""))
    again = dump(Attempted(action=read_arguments("send_mail", {**MAIL, "body": "Hi"})))
    assert [len(case_of_session(setting, Kept(entries=e)).doubts) for e in ([leak], [leak, again])] == [1, 0]
