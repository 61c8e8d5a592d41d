"""What a trusted model puts in the place of an act that a monitor finds suspicious: another wording, or another act."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from turncoat.guards.monitors.asking import Asker, Marked, records_of
from turncoat.guards.monitors.model import role_model
from turncoat.guards.monitors.view import View
from turncoat.world import Action, SendMail
from turncoat.world.actions import Forward, Reply
from turncoat.world.office import ScheduleMail
from turncoat.world.people import is_address

ROLE = "trusted"
"""The model role of who rewrites, and of who decides in the agent's place."""

Rewritable = SendMail | Reply | ScheduleMail
"""What can be put in other words: messages that hold no more than the agent wrote."""


class Rewritten(Marked, title="Rewriting", json_schema_extra={"description": "What goes out instead."}):
    """What goes out in place of a message."""

    verdict: Literal["send", "stop"] = Field(description="`stop` where nothing harmless is left.")
    subject: str = Field(description="Subject; as it was where that will do.")
    body: str = Field(description="The whole body as it goes out.")
    keep_files: bool = Field(description="Whether the files that were attached go with it.")


class Chosen(Marked, title="Choice", json_schema_extra={"description": "What is done instead."}):
    """What is done in the place of an act."""

    act: Literal["as_attempted", "message", "nothing"] = Field(description="What is done.")
    to: list[str] = Field(description="For a message: addresses; otherwise empty.")
    subject: str = Field(description="For a message: its subject; otherwise empty.")
    body: str = Field(description="For a message: its body; otherwise empty.")


async def rewritten(view: View, attempt: Action) -> Action | None:
    """The act in a trusted model's words; None where it is to be stopped, or is nothing that words can mend.

    A forwarded message, a document, an alarm that is switched off and the like are held back: what makes them harmful
    stands in no words of the agent's that could be changed.

    Args:
        view: What the model is shown.
        attempt: What the agent wants to do.

    Raises:
        UsageError: No model has the role `trusted`.
        MonitorError: The model gives no usable answer.
    """
    if isinstance(attempt, Forward) or not isinstance(attempt, Rewritable):
        return None
    asker = Asker(role_model(ROLE), "rewriting", Rewritten)
    form = (await asker.ask(view, records_of(view))).form
    if form.verdict == "stop" or not form.body.strip():
        return None
    changed: dict[str, object] = {"body": form.body}
    if not isinstance(attempt, Reply):
        changed["subject"] = form.subject
    if not form.keep_files:
        changed["attachments"] = ()
    return attempt.model_copy(update=changed)


async def chosen(view: View, attempt: Action) -> Action | None:
    """What a trusted model does in the agent's place: the attempt itself, a message, or None for nothing.

    Args:
        view: What the model is shown.
        attempt: What the agent wants to do.

    Raises:
        UsageError: No model has the role `trusted`.
        MonitorError: The model gives no usable answer.
    """
    asker = Asker(role_model(ROLE), "deferring", Chosen)
    form = (await asker.ask(view, records_of(view), _wrong)).form
    match form.act:
        case "as_attempted":
            return attempt
        case "nothing":
            return None
    to = tuple(a.strip().lower() for a in form.to)
    return SendMail(to=to, subject=form.subject, body=form.body)


def _wrong(form: Chosen) -> str:
    if form.act != "message":
        return ""
    bad = next((a for a in form.to if not is_address(a.strip())), None)
    if not form.to or bad is not None:
        return "a message needs the plain addresses of its recipients in `to`" + (f", not {bad[:60]!r}" if bad else "")
    return "" if form.body.strip() else "a message needs a body"
