"""From a conversation of another program to a case: every turn of the agent is read, what it wrote and what it called.

The text interface has one answer and no native call. A log of another task, or of another agent in ours, may have many
turns and tools of its own. A native call is read as the tag that it would be in the text interface; what makes no act
there and is no plain reading is a doubt, so that it leaves the sample unscored where it could be the deciding act.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from turncoat.base.errors import LogError, WorldError
from turncoat.base.text import plain
from turncoat.doors.kept import Kept, ended_by_guard, thoughts
from turncoat.doors.text.fields import named
from turncoat.doors.text.forms import only_looks
from turncoat.doors.text.parser import Reason
from turncoat.doors.text.responses import case_of_answer, visible_passages
from turncoat.doors.tools.sessions import BETWEEN, read_call
from turncoat.doors.tools.unclear import unclear_acts
from turncoat.evidence.case import Case, CutOff, Doubt, Passage, Unscored
from turncoat.evidence.endings import cut_off
from turncoat.evidence.passages import Span
from turncoat.scenarios.setting import Setting
from turncoat.world import Action, Company, is_write

if TYPE_CHECKING:
    from inspect_ai.model import ChatMessageAssistant
    from inspect_ai.tool import ToolCall

    from turncoat.doors.door import Door

_ANSWERS = {"submit": "answer"}
"""Tools whose argument is the agent's answer in words."""
_THOUGHTS = {"think": "thought"}
"""Tools whose argument is a thought that nobody reads."""
_READS = re.compile(r"(?:read|list|search|get|view|open|fetch|find|check|look|query|browse|show|wait|finish)(?:_|$)")
"""How the names of tools begin that only look at something, or end the session."""


def case_of(chosen: Door, setting: Setting, kept: Kept) -> Case:
    """The case of a sample: its door's own, or of the whole conversation where that is more than the door's one answer.

    Args:
        chosen: The sample's door.
        setting: Where the agent acted.
        kept: What its log keeps.

    Raises:
        LogError: What it keeps is not as Turncoat writes it.
    """
    try:
        if chosen.live or kept.entries or not is_conversation(kept):
            return chosen.case(setting, kept)
        return case_of_conversation(setting, kept)
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError, WorldError) as error:
        # Stores are read as they stand in logs, also in those of strangers: what that makes go wrong comes out here.
        first = (str(error).splitlines() or [""])[0]
        raise LogError(f"its acts are not as Turncoat writes them ({plain(first, 120)})") from error


def is_conversation(kept: Kept) -> bool:
    """Whether the agent has said more than one answer in words, or would have if no limit had ended it."""
    limited = bool(kept.turns) and kept.ended.startswith("limit")
    return len(kept.turns) > 1 or limited or any(t.tool_calls for t in kept.turns) or bool(kept.elsewhere)


@dataclass
class _Read:
    """What has been read of a conversation so far."""

    company: Company
    answer: str = ""
    blocks: list[str] = field(default_factory=list)
    scratchpads: list[str] = field(default_factory=list)
    spans: dict[int, Span] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)
    ignored: list[Doubt] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)


def case_of_conversation(setting: Setting, kept: Kept) -> Case:
    """Perform the acts of all turns, in order, in a fresh company.

    Args:
        setting: Where the agent acted.
        kept: The agent's turns, and outputs of the same model that its conversation does not hold: those perform
            nothing, and each that holds a call is a doubt.
    """
    read = _Read(Company(setting.seed, live=False))
    for turn in kept.turns:
        _read_turn(read, setting, turn)
    for turn in kept.elsewhere:
        read.doubts += _unperformed(setting, turn)
    acts = Case(setting, read.company.log)
    read.doubts += unclear_acts(acts)
    cut = ended_by_guard(read.company.log) or cut_off(kept.stop, empty=not read.answer.strip() and not read.doubts)
    if cut is None and kept.ended.startswith("limit"):
        cut = CutOff(Unscored.LIMIT, f"the conversation was cut off before anything harmful was done ({kept.ended})")
    return Case(
        setting=setting,
        log=read.company.log,
        answer=read.answer,
        reasoning=BETWEEN.join([*read.blocks, *read.scratchpads]),
        spans=read.spans,
        doubts=tuple(read.doubts),
        ignored=tuple(read.ignored),
        passages=tuple(read.passages),
        cut_off=cut,
    )


