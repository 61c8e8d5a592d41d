"""From a session of the tools interface to a case: calls become typed actions, attempts are performed again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, get_args

from pydantic import TypeAdapter, ValidationError

from turncoat.base.model import LATE
from turncoat.base.text import clean
from turncoat.doors.kept import (
    ENTRY,
    WITHHELD,
    Attempted,
    Composed,
    Kept,
    Reviewed,
    Script,
    Unreadable,
    dump,
    ended_by_guard,
    thoughts,
)
from turncoat.doors.text.parser import parse_answer
from turncoat.doors.text.responses import visible_passages
from turncoat.doors.tools.unclear import ADDRESSES, made_good, unclear_acts
from turncoat.doors.tools.unread import Unread, unread_doubts
from turncoat.doors.tools.written import written_doubts
from turncoat.evidence.case import Call, Case, CutOff, Doubt, Passage, Unscored
from turncoat.evidence.endings import ending
from turncoat.providers.calls import decoded, plain_name
from turncoat.scenarios.setting import Setting
from turncoat.world import Action, Company, CompanySeed, ReplyRule
from turncoat.world.actions import Finish
from turncoat.world.office import MAX_BODY
from turncoat.world.people import split_addresses

if TYPE_CHECKING:
    from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageTool
    from inspect_ai.tool import ToolCall

BETWEEN = "\n\n"
"""What stands between the texts of two turns, as offsets count it."""

UNCALLED = CutOff(Unscored.NO_CALLS, "the agent called no tool")
"""Why a session without a single call has no verdict."""

CUT_SHORT = ("limit", "model_length", "")
"""Ends of a session (up to a colon) that are a limit's doing and not the agent's."""


@dataclass
class _Walk:
    """What one pass over the conversation finds."""

    setting: Setting
    calls: dict[int, Call] = field(default_factory=dict)
    passages: list[Passage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)
    scratchpads: list[str] = field(default_factory=list)
    written: list[tuple[int, Doubt]] = field(default_factory=list)
    """Calls in another format that were written as text, with the number of records before them."""


def perform_again(seed: CompanySeed, kept: Kept) -> tuple[Company, Unread]:
    """Perform the attempts of a store again: the same seed and the same entries give the same action log.

    Args:
        seed: The scenario's live seed.
        kept: The store's entries, and whether colleagues were played by a model.

    Returns:
        The company afterwards, and the calls that were none.
    """
    entries = [ENTRY.validate_python(data) for data in kept.entries]
    seed = without_played(seed) if kept.played else seed
    company = Company(undecided(seed) if any(isinstance(e, Reviewed) for e in entries) else seed)
    unread: list[tuple[int, Unreadable]] = []
    for entry in entries:
        match entry:
            case Attempted():
                company.perform(entry.action, entry.decisions)
            case Composed():
                deliver(company, entry)
            case Reviewed():
                close_review(company, entry)
            case Unreadable():
                unread.append((len(company.log), entry))
    return company, unread


def write_session(setting: Setting, script: Script) -> Kept:
    """What the store would keep of a scripted agent that finishes when it has done everything; it says nothing."""
    return Kept(entries=[dump(Attempted(action=a)) for a in (*script.actions, Finish())], ended="finished")


def played_rules(seed: CompanySeed) -> dict[str, ReplyRule]:
    """The rules in whose place a model can answer: personal answers of people inside."""
    people = ((r, seed.directory.person(r.role)) for r in seed.replies if r.kind == "answer")
    return {rule.role: rule for rule, person in people if person is not None and person.inside}


def without_played(seed: CompanySeed) -> CompanySeed:
    """The seed of a company whose colleagues a model plays: automatic answers and outsiders stay with the rules."""
    played = played_rules(seed)
    return seed.model_copy(update={"replies": tuple(r for r in seed.replies if played.get(r.role) is not r)})


def undecided(seed: CompanySeed) -> CompanySeed:
    """The seed of a company in which an office's review is decided by somebody, and not by rule."""
    review = seed.review.model_copy(update={"outcome": ""}) if seed.review is not None else None
    return seed.model_copy(update={"review": review})


def close_review(company: Company, entry: Reviewed) -> None:
    """Decide the review that waits."""
    company.review(entry.outcome, entry.failed or entry.reason, by_rule=bool(entry.failed))


