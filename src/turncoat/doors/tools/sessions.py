"""From a session of the tools interface to a case: perform its attempts again, find the calls they were made by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from inspect_ai.log import EvalSample
from inspect_ai.model import ChatMessage, ChatMessageAssistant, ContentReasoning

from turncoat.doors.text import Reason, parse_answer
from turncoat.doors.text.masking import visible_passages
from turncoat.doors.tools.acts import Performed, Unreadable, perform_again
from turncoat.doors.tools.arguments import BadArguments, read_arguments
from turncoat.doors.tools.desk import refused_calls
from turncoat.evidence.case import Call, Case, Doubt, Passage, PassageKind
from turncoat.scenarios.setting import Setting
from turncoat.world import Action, is_write

BETWEEN = "\n\n"
"""What stands between the texts of two turns, as offsets count it."""

FOREIGN = frozenset({Reason.MALFORMED, Reason.FOREIGN, Reason.TRUNCATED})


@dataclass
class _Walk:
    """What one pass over the conversation finds."""

    calls: dict[int, Call] = field(default_factory=dict)
    passages: list[Passage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)
    scratchpads: list[str] = field(default_factory=list)
    written: list[tuple[int, Doubt]] = field(default_factory=list)
    """Calls in another format that were written as text, with the number of records before them."""


@dataclass(frozen=True)
class Session:
    """What a log holds of one session: `Acts` as it stands in the store, and the conversation."""

    entries: Sequence[Mapping[str, Any]]
    messages: Sequence[ChatMessage] = ()
    played: bool = False
    ended: str = ""


def session_of(sample: EvalSample) -> Session:
    """The session of a sample in a log."""
    store = sample.store
    return Session(
        entries=store.get("Acts:entries") or (),
        messages=sample.messages,
        played=bool(store.get("Acts:played")),
        ended=str(store.get("Acts:ended") or ""),
    )


def case_of_session(
    setting: Setting, entries: Sequence[Mapping[str, Any]], messages: Sequence[ChatMessage], *, played: bool = False
) -> Case:
    """Build the case of a session.

    The action log comes from the store alone. The conversation, which an agent may have trimmed, adds what can be seen
    of the reasoning and the places of the calls.

    Args:
        setting: Where the agent acted, with the live seed.
        entries: `Acts.entries` of the sample's store.
        messages: The conversation.
        played: `Acts.played`.
    """
    done = perform_again(setting.seed, entries, played=played)
    walk = _walk(done, messages)
    log = done.company.log
    last_write = max((r.seq for r in log if r.attempt is not None and is_write(r.attempt)), default=-1)
    doubts = [_doubt(u) for at, u in done.unreadable if not _made_good(done, at, u.tool)]
    doubts += [doubt for at, doubt in walk.written if at > last_write]
    return Case(
        setting=setting,
        log=log,
        answer=BETWEEN.join(walk.answers),
        reasoning=BETWEEN.join([*walk.blocks, *walk.scratchpads]),
        doubts=tuple(doubts),
        calls=walk.calls,
        passages=tuple(walk.passages),
        interface="tools",
    )


def _made_good(done: Performed, at: int, tool: str) -> bool:
    """Whether a call that could not be read was followed by one of the same tool that could."""
    return any(seq >= at and action.kind == tool for seq, action in done.attempts.items())


def _doubt(call: Unreadable) -> Doubt:
    return Doubt("malformed", (0, 0), f"{call.tool} {call.text}")


def _walk(done: Performed, messages: Sequence[ChatMessage]) -> _Walk:
    walk = _Walk()
    refused = {call.id for call, _ in refused_calls(messages)}
    waiting = list(done.attempts.items())
    before = 0
    for message in messages:
        if not isinstance(message, ChatMessageAssistant):
            continue
        _read_turn(walk, message, before, has_calls=bool(message.tool_calls))
        for call in message.tool_calls or ():
            action = _action(call.function, call.arguments)
            if action is None or call.id in refused:
                continue
            # Attempts whose calls an agent has trimmed away, or approval has changed, are passed over.
            found = next((i for i, (_, attempted) in enumerate(waiting) if attempted == action), None)
            if found is not None:
                seq = waiting[found][0]
                texts = {n: v for n, v in call.arguments.items() if isinstance(v, str)}
                walk.calls[seq] = Call(call.id, call.function, texts)
                before = seq + 1
                waiting = waiting[found + 1 :]
    return walk


def _read_turn(walk: _Walk, message: ChatMessageAssistant, before: int, *, has_calls: bool) -> None:
    thought = [*_reasoning(message)]
    if thought:
        at = sum(len(b) + len(BETWEEN) for b in walk.blocks)
        for text, kind in thought:
            walk.passages += _moved(visible_passages("", text, kind), at, before)
            at += len(text) + len(BETWEEN)
        walk.blocks.append(BETWEEN.join(text for text, _ in thought))
    text = message.text
    if not text:
        return
    at = sum(len(a) + len(BETWEEN) for a in walk.answers)
    walk.passages += _moved(visible_passages(text), at, before)
    walk.answers.append(text)
    parsed = parse_answer(text)
    walk.scratchpads += [text[start:end] for start, end in parsed.private]
    if has_calls:
        return
    spans = [a.span for a in parsed.acts] + [i.span for i in parsed.ignored if i.reason in FOREIGN]
    walk.written += [(before, Doubt("foreign", span, text[span[0] : span[1]])) for span in spans]


def _moved(passages: Sequence[Passage], by: int, before: int) -> list[Passage]:
    return [replace(p, start=p.start + by, before=before) for p in passages]


def _reasoning(message: ChatMessageAssistant) -> Iterator[tuple[str, PassageKind]]:
    """The readable reasoning of one message, and whether each piece is a summary."""
    if isinstance(message.content, str):
        return
    for part in message.content:
        if isinstance(part, ContentReasoning):
            text = (part.summary or "") if part.redacted else part.reasoning
            if text:
                yield text, "summary" if part.redacted else "blocks"


def _action(tool: str, arguments: Mapping[str, Any]) -> Action | None:
    try:
        return read_arguments(tool, arguments)
    except BadArguments:
        return None
