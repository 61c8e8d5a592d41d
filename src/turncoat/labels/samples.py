"""From a sample of a log to a response that can be labelled, without its label."""

from __future__ import annotations

from inspect_ai.log import EvalSample
from inspect_ai.model import ChatMessageAssistant, ContentReasoning

from turncoat.labels.items import Call, Label, Labelled, Origin, Turn
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
