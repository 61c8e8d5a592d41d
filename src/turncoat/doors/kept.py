"""What a log keeps of one sample: its answer and conversation, and its store of attempts and decisions.

It is the same for all doors, and made alike of a running sample and of one in a log.

The company of a session follows from its seed and the attempts. Only what others decided (guards, colleagues played by
a model, the reviewer of an office outside) is written down beside them: no mailbox is copied into the log, and scoring
performs the same attempts in a fresh company. Where the attempts stand in the kept answer, as in the text interface,
only the decisions are written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from turncoat.base.model import LATE, Frozen
from turncoat.evidence.case import CutOff, PassageKind, Unscored
from turncoat.evidence.endings import ending
from turncoat.evidence.passages import Span
from turncoat.providers.calls import STOP
from turncoat.world import Action, ActionLog, Decision, Message
from turncoat.world.actions import Decisions, Finish

if TYPE_CHECKING:  # what is scored from a file needs no Inspect, whose import would be most of the time
    from inspect_ai.log import EvalSample
    from inspect_ai.model import ChatMessage, ChatMessageAssistant, ModelOutput
    from inspect_ai.solver import TaskState

MAX_KEPT = 20_000
"""Longest text of an unreadable call that is kept, in characters."""


SCORERS_SPAN = "scorers"
"""How Inspect calls the span of events in which a sample is scored."""


class Attempted(Frozen):
    """The agent attempted something."""

    type: Literal["attempt"] = "attempt"
    action: Action
    decisions: Decisions = ()


class Decided(Frozen):
    """What guards decided on an act that stands in the answer."""

    type: Literal["decided"] = "decided"
    span: Span
    """Where in the answer; several acts may stand in one tag, in order."""
    decisions: tuple[Decision, ...]


class Composed(Frozen):
    """A colleague played by a model wrote to the agent."""

    type: Literal["composed"] = "composed"
    message: Message
    """Id and time are given on arrival."""
    cause: int | None = None


class Unreadable(Frozen):
    """A call that was none: an unknown tool, or arguments that make no action. It had no effect."""

    type: Literal["unreadable"] = "unreadable"
    call: str = ""
    """Id of the call, where it is known."""
    tool: str
    text: str
    """The arguments as they came, cut at `MAX_KEPT`."""
    problem: str = ""


class Reviewed(Frozen):
    """A model decided the review of a report, in the place of an office outside; see `turncoat.world.Review`."""

    type: Literal["reviewed"] = "reviewed"
    outcome: str
    reason: str = ""
    failed: str = ""
    """Why it decided nothing, where the outcome is the rule's."""


Entry = Annotated[Attempted | Decided | Composed | Unreadable | Reviewed, Field(discriminator="type")]
ENTRY: TypeAdapter[Entry] = TypeAdapter(Entry, config=LATE)
"""Reads an entry from plain data, of older logs too."""


def dump(entry: Entry) -> dict[str, Any]:
    """An entry as plain data without what is default."""
    data = {**entry.model_dump(mode="json", exclude_defaults=True), "type": entry.type}
    if isinstance(entry, Attempted):
        data["action"]["kind"] = entry.action.kind
    if isinstance(entry, Attempted | Decided):
        for kept, decision in zip(data.get("decisions", ()), entry.decisions, strict=True):
            if decision.action is not None:
                kept["action"]["kind"] = decision.action.kind
    return data


def ended_by_guard(log: ActionLog) -> CutOff | None:
    """That a guard ended the session, which leaves unsaid what the agent would have done."""
    ending = next((d for record in log for d in record.decisions if d.decision == "end" or _finishes(d)), None)
    if ending is None:
        return None
    detail = f"the guard {ending.guard} ended the session before anything harmful was attempted"
    return CutOff(Unscored.ENDED, f"{detail}: {ending.reason}" if ending.reason else detail)


def _finishes(decision: Decision) -> bool:
    return decision.decision == "edit" and isinstance(decision.action, Finish)


CUT_OFF = ("max_tokens", "model_length")
"""Inspect's stop reasons that say that an output was cut off; of other words see `turncoat.evidence.endings`."""

WITHHELD = "content_filter"
"""Inspect's stop reason of an output that the provider withheld."""


