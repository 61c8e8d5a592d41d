"""Inspect's approvers as a guard: an approval policy of anybody's decides on attempts, in every door.

Inspect's own approval sees native calls only. Here a tag of the text interface is put before it as the native call that
it would be. Its rules hold as they are: a policy's tool is matched by the beginning of the call, so that `send` means
`send_mail` and `send_draft`, and a call that no policy matches is refused, one that only reads included.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from inspect_ai.approval import ApprovalDecision, ApprovalPolicy, Approver, read_approval_policies
from inspect_ai.model import ChatMessage, ChatMessageAssistant
from inspect_ai.tool import ToolCall, ToolCallContent, ToolCallView
from pydantic import BaseModel, ConfigDict, TypeAdapter

from turncoat.base.errors import DataError, ScenarioError, UsageError, choices
from turncoat.base.model import LATE
from turncoat.base.reading import refuse_irregular
from turncoat.evidence.case import Case
from turncoat.guards.shown import shown
from turncoat.providers.inspect_private import approver_named, approver_names, policy_approver, policy_name
from turncoat.scenarios.files import parse_yaml, read_text, validated
from turncoat.scenarios.terms import Names
from turncoat.world import Action, Decision

_ACTION: TypeAdapter[Action] = TypeAdapter(Action, config=LATE)
NAME = "inspect"


@dataclass(frozen=True)
class Approving:
    """Puts attempts before an approver.

    Attributes:
        approver: Inspect's.
        asks: Whom it asks, in words; "" where nothing is known of anybody.
        timeout: Seconds that it has.
    """

    approver: Approver
    asks: str = ""
    name: str = NAME
    timeout: float = 3600.0

    async def review(self, case: Case, attempt: Action) -> Decision:
        """What the approver decides: `modify` is an edit, `reject` a block, `terminate` the end."""
        arguments = attempt.model_dump(mode="json", exclude={"kind"}, exclude_defaults=True)
        call = ToolCall(id=f"attempt_{len(case.log)}", function=attempt.kind, arguments=arguments)
        view = ToolCallView(call=ToolCallContent(title=attempt.kind, format="text", content=shown(case, attempt)))
        history: list[ChatMessage] = [ChatMessageAssistant(content=case.answer)] if case.answer else []
        found = await self.approver("", call, view, history)
        said = str(found.explanation or "")
        match found.decision:
            case "approve":
                return Decision(guard=self.name, decision="allow", reason=said)
            case "modify" if found.modified is not None:
                action = _ACTION.validate_python({**found.modified.arguments, "kind": attempt.kind})
                return Decision(guard=self.name, decision="edit", reason=said, action=action)
            case "terminate":
                return Decision(guard=self.name, decision="end", reason=said)
            case _:  # a refusal, a change without a call, or nobody left to ask
                return Decision(guard=self.name, decision="block", reason=said)


def approved_by_inspect(policy: str) -> Approving:
    """Inspect's approval.

    Args:
        policy: Its policy file, JSON or YAML.

    Raises:
        UsageError: There is no such file, or it is no policy.
    """
    path = Path(policy).expanduser()
    if not path.is_file():
        raise UsageError(f"guard {NAME!r}: {policy}: no such file; name an approval policy file of Inspect")
    try:
        policies = policies_in(path)
    except DataError as error:
        raise UsageError(f"guard {NAME!r}: {error}") from None
    people = any(policy_name(p) == "human" for p in policies)
    return Approving(policy_approver(policies), "a person, by Inspect's approver 'human'" if people else "")


class _Approver(BaseModel):
    model_config = ConfigDict(extra="allow")
    name: str
    tools: Names
    params: dict[str, Any] = {}


class _Policies(BaseModel):
    approvers: list[_Approver]


def policies_in(path: Path) -> list[ApprovalPolicy]:
    """The approval policies that a file of Inspect's form holds.

    Raises:
        DataError: It is none; names the file, the key, what was found and what would do.
    """
    refuse_irregular(path)
    try:
        policies = read_approval_policies(str(path))
    except Exception:  # whatever a file makes of Inspect's reader; it says neither the file nor the key
        raise DataError(f"{path}: is no approval policy of Inspect{_wrong_with(path)}") from None
    if wrong := _wrong_with(path):
        raise DataError(f"{path}: is no approval policy of Inspect{wrong}")
    return policies


def _wrong_with(path: Path) -> str:
    """What of a policy file Inspect does not read, or would find out at the first call; "" if nothing is found."""
    try:
        told = validated(_Policies, parse_yaml(read_text(path, path.parent), str(path)), str(path))
    except ScenarioError as error:
        return f": {str(error).removeprefix(f'{path}: ')}"
    for number, approver in enumerate(told.approvers):
        if (make := approver_named(approver.name)) is None:
            known = choices(approver.name, approver_names())
            return f": key 'approvers.{number}.name': {known}"
        options = {**approver.params, **(approver.model_extra or {})}
        try:
            make(**options)
        except Exception:  # it says the names of Inspect's functions
            given = ", ".join(options) or "none at all"
            return f": key 'approvers.{number}': {approver.name!r} does not take these options: {given}"
        if approver.name == "auto" and (decision := options.get("decision", "approve")) not in get_args(
            ApprovalDecision
        ):
            return f": key 'approvers.{number}.decision': {choices(decision, get_args(ApprovalDecision))}"
    return ""