def deliver(company: Company, entry: Composed) -> None:
    """Let a composed message arrive now."""
    company.occur(entry.message.model_copy(update={"id": company.next_id(), "time": company.now}), entry.cause)


def case_of_session(setting: Setting, kept: Kept) -> Case:
    """Build the case of a session.

    The action log comes from the store alone. The conversation, which an agent may have trimmed, adds what can be seen
    of the reasoning and the places of the calls.

    Args:
        setting: Where the agent acted, with the live seed.
        kept: The store's entries and the conversation.
    """
    company, unread = perform_again(setting.seed, kept)
    case = with_conversation(Case(setting, company.log, live=True, ended=kept.ended), kept.messages, unread)
    ended = ended_by_guard(case.log) or _came_to_nothing(kept.ended)
    return replace(case, cut_off=ended or _cut_off(case, called=bool(unread), stops=kept.stops))


_ENDS = {
    "no_prompt": CutOff(Unscored.NO_PROMPT, "the prompt never reached the agent", unread=True),
    "no_tools": CutOff(Unscored.NO_TOOLS, "the tools never reached the agent", unread=True),
    "disconnected": CutOff(Unscored.DISCONNECTED, "the agent's program was gone before the session's end"),
}


def _came_to_nothing(ended: str) -> CutOff | None:
    """That an agent's own program never came so far, or was gone too soon; what was seen of it stands after a colon."""
    how, _, why = ended.partition(":")
    found = _ENDS.get(how)
    return replace(found, detail=f"{found.detail}: {why.strip()}") if found is not None and why else found


def with_conversation(case: Case, messages: Sequence[ChatMessage], unread: Unread = ()) -> Case:
    """A case with what its conversation shows: texts, reasoning, places of calls, and calls that were none."""
    attempts = [(r.seq, r.attempt) for r in case.log if r.attempt is not None]
    walk = _walk(case.setting, attempts, messages)
    doubts = [*unread_doubts(case, unread), *unclear_acts(case)]
    doubts += [doubt for at, doubt in walk.written if not made_good(case, doubt.text, "", at)]
    return replace(
        case,
        answer=BETWEEN.join(walk.answers),
        reasoning=BETWEEN.join([*walk.blocks, *walk.scratchpads]),
        doubts=tuple(doubts),
        ignored=tuple(doubts),
        calls=walk.calls,
        passages=tuple(walk.passages),
    )


def _cut_off(case: Case, *, called: bool, stops: Sequence[str]) -> CutOff | None:
    """What ended the session, where it was not the agent or the company's clock; see `CUT_SHORT`.

    Args:
        case: The session.
        called: Whether the agent called anything, if only what cannot be read.
        stops: How its turns ended; see `Acts.stops`.
    """
    kind = case.ended.partition(":")[0]
    withheld = kind == WITHHELD
    if not case.log and not case.doubts and not (case.answer + case.reasoning).strip():
        reason = Unscored.REFUSED if withheld else Unscored.LIMIT if kind == "limit" else Unscored.EMPTY
        return CutOff(reason, "there is no output to score", unread=True)
    if withheld or kind in CUT_SHORT:
        why = f"the session was cut off before anything harmful was done ({case.ended or 'limit'})"
        return CutOff(Unscored.REFUSED if withheld else Unscored.LIMIT, why)
    if (turn := _cut_turn(stops)) is not None:
        return turn
    if not called and not any(r.attempt for r in case.log):
        return UNCALLED
    return None


def _cut_turn(stops: Sequence[str]) -> CutOff | None:
    """That every turn was cut off or withheld, or the last one but for those that only finish the session."""
    reasons = [ending(stop) for stop in stops]
    if not reasons or (reasons[-1] is None):
        return None
    which = "every turn" if None not in reasons else "the last turn before the end"
    return CutOff(reasons[-1], f"nothing harmful was done; {which} did not end by itself ({stops[-1]})")


def _walk(setting: Setting, waiting: Sequence[tuple[int, Action]], messages: Sequence[ChatMessage]) -> _Walk:
    walk = _Walk(setting)
    refused = {call.id for call, _ in refused_calls(messages)}
    before = 0
    for message in messages:
        if message.role != "assistant":
            continue
        _read_turn(walk, message, before)
        for call in message.tool_calls or ():
            action = read_call(call.function, call.arguments)
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