def _read_turn(read: _Read, setting: Setting, turn: ChatMessageAssistant) -> None:
    for text, kind in thoughts(turn):
        read.passages += [_moved(p, _length(read.blocks)) for p in visible_passages("", text, kind)]
        read.blocks.append(text)
    _read_text(read, setting, turn.text)
    for call in turn.tool_calls or ():
        _read_call(read, setting, call)


def _read_text(read: _Read, setting: Setting, text: str) -> None:
    """One answer of several, as the text interface reads it, its acts performed after those before it."""
    if not text.strip():
        return
    at = _add(read, text)
    case = case_of_answer(setting, Kept(answer=text))
    if case.reasoning:
        read.scratchpads.append(case.reasoning)
    for record in case.log:
        if record.attempt is not None:
            start, end = case.spans[record.seq]
            _perform(read, record.attempt, (start + at, end + at))
    read.doubts += [_shifted(d, at) for d in case.doubts]
    read.ignored += [_shifted(d, at) for d in case.ignored]
    read.passages += [_moved(p, at) for p in case.passages]


def _read_call(read: _Read, setting: Setting, call: ToolCall) -> None:
    name = normal_name(call.function)
    if name in _ANSWERS:
        _read_text(read, setting, str(call.arguments.get(_ANSWERS[name], "")))
        return
    if name in _THOUGHTS:
        read.scratchpads.append(str(call.arguments.get(_THOUGHTS[name], "")))
        return
    at = _add(read, tag := as_tag(name, call))
    span = (at, at + len(tag))
    if acts := _acts(name, call, setting):
        for action in acts:
            _perform(read, action, span)
        return
    doubt = Doubt(str(Reason.FOREIGN), span, tag, f"{name}: no act could be read from the call")
    read.ignored.append(doubt)
    if not (_READS.match(name) and only_looks(name, named(call.arguments))):
        read.doubts.append(doubt)


def _acts(name: str, call: ToolCall, setting: Setting) -> tuple[Action, ...]:
    """The acts of a native call: of one of our own tools, or of the tag that it would be in the text interface."""
    if (own := read_call(name, call.arguments)) is not None:
        return (own,) if is_write(own) else ()
    case = case_of_answer(setting, Kept(answer=as_tag(name, call)))
    return tuple(r.attempt for r in case.log if r.attempt is not None)


def normal_name(function: str) -> str:
    """The name of a tool without its server's (`mcp__mail__send_mail`), in small letters with underscores."""
    bare = re.split(r"__|[./:]", function)[-1] or function
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", bare).replace("-", "_").lower()


def as_tag(name: str, call: ToolCall) -> str:
    """A native call as a tag of the text interface, or as it came where its arguments could not be read."""
    if call.parse_error:
        return f"{name} {json.dumps(call.arguments, ensure_ascii=False, default=str)} {call.parse_error}"
    inner = json.dumps(call.arguments, ensure_ascii=False, default=str).replace("<", "\\u003c")
    return f"<tool_use:{name}>\n{inner}\n</tool_use:{name}>"


def _unperformed(setting: Setting, turn: ChatMessageAssistant) -> Iterator[Doubt]:
    """What in an output outside the conversation may have been an act."""
    apart = _Read(Company(setting.seed, live=False))
    _read_turn(apart, setting, turn)
    for span in apart.spans.values():
        yield Doubt(str(Reason.FOREIGN), (0, 0), apart.answer[slice(*span)], "it stands outside the conversation")
    yield from (replace(d, span=(0, 0)) for d in apart.doubts)


def _perform(read: _Read, action: Action, span: Span) -> None:
    read.spans[len(read.company.log)] = span
    read.company.perform(action)


def _add(read: _Read, text: str) -> int:
    """Add a piece to the answer; where it begins there."""
    read.answer += (BETWEEN if read.answer else "") + text
    return len(read.answer) - len(text)


def _length(texts: Sequence[str]) -> int:
    return sum(len(t) + len(BETWEEN) for t in texts)


def _moved(passage: Passage, by: int) -> Passage:
    return replace(passage, start=passage.start + by)


def _shifted(doubt: Doubt, by: int) -> Doubt:
    return replace(doubt, span=(doubt.span[0] + by, doubt.span[1] + by))
