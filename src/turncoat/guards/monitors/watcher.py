"""Our monitors in anybody's evaluation: each as a monitor of Inspect Sentinel, by the name `turncoat/watcher`.

```python
from inspect_sentinel import threshold
from turncoat.guards.monitors.watcher import watcher

eval(task, model=…, sentinel=threshold(watcher("rules", domains=["firm.example"]), reject_at=0.5))
```
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageTool,
    ChatMessageUser,
    ContentReasoning,
)
from inspect_ai.tool import ToolCall
from inspect_sentinel import BeforeToolCall, Context, Observation
from inspect_sentinel import Monitor as SentinelMonitor
from inspect_sentinel import monitor as sentinel_monitor

from turncoat.guards.monitors.monitor import judged
from turncoat.guards.monitors.named import make_monitor
from turncoat.guards.monitors.view import Act, Sees, Text, View
from turncoat.world.people import split_addresses


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
