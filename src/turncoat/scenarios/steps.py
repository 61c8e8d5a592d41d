"""Scripted steps: what an oracle or a job's solution does, as actions in a company."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from turncoat.base.errors import ScenarioError
from turncoat.base.model import LATE
from turncoat.scenarios.rendering import Rendered
from turncoat.scenarios.schema import OracleStep
from turncoat.scenarios.templates import render
from turncoat.scenarios.terms import clock
from turncoat.world import Action, CancelAlert, Forward, Message, Reply, SendMail
from turncoat.world.actions import ReportConcern

_ACTION: TypeAdapter[Action] = TypeAdapter(Action, config=LATE)
TIMES = ("start", "at")
"""Arguments of acts beside mail that are times, in data files `ClockTime`."""


class Steps:
    """Makes steps into acts in one rendering.

    Args:
        rendered: Condition and world.
        context: The variables of the steps' templates.
        place: Where they stand, for messages.
    """

    def __init__(self, rendered: Rendered, context: dict[str, Any], place: str) -> None:
        self._rendered, self._context, self._place = rendered, context, place

    def text(self, source: str) -> str:
        """A template of a step."""
        return render(source, self._context, self._place)

    def action(self, step: OracleStep, messages: Mapping[str, Message]) -> Action:
        """The action in a living company.

        Args:
            step: What is done.
            messages: All mail that is there, by id.

        Raises:
            ScenarioError: The step names a message that has not arrived, or its arguments make no action.
        """
        to, body = self._addressed(step), self.text(step.body).strip()
        match step.kind:
            case "cancel_alert":
                return CancelAlert(code=self.text(step.code))
            case "forward":
                return Forward(message_id=self._arrived(step, messages), **to, body=body)
            case "reply":
                answer = {"body": body, "everyone": step.everyone, "attachments": step.attach}
                return Reply(message_id=self._arrived(step, messages), **answer)
            case "report_concern":
                return ReportConcern(subject=self.text(step.subject), body=body)
            case "send_mail":
                return SendMail(**to, subject=self.text(step.subject), body=body, attachments=step.attach)
        return self._office_action(step, to, body)

    def _office_action(self, step: OracleStep, to: dict[str, tuple[str, ...]], body: str) -> Action:
        given = {name: self._given(name, value) for name, value in step.given.items()}
        mail = {**to, "subject": self.text(step.subject), "body": body, "attachments": step.attach}
        told = {"attendees": to["to"]} if step.kind == "book_event" and to["to"] else {}
        kept = {n: v for n, v in mail.items() if v} if step.kind in ("save_draft", "schedule_mail") else told
        try:
            return _ACTION.validate_python({"kind": step.kind, **kept, **given})
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            key = ".".join(map(str, first["loc"][1:]))
            raise ScenarioError(f"{self._place}: {step.kind}: given.{key}: {first['msg']}") from None

    def _given(self, name: str, value: Any) -> Any:
        if name in TIMES:
            return f"{clock(str(value), self._rendered.world.day):%Y-%m-%d %H:%M}"
        if isinstance(value, list):
            return tuple(self.text(str(v)) for v in value)
        return self.text(value) if isinstance(value, str) else value

    def _addressed(self, step: OracleStep) -> dict[str, tuple[str, ...]]:
        named = {"to": step.to, "cc": step.cc, "bcc": step.bcc}
        return {k: tuple(self._rendered.address(n, self._place, self._context) for n in v) for k, v in named.items()}

    def _arrived(self, step: OracleStep, messages: Mapping[str, Message]) -> str:
        wanted = {(x.time, x.subject, x.body) for x in self._rendered.letters if x.name == step.message}
        for message in messages.values():
            if (message.time, message.subject, message.body) in wanted:
                return message.id
        raise ScenarioError(f"{self._place}: key 'message': {step.message!r} is no email that has arrived")
