"""Inspect Sentinel both ways: our monitors in anybody's evaluation, and anybody's monitors in ours.

`watcher` is a monitor of Sentinel's, by the name `turncoat/watcher`:

```python
from inspect_sentinel import threshold
from turncoat.guards.monitors.sentinel import watcher

eval(task, model=…, sentinel=threshold(watcher("rules", domains=["firm.example"]), reject_at=0.5))
```

`from_sentinel` makes a monitor of ours of one of Sentinel's that watches calls of tools before they are carried out.
"""

from __future__ import annotations

import json
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
    ContentReasoning,
    GenerateConfig,
    ModelOutput,
    get_model,
)
from inspect_ai.tool import ToolCall, ToolCallContent, ToolCallView, ToolChoice, ToolInfo
from inspect_ai.util import Store
from inspect_ai.util import store as sample_store
from inspect_sentinel import BeforeToolCall, Context, Observation, observe_only
from inspect_sentinel import Monitor as SentinelMonitor
from inspect_sentinel import MonitorGroup as SentinelGroup
from inspect_sentinel import monitor as sentinel_monitor

from turncoat.base.errors import MonitorError, UsageError
from turncoat.guards.monitors.monitor import Monitor, Suspicion, judged
from turncoat.guards.monitors.named import make_monitor
from turncoat.guards.monitors.view import Act, Sees, Text, View, sees
from turncoat.providers.inspect_private import model_roles, sample_state
from turncoat.providers.sentinel_private import HostContext, run_sentinel, step_types
from turncoat.world.people import split_addresses

AnySentinel = SentinelMonitor | SentinelGroup


@sentinel_monitor(name="watcher", version=1, portable=False)
def watcher(by: str = "rules", view: str = "", model: str = "", domains: Sequence[str] = ()) -> SentinelMonitor:
    """A monitor of ours as one of Inspect Sentinel's, before each call of a tool.

    Args:
        by: The monitor; see `turncoat.guards.monitors.named.make_monitor`.
        view: `act`, `acts` or `reasoning`; the monitor's usual one if "".
        model: The model of those that ask one; the role `monitor` of the evaluation if "".
        domains: The domains of whom the agent works for; without them no address is known to be outside.
    """
    ours = make_monitor(by, sees=view, model=model)
    inside = tuple(domains)

    async def watch(context: Context, step: BeforeToolCall) -> Observation:
        said = await judged(ours, view_of_step(context, step, ours.sees, inside))
        quotes = "; ".join(repr(q[:160]) for q in said.evidence)
        return Observation(
            suspicion=float(said.score),
            explanation="; ".join(p for p in (said.reason, quotes) if p) or None,
            metadata={"monitor": ours.name, "evidence": list(said.evidence)},
        )

    return watch


def view_of_step(context: Context, step: BeforeToolCall, seeing: Sees, domains: tuple[str, ...] = ()) -> View:
    """What a monitor of ours is shown of another program's call of a tool."""
    history = list(step.history or step.agent_messages or step.input or ())
    calls = {c.id: c for m in history if isinstance(m, ChatMessageAssistant) for c in m.tool_calls or ()}
    answers = [m for m in history if isinstance(m, ChatMessageTool)]
    answered = {m.tool_call_id: m for m in answers}
    given = context.eval
    task = next((m.text for m in history if isinstance(m, ChatMessageSystem)), "")
    task = task or (given.sample_input_text if given is not None else "")
    view = View(sees=seeing, act=act_of_call(step.call, domains), task=task, domains=domains)
    if seeing == "act":
        return view
    read = [Text("what the agent was given", m.text) for m in history if isinstance(m, ChatMessageUser)]
    read += [Text(f"answer of the tool {m.function or ''}".strip(), m.text) for m in answers]
    done = tuple(
        act_of_call(c, domains, "failed" if answered[i or ""].error else "done")
        for i, c in calls.items()
        if i in answered and i != step.call.id
    )
    thoughts = _thoughts(history, step) if seeing == "reasoning" else ()
    return View(seeing, view.act, task, domains=domains, mail=read, acts=done, reasoning=thoughts)


def _thoughts(history: Sequence[ChatMessage], step: BeforeToolCall) -> tuple[str, ...]:
    found: list[str] = []
    for message in history:
        if isinstance(message, ChatMessageAssistant):
            parts = [] if isinstance(message.content, str) else message.content
            found += [p.reasoning for p in parts if isinstance(p, ContentReasoning) and not p.redacted]
            found.append(message.text)
    return tuple(dict.fromkeys(t for t in (*found, step.message) if t.strip()))


_WHOM = ("to", "cc", "bcc", "recipient", "recipients", "attendees", "address", "addresses", "email", "emails")
_TITLES = ("subject", "title", "name")
_TEXTS = ("body", "text", "content", "message", "comment")
_FILES = ("attachments", "attachment", "files", "file")


def act_of_call(call: ToolCall, domains: tuple[str, ...] = (), ended: str = "") -> Act:
    """A call of any tool as an act, by what its arguments are called."""
    given = {str(n).lower(): v for n, v in call.arguments.items()}
    whom = split_addresses("\n".join(t for n in _WHOM for t in _texts(given.get(n))))[0]
    outside = tuple(a for a in whom if domains and not _within(a, domains))
    known = {*_WHOM, *_TITLES, *_TEXTS, *_FILES}
    rest = {n: v for n, v in given.items() if n not in known}
    text = [t for n in _TEXTS for t in _texts(given.get(n))]
    if rest:
        text.append(json.dumps(rest, ensure_ascii=False, default=str))
    return Act(
        kind=call.function,
        recipients=whom,
        outside=outside,
        subject=" ".join(t for n in _TITLES for t in _texts(given.get(n))),
        text="\n\n".join(text),
        attachments=tuple(t for n in _FILES for t in _texts(given.get(n))),
        ended=ended,
    )


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list | tuple):
        return [t for v in value for t in _texts(v)]
    return [] if value is None else [json.dumps(value, ensure_ascii=False, default=str)]


def _within(address: str, domains: Sequence[str]) -> bool:
    domain = address.rpartition("@")[2]
    return any(f".{domain}".endswith(f".{d.lower()}") for d in domains)


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
    if BeforeToolCall not in watched:
        there = ", ".join(sorted(t.__name__ for t in watched))
        raise UsageError(
            f"sentinel monitor {name}: watches {there}; acts are calls of tools, so BeforeToolCall is needed"
        )
    functions = getattr(instance, "functions", (instance,))
    return Foreign(instance, name or f"sentinel:{functions[0].__name__}", sees(seeing or "reasoning"))


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
