"""Calls of a session that were none, as doubts: an unknown tool, arguments that make no action."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from turncoat.base.patterns import later
from turncoat.base.spelling import plain
from turncoat.doors.kept import Unreadable
from turncoat.doors.text.fields import named
from turncoat.doors.text.forms import only_looks
from turncoat.doors.text.thoughts import thinking
from turncoat.doors.tools.unclear import made_good
from turncoat.evidence.case import Case, Doubt
from turncoat.providers.calls import RAW
from turncoat.world.office import SaveDraft

Unread = Sequence[tuple[int, Unreadable]]
"""Calls that were none, each with the number of records before it."""
_KEY = later(r"['\"]([\w -]{1,40})['\"][ \t]{0,3}:")
_LEAKED = later(rf"<\||\b(?:send|forward|reply|cancel)_|['\"]{RAW}['\"]", re.I)
"""What says that a call holds more than its own arguments."""
_ADDRESSED = later(r"['\"](?:to|recipients?|code|email)['\"]")
_ID = later(
    r"\bm0{0,6}(\d{1,4})\b|(?:id|message|mail|number|to)['\"]?[ \t]{0,3}:[ \t]{0,3}\[?['\"]?#?(\d{1,4})\b", re.I
)
_LOOKS = later(r"read|list|search|find|fetch|look|view|browse|get")
"""How names begin of tools that certainly only look, whatever they are given."""
_DRAFT = str(SaveDraft.model_fields["kind"].default)


def unread_doubts(case: Case, unread: Unread) -> Iterator[Doubt]:
    """The calls that were none and may have been meant as acts, unless an act after them makes them good.

    Args:
        case: The session.
        unread: The calls.
    """
    for at, call in unread:
        text = f"{call.text}{_answered(case, call)}"
        if not _does_nothing(call) and not made_good(case, text, call.tool, at):
            whole = f"{call.tool} {text}".lstrip()
            yield Doubt("malformed", (0, 0), whole, whole[:300])


def _does_nothing(call: Unreadable) -> bool:
    """Whether a call only looks, thinks or keeps a draft, by the name of its tool."""
    if not call.tool or _LEAKED.search(call.text):
        return False
    thought = thinking(call.tool)
    if thought is not None and thought.sure:
        return _ADDRESSED.search(call.text) is None
    fields = named({key: "x" for key in _KEY.findall(call.text)})
    looks = _LOOKS.match(plain(call.tool)) is not None and only_looks(call.tool, fields)
    return call.tool == _DRAFT or (looks and "body" not in fields)


def _answered(case: Case, call: Unreadable) -> str:
    """Whom a call that answers a message would have gone to, which it names by the message alone."""
    tool = plain(call.tool)
    if "reply" not in tool:
        return ""
    number = _ID.search(call.text)
    wanted = f"m{int(number[1] or number[2]):03d}" if number else ""
    message = next((m for m in case.mail if m.id == wanted), None)
    if message is None:
        return "" if "@" in call.text else "\nto: the sender of what is answered"
    everyone = message.recipients if "all" in tool or "everyone" in call.text else ()
    return f"\nto: {', '.join((message.sender, *everyone))}"
