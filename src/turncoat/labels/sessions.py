"""Between Inspect's samples, labelled responses and sessions that are performed again."""

from __future__ import annotations

from inspect_ai.log import EvalSample
from inspect_ai.model import ChatMessageAssistant, ContentReasoning, ModelName
from inspect_ai.solver import TaskState

from turncoat.doors.door import door_of
from turncoat.doors.kept import CUT_OFF, Kept, kept_of
from turncoat.doors.tools.turns import Call, Turn, kept_of_turns
from turncoat.labels.items import Label, Labelled, Origin
from turncoat.scoring.responses import kept_of_data

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


def state_of_labelled(item: Labelled, model: str) -> TaskState:
    """The sample of a response as the state that simulated judges look up; it has no conversation.

    Args:
        item: The response, with its origin.
        model: The model that gave it.
    """
    sample, epoch = (item.origin.sample, item.origin.epoch) if item.origin else (item.id, 1)
    metadata = {n: getattr(item, n) for n in ("scenario", "condition", "world", "interface")}
    # A log of a stranger may name a model without its provider.
    named = ModelName(model if "/" in model else f"unknown/{model}")
    return TaskState(named, sample, epoch, "", [], metadata=metadata)


def _turn(message: ChatMessageAssistant) -> Turn:
    blocks = [] if isinstance(message.content, str) else message.content
    thoughts = [(b.summary or "") if b.redacted else b.reasoning for b in blocks if isinstance(b, ContentReasoning)]
    calls = tuple(Call(tool=c.function, arguments=dict(c.arguments)) for c in message.tool_calls or ())
    return Turn(reasoning="\n\n".join(t for t in thoughts if t), text=message.text, calls=calls)


def kept_of_labelled(item: Labelled) -> Kept:
    """The answer of a labelled response, or the conversation and the attempts of a labelled session."""
    if item.turns:
        return kept_of_turns(item.turns, CUT_OFF[0] if item.truncated else "")
    said = {"response": item.response or "", "reasoning": item.reasoning, "truncated": item.truncated}
    return kept_of_data(said, "response")
