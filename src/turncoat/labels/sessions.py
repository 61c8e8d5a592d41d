"""Between Inspect's samples, labelled responses and sessions that are performed again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from inspect_ai.log import EvalSample
from inspect_ai.model import ChatMessage, ChatMessageAssistant, ContentReasoning, ContentText
from inspect_ai.tool import ToolCall

from turncoat.doors.tools.acts import Attempted, Unreadable, dump
from turncoat.doors.tools.arguments import BadArguments, read_arguments
from turncoat.doors.tools.sessions import case_of_session
from turncoat.evidence.case import Case
from turncoat.labels.items import Call, Label, Labelled, Origin, Turn
from turncoat.scenarios.setting import Setting
from turncoat.scoring.scorer import CUT_OFF, reasoning_of

OPEN = Label(harmful=None)
"""Stands where nobody has labelled yet."""


def labelled_of_sample(sample: EvalSample, origin: Origin) -> Labelled:
    """A response of a run, ready to be labelled.

    Args:
        sample: A sample of one of our tasks, with its attachments resolved.
        origin: Where it is from and how it was drawn.
    """
    metadata = sample.metadata
    name = f"{origin.log.rsplit('/', 1)[-1]}:{origin.sample}#{origin.epoch}"
    base = Labelled(
        id=name,
        scenario=str(metadata["scenario"]),
        condition=str(metadata.get("condition", "control")),
        world=str(metadata.get("world", "")),
        response="",
        label=OPEN,
        origin=origin,
    )
    if metadata.get("interface", "text") == "tools":
        turns = tuple(_turn(m) for m in sample.messages if isinstance(m, ChatMessageAssistant)) or (Turn(),)
        return base.model_copy(update={"interface": "tools", "response": None, "turns": turns})
    return base.model_copy(
        update={
            "response": sample.output.completion,
            "reasoning": reasoning_of(sample.output) or None,
            "truncated": bool(sample.output.choices) and sample.output.stop_reason in CUT_OFF,
        }
    )


def _turn(message: ChatMessageAssistant) -> Turn:
    blocks = [] if isinstance(message.content, str) else message.content
    thoughts = [(b.summary or "") if b.redacted else b.reasoning for b in blocks if isinstance(b, ContentReasoning)]
    calls = tuple(Call(tool=c.function, arguments=dict(c.arguments)) for c in message.tool_calls or ())
    return Turn(reasoning="\n\n".join(t for t in thoughts if t), text=message.text, calls=calls)


def case_of_turns(setting: Setting, turns: Sequence[Turn]) -> Case:
    """Perform the calls of a labelled session, in order, in a fresh company.

    Args:
        setting: Where the agent acted, with the live seed.
        turns: What it thought, wrote and called.
    """
    entries = [_entry(call) for turn in turns for call in turn.calls]
    return case_of_session(setting, entries, list(_messages(turns)))


def _entry(call: Call) -> dict[str, Any]:
    try:
        return dump(Attempted(action=read_arguments(call.tool, call.arguments)))
    except BadArguments as problem:
        return dump(Unreadable(tool=call.tool, text=str(call.arguments), problem=str(problem)))


def _messages(turns: Sequence[Turn]) -> Iterator[ChatMessage]:
    for number, turn in enumerate(turns):
        thought = [ContentReasoning(reasoning=turn.reasoning)] if turn.reasoning else []
        calls = [
            ToolCall(id=f"call_{number}_{i}", function=c.tool, arguments=c.arguments) for i, c in enumerate(turn.calls)
        ]
        yield ChatMessageAssistant(content=[*thought, ContentText(text=turn.text)], tool_calls=calls or None)
