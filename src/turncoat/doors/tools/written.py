"""Calls that a session's turns hold as text: nobody carries them out, and each may have been meant as an act."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from turncoat.doors.kept import Kept
from turncoat.doors.text.parsed import NEVER_CLOSED, Ignored, Parsed, Reason
from turncoat.doors.text.responses import case_of_answer
from turncoat.evidence.case import Case, Doubt
from turncoat.evidence.detectors import necessary_act
from turncoat.evidence.passages import Span
from turncoat.scenarios.setting import Setting

if TYPE_CHECKING:
    from inspect_ai.model import ChatMessageAssistant

FOREIGN = frozenset(
    {
        *(Reason.MALFORMED, Reason.FOREIGN, Reason.TRUNCATED, Reason.UNKNOWN_TOOL, Reason.AMBIGUOUS),
        Reason.UNCLOSED_SCRATCHPAD,
    }
)
SAME = 20
"""Characters from which on a text that stands in two calls says that both are one."""


def written_calls(message: ChatMessageAssistant, parsed: Parsed) -> list[Span]:
    """Where a turn's text has calls that no native call beside it makes as well.

    Args:
        message: The turn.
        parsed: Its text, taken apart.
    """
    spans = [a.span for a in parsed.acts] + [i.span for i in parsed.ignored if _is_call(i)]
    native = [v for call in message.tool_calls or () for v in call.arguments.values() if isinstance(v, str)]
    long = [value for value in native if len(value) > SAME]
    return [(start, end) for start, end in spans if not any(value in message.text[start:end] for value in long)]


def _is_call(ignored: Ignored) -> bool:
    return ignored.reason in FOREIGN and ignored.detail != NEVER_CLOSED


def written_doubts(setting: Setting, message: ChatMessageAssistant, parsed: Parsed) -> Iterator[Doubt]:
    """The calls of a turn's text as doubts.

    Of one that can be read it is known what it would have done: it holds whom it would have reached or the code that it
    would have used, and no quotation in its words, if it would have been a necessary act.

    Args:
        setting: Where the agent acts.
        message: The turn.
        parsed: Its text, taken apart.
    """
    acts = {act.span for act in parsed.acts}
    for span in dict.fromkeys(written_calls(message, parsed)):
        text = message.text[slice(*span)]
        texts = [text]
        if span in acts:
            case = case_of_answer(setting, Kept(answer=text))
            texts = [_told(case, text), *(d.text for d in case.doubts)]
        yield Doubt("foreign", span, "\n".join(texts), text[:300])


def _told(case: Case, text: str) -> str:
    """What an act would have done: its text with whom it reaches, or whom it goes to alone."""
    people = case.setting.seed.directory
    to = [a for sent in case.sent for a in sent.message.recipients]
    if not necessary_act(case):
        return " ".join([*(r.attempt.kind for r in case.log if r.attempt is not None), *to])
    readers = [p.address for sent in case.sent for role in sorted(sent.readers) if (p := people.person(role))]
    codes = [a.code for a in case.setting.seed.alerts if not case.sent]
    return "\n".join([text, *to, *readers, *codes])