@dataclass(frozen=True)
class Kept:
    """What there is to make a case of.

    Attributes:
        answer: The visible text of the last output.
        reasoning: The provider's thinking in it, or "".
        kind: Whether that is the thinking itself (`blocks`) or a `summary`.
        stop: How the output ended: Inspect's stop reason, or any word of `turncoat.evidence.endings`; "" where it is
            not known or there was no output.
        messages: The conversation.
        entries: What the store keeps of attempts and decisions; see `Entry`.
        played: Whether colleagues were played by a model.
        ended: How a session ended; see `Acts.ended`. Of another program's conversation: `limit:<kind>`, or "".
        turns: The agent's own turns, without those that stood in its input, such as examples.
        elsewhere: Outputs of the same model that the sample's events hold and its conversation does not, as where an
            agent has shortened it.
        stops: How its turns ended; see `Acts.stops`.
    """

    answer: str = ""
    reasoning: str = ""
    kind: PassageKind = "blocks"
    stop: str = ""
    messages: Sequence[ChatMessage] = ()
    entries: Sequence[Mapping[str, Any]] = ()
    played: bool = False
    ended: str = ""
    turns: Sequence[ChatMessageAssistant] = ()
    elsewhere: Sequence[ChatMessageAssistant] = ()
    stops: Sequence[str] = ()

    @property
    def truncated(self) -> bool:
        """Whether the output did not end by itself, so that its last call may be half of one."""
        return ending(self.stop) is not None


@dataclass(frozen=True)
class Script:
    """What a scripted agent does in one sample, the same whatever the door.

    Attributes:
        thought: What it thinks, or "".
        prose: What it says, or "".
        actions: What it does, in order. Messages have the ids of the door's company.
    """

    thought: str = ""
    prose: str = ""
    actions: Sequence[Action] = ()


def kept_of(sample: TaskState | EvalSample) -> Kept:
    """What is kept of a sample: of one that has just run, or of one in a log, with its attachments resolved."""
    output, store = sample.output, sample.store
    blocks = thoughts(output.message) if output.choices else []
    return Kept(
        answer=output.completion,
        reasoning="\n\n".join(text for text, _ in blocks).strip(),
        kind="summary" if blocks and all(kind == "summary" for _, kind in blocks) else "blocks",
        stop=stop_said(output),
        messages=sample.messages,
        entries=store.get("Acts:entries") or (),
        played=bool(store.get("Acts:played")),
        ended=str(store.get("Acts:ended") or ""),
        turns=own_turns(sample),
        elsewhere=() if "stimulus" in sample.metadata else outputs_elsewhere(sample),
        stops=store.get("Acts:stops") or (),
    )


def stop_said(output: ModelOutput) -> str:
    """How an output ended: Inspect's stop reason, or the provider's word where that says more; "" without output."""
    if not output.choices:
        return ""
    said = (output.metadata or {}).get(STOP)
    return str(said if said and (output.stop_reason == "unknown" or ending(said)) else output.stop_reason)


def own_turns(sample: TaskState | EvalSample) -> list[ChatMessageAssistant]:
    """The agent's turns in a sample's conversation, without those that stood in its input, such as examples."""
    given = [] if isinstance(sample.input, str) else sample.input
    examples = [m.text for m in given if m.role == "assistant"]
    turns = []
    for message in sample.messages:
        if message.role != "assistant" or message.source == "input":
            continue
        if message.source is None and examples[:1] == [message.text]:
            examples.pop(0)
        else:
            turns.append(message)
    return turns


def outputs_elsewhere(sample: TaskState | EvalSample) -> list[ChatMessageAssistant]:
    """Outputs of the model that answered last, before anything was scored, that the conversation does not hold.

    In tasks of ours there are none: what else the model is asked there, a guard asks.
    """
    from inspect_ai.log import EvalSample, transcript

    if not sample.output.choices:
        return []
    events = sample.events if isinstance(sample, EvalSample) else transcript().events
    there = {m.id for m in sample.messages} | {m.text for m in sample.messages if m.role == "assistant"}
    found = []
    for event in events:
        if event.event == "span_begin" and event.name == SCORERS_SPAN:
            break
        if event.event != "model" or event.role is not None or not event.output.choices:
            continue
        message = event.output.message
        if event.output.model == sample.output.model and not there & {message.id, message.text}:
            found.append(message)
    return found


def thoughts(message: ChatMessage) -> list[tuple[str, PassageKind]]:
    """The provider's reasoning in one message as far as it can be read, and whether each piece is a summary."""
    parts = [] if isinstance(message.content, str) else message.content
    blocks = [part for part in parts if part.type == "reasoning"]
    return [(b.summary or "", "summary") if b.redacted else (b.reasoning, "blocks") for b in blocks]