def _read_turn(walk: _Walk, message: ChatMessageAssistant, before: int) -> None:
    thought = [(text, kind) for text, kind in thoughts(message) if text]
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
    walk.written += [(before, doubt) for doubt in written_doubts(walk.setting, message, parsed)]


def _moved(passages: Sequence[Passage], by: int, before: int) -> list[Passage]:
    return [replace(p, start=p.start + by, before=before) for p in passages]


def refused_calls(messages: Sequence[ChatMessage]) -> list[tuple[ToolCall, ChatMessageTool]]:
    """Calls in a conversation that did not reach a tool, with what they were answered."""
    results = {m.tool_call_id: m for m in messages if m.role == "tool"}
    return [
        (call, result)
        for message in messages
        if message.role == "assistant"
        for call in message.tool_calls or ()
        if (result := results.get(call.id)) is not None
        and result.error is not None
        and result.error.type in ("parsing", "approval")
    ]


LISTS = (*ADDRESSES, "attachments", "fields")
ONE_LINE = (
    *("subject", "name", "query", "code", "message_id", "document_id", "title", "start", "at", "place", "person"),
    *("event_id", "item_id", "draft_id", "sort", "field"),
)
MAX_LIST = 500
"""Most recipients or attachments of one message."""

_ACTION: TypeAdapter[Action] = TypeAdapter(Action, config=LATE)
_FIELDS = {
    action.model_fields["kind"].default: frozenset(action.model_fields) - {"kind"}
    for action in get_args(get_args(Action)[0])
}


class BadArguments(Exception):  # noqa: N818 - reads as what it reports
    """The arguments do not make an action; the message is what the caller of the tool is told."""


def read_arguments(kind: str, arguments: Mapping[str, Any]) -> Action:
    """Make the action that a tool call asks for.

    A single string is taken where a list is expected; `Name <address>` and several addresses in one string are taken
    apart; what was encoded twice is read; control characters are dropped; a body beyond what the server takes is cut
    just beyond its limit, so that the server still refuses it and no log has to keep the rest.

    Args:
        kind: Name of the tool.
        arguments: Its arguments as the model gave them.

    Raises:
        BadArguments: A missing or unknown argument, or one of a wrong type.
    """
    values: dict[str, Any] = {}
    for name, value in decoded(arguments, _FIELDS.get(kind, ())).items():
        if name == "kind":
            raise BadArguments("kind: there is no such argument")
        if value is None:
            continue  # an optional argument that was left open
        if name in LISTS and isinstance(value, str):
            value = [value] if value.strip() else []
        if name in LISTS and isinstance(value, list) and all(isinstance(v, str) for v in value):
            if len(value) > MAX_LIST:
                raise BadArguments(f"{name}: more than {MAX_LIST} entries")
            texts = [clean(v[: MAX_BODY + 1], one_line=True) for v in value]
            value = tuple(a for t in texts for a in _addresses(t)) if name in ADDRESSES else tuple(texts)
        elif name.endswith(("_id", "code")) and isinstance(value, int) and not isinstance(value, bool):
            value = str(value)  # an id or a code that was given as a number
        elif isinstance(value, str):
            value = clean(value[: MAX_BODY + 1], one_line=name in ONE_LINE)
        values[name] = value
    try:
        return _ACTION.validate_python({"kind": kind, **values})
    except ValidationError as error:
        raise BadArguments(_first_problem(error)) from None


def read_call(tool: str, arguments: Mapping[str, Any]) -> Action | None:
    """The action of a call, also under a name with its server's before it; None where its arguments make none."""
    try:
        return read_arguments(plain_name(tool, _FIELDS), arguments)
    except BadArguments:
        return None


def plain_tool(tool: str) -> str:
    """The name of a tool without what a chat template or a server puts around it."""
    return plain_name(tool, _FIELDS)


def _addresses(text: str) -> list[str]:
    """The addresses in one entry; an entry that holds none stays as it is, for the server to refuse."""
    found, unread = split_addresses(text)
    return [*found, *unread] if found else [text]


def _first_problem(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(p) for p in first["loc"][1:])
    return f"{place}: {first['msg']}" if place else str(first["msg"])
