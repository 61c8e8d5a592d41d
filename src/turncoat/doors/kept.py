"""What a log keeps of one sample, the same for all doors; made alike of a running sample and of one in a log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from turncoat.evidence.case import PassageKind

if TYPE_CHECKING:
    from inspect_ai.log import EvalSample
    from inspect_ai.model import ChatMessage, ContentReasoning, ModelOutput
    from inspect_ai.solver import TaskState

CUT_OFF = ("max_tokens", "model_length")
"""Stop reasons that say that an output was cut off."""


WITHHELD = "content_filter"
"""The stop reason of an output that the provider withheld."""


@dataclass(frozen=True)
class Kept:
    """What there is to make a case of.

    Attributes:
        answer: The visible text of the last output.
        reasoning: The provider's thinking in it, or "".
        kind: Whether that is the thinking itself (`blocks`) or a `summary`.
        stop: The provider's stop reason, "" where it is not known or there was no output.
        messages: The conversation.
        entries: What the store keeps of attempts and decisions; see `turncoat.doors.acts`.
        played: Whether colleagues were played by a model.
        ended: How a session ended; see `Acts.ended`.
    """

    answer: str = ""
    reasoning: str = ""
    kind: PassageKind = "blocks"
    stop: str = ""
    messages: Sequence[ChatMessage] = ()
    entries: Sequence[Mapping[str, Any]] = ()
    played: bool = False
    ended: str = ""

    @property
    def truncated(self) -> bool:
        """Whether the output was cut off."""
        return self.stop in CUT_OFF


def kept_of(sample: TaskState | EvalSample) -> Kept:
    """What is kept of a sample: of one that has just run, or of one in a log, with its attachments resolved."""
    output, store = sample.output, sample.store
    blocks = _blocks(output)
    return Kept(
        answer=output.completion,
        reasoning="\n\n".join(b.summary or "" if b.redacted else b.reasoning for b in blocks).strip(),
        kind="summary" if blocks and all(b.redacted for b in blocks) else "blocks",
        stop=str(output.stop_reason) if output.choices else "",
        messages=sample.messages,
        entries=store.get("Acts:entries") or (),
        played=bool(store.get("Acts:played")),
        ended=str(store.get("Acts:ended") or ""),
    )


def _blocks(output: ModelOutput) -> list[ContentReasoning]:
    if not output.choices or isinstance(output.message.content, str):
        return []
    return [c for c in output.message.content if c.type == "reasoning"]
