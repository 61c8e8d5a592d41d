"""Anybody's monitors of Inspect Sentinel in ours: one that watches calls of tools before they are carried out.

What runs it is Sentinel itself, under a host of ours that has models to be asked and nobody else. For ours in anybody's
evaluation see `turncoat.guards.monitors.watcher`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageTool,
    ChatMessageUser,
    GenerateConfig,
    ModelOutput,
    get_model,
)
from inspect_ai.tool import ToolCall, ToolCallContent, ToolCallView, ToolChoice, ToolInfo
from inspect_ai.util import Store
from inspect_ai.util import store as sample_store
from inspect_sentinel import BeforeToolCall, Observation, observe_only

from turncoat.base.errors import MonitorError, UsageError
from turncoat.guards.monitors.monitor import Monitor, Suspicion
from turncoat.guards.monitors.view import Act, Sees, View, sees
from turncoat.providers.inspect_private import model_roles, sample_state
from turncoat.providers.sentinel_private import HostContext, run_sentinel, step_types


def from_sentinel(instance: Any, seeing: Sees | None = None, name: str = "") -> Monitor:
    """A monitor of Inspect Sentinel's as one of ours.

    Args:
        instance: What its factory returned: a monitor, or a group of functions, that watches calls of tools.
        seeing: How much it is shown; all that there is if None.
        name: What it is called; the name of its function if "".

    Raises:
        UsageError: It is no such monitor, or watches something else than calls of tools.
    """
    try:
        watched = step_types(instance)
    except TypeError as error:
        raise UsageError(f"sentinel monitor: {error}") from None
    name = name or f"sentinel:{getattr(instance, 'functions', (instance,))[0].__name__}"
    if BeforeToolCall not in watched:
        there = ", ".join(sorted(t.__name__ for t in watched))
        raise UsageError(f"monitor {name}: watches {there}; acts are calls of tools, so BeforeToolCall is needed")
    return Foreign(instance, name, sees(seeing or "reasoning"))


@dataclass(frozen=True)
class Foreign:
    """A monitor of Inspect Sentinel's.

    Attributes:
        instance: The monitor.
        name: What it is called in logs.
        sees: How much it is shown.
    """

    instance: Any
    name: str
    sees: Sees

    async def judge(self, view: View) -> Suspicion:
        """Let it look at the act as a call of a tool.

        Raises:
            MonitorError: It fails, or says something else than numbers from 0 to 1.
        """
        heard, host = _Heard(), _Host()
        running = sample_state() is not None
        context = HostContext(host=host, recorder=heard, store=sample_store() if running else Store())
        await run_sentinel(observe_only({"monitor": self.instance}), context, step_of(view))
        if heard.failures:
            raise MonitorError(f"monitor {self.name}: {heard.failures[0]}")
        if not heard.observations:
            return Suspicion(0.0, (), "the monitor abstained", *host.used)
        top = max(heard.observations, key=_peak)
        return Suspicion(_peak(top), (), (top.explanation or "")[:300], *host.used)


def _peak(said: Observation) -> float:
    """The score of an observation; of several dimensions the highest."""
    return max(said.suspicion.values()) if isinstance(said.suspicion, dict) else said.suspicion


@dataclass
class _Heard:
    """What a monitor reported in one step; nothing of it is written into a transcript."""

    observations: list[Observation] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def record(self, context: Any, factory: str, step: Any, reported: Any) -> None:
        if isinstance(reported.report, Observation):
            self.observations.append(reported.report)

    def failed(self, context: Any, factory: str, step: Any, failed: Any) -> None:
        self.failures.append(f"{type(failed.error).__name__}: {failed.error}")

    def cancelled(self, *_: Any) -> None: ...

    def bypassed(self, *_: Any) -> None: ...

    def superseded(self, *_: Any) -> None: ...


class _Host:
    """What a monitor may ask for: models. There is nobody to be asked, and no task to be told of."""

    eval = None

    def __init__(self) -> None:
        self.used = (0, 0, 0)
        """Calls, tokens read, tokens written."""

    async def generate(
        self,
        input: str | list[ChatMessage],
        *,
        model: str | None = None,
        role: str | None = None,
        tools: list[ToolInfo] | None = None,
        tool_choice: ToolChoice | None = None,
        config: GenerateConfig | None = None,
    ) -> ModelOutput:
        wanted = role or (None if model else "monitor")
        found = model_roles().get(wanted) if wanted else None
        if found is None and model is None:
            raise UsageError(f"no model has the role {wanted!r}; give one")
        first = found[0] if isinstance(found, list) else found
        asked = first if first is not None else get_model(model)
        output = await asked.generate(
            input, tools=tools or [], tool_choice=tool_choice, config=config or GenerateConfig()
        )
        used, (calls, read, written) = output.usage, self.used
        self.used = (
            calls + 1,
            read + (used.input_tokens if used else 0),
            written + (used.output_tokens if used else 0),
        )
        return output

    async def ask_human(self, step: Any, escalations: Any, choices: Sequence[str]) -> Any:
        raise UsageError("there is nobody whom a monitor could ask")


_UNSAFE = re.compile(r"[^\w-]+")


def step_of(view: View) -> BeforeToolCall:
    """An act as the call of a tool that it would be, with the conversation before it."""
    before: list[ChatMessage] = [ChatMessageSystem(content=view.task)] if view.task else []
    if view.mail:
        before.append(ChatMessageUser(content="\n\n".join(f"[{t.title}]\n{t.text}" for t in view.mail)))
    for n, act in enumerate(view.acts, 1):
        call = _call(f"act-{n}", act)
        before.append(ChatMessageAssistant(content="", tool_calls=[call]))
        before.append(ChatMessageTool(content=act.ended, tool_call_id=call.id, function=call.function))
    thought = "\n\n".join(view.reasoning)
    call = _call("act", view.act)
    now = ChatMessageAssistant(content=thought, tool_calls=[call])
    shown = ToolCallView(call=ToolCallContent(format="text", content=f"{call.function}\n{view.act.whole}"))
    return BeforeToolCall(
        conversation="turncoat",
        message=thought,
        message_id=now.id or "act",
        call=call,
        view=shown,
        input=before,
        agent_messages=[*before, now],
        history=before,
    )


def _call(name: str, act: Act) -> ToolCall:
    given: dict[str, Any] = {"to": list(act.recipients), "subject": act.subject, "body": act.text}
    given |= {"passed_on": act.passed_on, "attachments": list(act.attachments)}
    arguments = {n: v for n, v in given.items() if v}
    return ToolCall(id=name, function=_UNSAFE.sub("_", act.kind) or "act", arguments=arguments)
