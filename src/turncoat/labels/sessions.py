"""Between Inspect's samples, labelled responses and sessions that are performed again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from inspect_ai.log import EvalSample
from inspect_ai.model import ChatMessage, ChatMessageAssistant, ContentReasoning, ContentText
from inspect_ai.tool import ToolCall

from turncoat.doors.door import door_of
from turncoat.doors.kept import CUT_OFF, Attempted, Kept, Unreadable, dump, kept_of
from turncoat.doors.tools.sessions import BadArguments, read_arguments
from turncoat.labels.items import Call, Label, Labelled, Origin, Turn

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
    its_door = door_of(metadata)
    if its_door.live:
        turns = tuple(_turn(m) for m in sample.messages if isinstance(m, ChatMessageAssistant)) or (Turn(),)
        return base.model_copy(update={"interface": its_door.name, "response": None, "turns": turns})
    kept = kept_of(sample)
    shown = {"response": kept.answer, "reasoning": kept.reasoning or None, "truncated": kept.truncated}
    return base.model_copy(update={"interface": its_door.name, **shown})


def _turn(message: ChatMessageAssistant) -> Turn:
    blocks = [] if isinstance(message.content, str) else message.content
    thoughts = [(b.summary or "") if b.redacted else b.reasoning for b in blocks if isinstance(b, ContentReasoning)]
    calls = tuple(Call(tool=c.function, arguments=dict(c.arguments)) for c in message.tool_calls or ())
    return Turn(reasoning="\n\n".join(t for t in thoughts if t), text=message.text, calls=calls)


def kept_of_labelled(item: Labelled) -> Kept:
    """The answer of a labelled response, or the conversation and the attempts of a labelled session."""
    return Kept(
        answer=item.response or "",
        reasoning=item.reasoning or "",
        stop=CUT_OFF[0] if item.truncated else "",
        messages=list(_messages(item.turns)),
        entries=[_entry(call) for turn in item.turns for call in turn.calls],
        ended="finished",
    )


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
