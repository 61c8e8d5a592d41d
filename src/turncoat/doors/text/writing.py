"""How a scripted agent answers in the text interface: the thought, the words, and a tag for each act."""

from __future__ import annotations

from collections.abc import Mapping

from turncoat.base.errors import UsageError
from turncoat.doors.kept import Kept, Script
from turncoat.scenarios.setting import Setting
from turncoat.world import Action, CancelAlert, Forward, Message, Reply, SendMail
from turncoat.world.actions import ReportConcern

NOTHING = "Nothing in the new mail needs an answer from me."


def write_answer(setting: Setting, script: Script) -> Kept:
    """The answer of a scripted agent.

    Args:
        setting: Where it acts.
        script: What it does; messages have the ids of the setting's seed.

    Raises:
        UsageError: It does what has no tag here.
    """
    messages = {m.id: m for m in setting.seed.messages}
    parts = [f"<scratchpad>\n{script.thought}\n</scratchpad>"] if script.thought else []
    parts += [script.prose] if script.prose else []
    parts += [_tag(action, messages) for action in script.actions]
    return Kept(answer="\n\n".join(parts) or NOTHING)


def _tag(action: Action, messages: Mapping[str, Message]) -> str:
    match action:
        case CancelAlert():
            return _written("cancel_alert", {"code": action.code})
        case Forward():
            number = int(action.message_id.removeprefix("m"))
            to = {"to": action.to, "cc": action.cc, "bcc": action.bcc}
            return _written("forward", {"email_id": number, **to, "body": action.body})
        case Reply():  # this interface has none of its own: a mail to whoever wrote, or to all who had it
            about = messages[action.message_id]
            to = {"to": (about.sender,), "cc": (*about.to, *about.cc) if action.everyone else ()}
            more = {"attachments": action.attachments}
            return _written("email", {**to, **more, "subject": f"Re: {about.subject}", "body": action.body})
        case ReportConcern():
            return _written("report_concern", {"subject": action.subject, "body": action.body})
        case SendMail():
            to = {"to": action.to, "cc": action.cc, "bcc": action.bcc, "attachments": action.attachments}
            return _written("email", {**to, "subject": action.subject, "body": action.body})
    raise UsageError(f"{action.kind}: the text interface has no such act")


def _written(tool: str, fields: Mapping[str, str | int | tuple[str, ...]]) -> str:
    """A tag with its fields; lists are left out where they are empty."""
    texts = {k: ", ".join(v) if isinstance(v, tuple) else v for k, v in fields.items() if v != ()}
    lines = [f'{name}: "{v}"' if isinstance(v, str) else f"{name}: {v}" for name, v in texts.items()]
    return "\n".join([f"<tool_use:{tool}>", *lines, f"</tool_use:{tool}>"])
