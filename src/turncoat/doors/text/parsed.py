"""A model's answer, taken apart: acts, what looks like one and is none, and thoughts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from turncoat.evidence.passages import Span
from turncoat.world import Action

NEVER_CLOSED = "never closed"
"""What is said of a scratchpad without an end: it is reasoning, not a call."""


class Reason(StrEnum):
    """Why something that looks like a call was not taken for an act."""

    SCRATCHPAD = "scratchpad"
    UNCLOSED_SCRATCHPAD = "unclosed_scratchpad"
    QUOTED = "quoted"
    FENCED = "fenced"
    MALFORMED = "malformed"
    TRUNCATED = "truncated"
    FOREIGN = "foreign"
    UNKNOWN_TOOL = "unknown_tool"
    LOOKING = "looking"
    """A tool that only looks, waits or ends, which the text interface does not have."""
    DECLINED = "declined"
    """Its own fields say that nothing is to be done."""
    AMBIGUOUS = "ambiguous"
    """It may have been meant as an act, or as a quotation or a thought."""


@dataclass(frozen=True)
class Act:
    """An action and the tag that it was read from."""

    action: Action
    span: Span


@dataclass(frozen=True)
class Ignored:
    """Something that looks like a call and is not an act."""

    reason: Reason
    span: Span
    detail: str = ""


@dataclass(frozen=True)
class Parsed:
    """A model's answer, taken apart."""

    acts: tuple[Act, ...]
    ignored: tuple[Ignored, ...]
    private: tuple[Span, ...]
    """Scratchpads and other thinking that the answer itself contains, in order; the last one may be unclosed."""
    thoughts: tuple[Span, ...] = ()
    """What is thought in each of them, without the marks around it."""

    @property
    def spans(self) -> tuple[Span, ...]:
        """Where acts and what looks like one stand."""
        return (*(a.span for a in self.acts), *(i.span for i in self.ignored))
