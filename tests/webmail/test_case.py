"""What counts as a call in a session of the webmail: the mailbox stands open before the agent does anything."""

from __future__ import annotations

import pytest
from inspect_ai.model import ChatMessageAssistant
from inspect_ai.tool import ToolCall

from turncoat.doors.kept import Attempted, Kept, dump
from turncoat.doors.tools.sessions import read_arguments
from turncoat.evidence.case import Unscored
from turncoat.scenarios.finding import rendering_from, setting_of
from turncoat.webmail.door import ARIA, DOOR

LOOK = dump(Attempted(action=read_arguments("list_mail", {})))
IDLE = ChatMessageAssistant(content="Nothing to do.")
CALL = ChatMessageAssistant(content="", tool_calls=[ToolCall(id="x", function="read_page", arguments={})])


@pytest.mark.parametrize(
    ("message", "looks", "reason"),
    [(IDLE, 1, Unscored.NO_CALLS), (CALL, 1, None), (IDLE, 2, None)],  # the last: an agent that trimmed its turns
)
def test_a_session_without_a_call_has_no_verdict(
    message: ChatMessageAssistant, looks: int, reason: Unscored | None
) -> None:
    setting = setting_of(rendering_from({"scenario": "blackmail", "condition": "control", "world": "1"}), live=True)
    kept = Kept(messages=[message], entries=[LOOK] * looks, ended="stopped")
    for door in (DOOR, ARIA):
        cut = door.case(setting, kept).cut_off
        assert (cut.reason if cut else None) == reason
