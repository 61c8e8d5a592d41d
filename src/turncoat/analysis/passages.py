"""The conversation of one sample as blocks of text, and which passages of them are acts or evidence.

Where the offsets of a verdict point: `answer` is the text of the last message of the model, or, in a session of many
turns, the texts of all its messages, two line breaks between them; `reasoning` is the reasoning of all its messages and
then its scratchpads, joined likewise; `call:<id>:<argument>` is one argument of one tool call. `record:<seq>` is an
entry of the action log whose call the conversation does not hold: it cannot be shown here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from turncoat.base.text import plain
from turncoat.doors.text.parsed import NEVER_CLOSED
from turncoat.doors.text.parser import parse_answer

Role = Literal["system", "user", "reasoning", "answer", "call", "result"]

BETWEEN = "\n\n"
"""What stands between the texts of two messages, as offsets count it."""

_SHORT = 80
"""Longest argument of a call that is shown in one line with the others."""

_READER = re.compile(r"(?im)^[ \t]*[\"']?(?:to|cc|bcc)[\"']?[ \t]*[:=][ \t]*(?P<line>.+)$|<(to|cc|bcc)>(?P<tag>[^<]*)<")
_ATTACHED = re.compile(r"attachment://(\w+)")


@dataclass(frozen=True, slots=True)
class Mark:
    """A passage of a block that something is to be said of; offsets are into the block's text."""

    start: int
    end: int
    what: Literal["act", "ignored", "evidence"]
    label: str
    """Kind and recipients of an act; why something was ignored; name of the finding."""


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a conversation."""

    role: Role
    title: str
    text: str
    marks: tuple[Mark, ...] = ()
    performed: str = ""
    """Of a tool call: what became of it, such as `done` or `bounced`; "" where it was no writing act."""
    call: str = ""
    """Of an argument of a tool call: which call it is of."""


@dataclass
class _Piece:
    """A block, and where its text stands in the sources that offsets point into."""

    block: Block
    sources: list[tuple[str, int, int, int]] = field(default_factory=list)
    """Source, offset of the stretch in the source, start and end of the stretch in the text."""

    def marked(self, evidence: Mapping[str, Sequence[Mark]]) -> Block:
        """The block with the evidence that lies in its stretches."""
        inside = (m for source, *where in self.sources for m in _shifted(evidence.get(source, ()), *where))
        return replace(self.block, marks=tuple(dict.fromkeys((*self.block.marks, *inside))))


def conversation(
    sample: Mapping[str, Any], scores: Sequence[Mapping[str, Any]]
) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    """Lay a sample out as blocks.

    Args:
        sample: The sample as it stands in the log.
        scores: Its verdicts; the acts of the first one are shown, the evidence of all.

    Returns:
        The blocks before the model's first message, and the blocks from there on.
    """
    attachments = sample.get("attachments")
    attached = attachments if isinstance(attachments, dict) else {}
    found = [m for m in sample.get("messages") or () if isinstance(m, dict)]
    own = [i for i, m in enumerate(found) if m.get("role") == "assistant"]
    first, last = (own[0], own[-1]) if own else (len(found), -1)
    session = any("ended" in (score.get("metadata") or {}) for score in scores)
    metadata = (scores[0].get("metadata") or {}) if scores else {}
    status = _statuses(metadata)
    pieces: list[_Piece] = []
    for i, message in enumerate(found[first:], first):
        if message.get("role") != "assistant":
            pieces.append(_Piece(_other(message, attached)))
            continue
        if reasoning := _reasoning(message, attached):
            pieces.append(_Piece(Block("reasoning", "Reasoning", reasoning)))
        if text := _text(message, attached):
            marks = tuple(_acts(text, metadata)) if i == last else ()
            sources = [("answer", 0, 0, len(text))] if i == last or session else []
            pieces.append(_Piece(Block("answer", "Answer", text, marks), sources))
        for call in message.get("tool_calls") or ():
            pieces += _call(call, status, attached)
    _number(pieces)
    evidence = _evidence(scores)
    return tuple(_other(m, attached) for m in found[:first]), tuple(p.marked(evidence) for p in pieces)


def _number(pieces: Sequence[_Piece]) -> None:
    """Say where answers, reasoning and scratchpads stand in their sources."""
    at = 0
    for piece in pieces:
        if piece.sources and piece.block.role == "answer":
            piece.sources = [("answer", at, 0, len(piece.block.text))]
            at += len(piece.block.text) + len(BETWEEN)
    at = 0
    for piece in pieces:
        if piece.block.role == "reasoning":
            piece.sources.append(("reasoning", at, 0, len(piece.block.text)))
            at += len(piece.block.text) + len(BETWEEN)
    for piece in pieces:
        if piece.block.role != "answer" or not piece.sources:
            continue
        for start, end in parse_answer(piece.block.text).private:
            piece.sources.append(("reasoning", at, start, end))
            at += end - start + len(BETWEEN)


def _other(message: Mapping[str, Any], attached: Mapping[str, Any]) -> Block:
    text = _text(message, attached)
    match message.get("role"):
        case "system":
            return Block("system", "System", text)
        case "tool":
            failed = (message.get("error") or {}).get("message")
            return Block("result", f"Result of {plain(message.get('function') or 'a tool', 60)}", failed or text)
        case _:
            return Block("user", "User", text)


def _call(call: Mapping[str, Any], status: Mapping[str, str], attached: Mapping[str, Any]) -> Iterator[_Piece]:
    name, number = plain(call.get("function") or "call", 60), str(call.get("id"))
    performed = status.get(f"call:{number}", "")
    arguments = call.get("arguments")
    given = arguments if isinstance(arguments, dict) else {}
    if not performed and all(len(str(v)) <= _SHORT for v in given.values()):
        # A look-up: one line says it all.
        yield _Piece(Block("call", name, ", ".join(f"{k}: {v}" for k, v in given.items())))
        return
    for argument, value in given.items():
        names = isinstance(value, list) and len(value) > 0 and all(isinstance(v, str) for v in value)
        said = value if isinstance(value, str) else ", ".join(value) if names else json.dumps(value, ensure_ascii=False)
        text = _attach(said, attached)
        block = Block("call", f"{name} · {plain(argument, 60)}", text, performed=performed, call=number)
        yield _Piece(block, [(f"call:{number}:{argument}", 0, 0, len(text))])
    if not given:
        yield _Piece(Block("call", name, "", performed=performed))


def _statuses(metadata: Mapping[str, Any]) -> dict[str, str]:
    """Source of a call → what became of the act, by a verdict's metadata."""
    found = {}
    for act in _listed(metadata.get("acts")):
        match act:
            case [str(source), str(), *rest]:
                found[source] = plain(rest[0], 30) if rest else "done"
    return found


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(message: Mapping[str, Any], attached: Mapping[str, Any]) -> str:
    """The text of a message as Inspect gives it: text parts, a line break between them."""
    content = message.get("content")
    if isinstance(content, str):
        return _attach(content, attached)
    return "\n".join(_attach(str(p.get("text", "")), attached) for p in _parts(content) if p.get("type") == "text")


def _reasoning(message: Mapping[str, Any], attached: Mapping[str, Any]) -> str:
    parts = [p for p in _parts(message.get("content")) if p.get("type") == "reasoning"]
    texts = [str(p.get("summary") or "") if p.get("redacted") else str(p.get("reasoning") or "") for p in parts]
    return BETWEEN.join(_attach(t, attached) for t in texts if t)


def _parts(content: object) -> list[dict[str, Any]]:
    return [p for p in _listed(content) if isinstance(p, dict)]


def _attach(text: str, attached: Mapping[str, Any]) -> str:
    """Put long texts back that Inspect keeps apart."""
    if "attachment://" not in text:
        return text
    return _ATTACHED.sub(lambda m: str(attached.get(m[1], m[0])), text)


def _evidence(scores: Iterable[Mapping[str, Any]]) -> dict[str, list[Mark]]:
    """Source → passages, named by their finding."""
    found: dict[str, list[Mark]] = {}
    for name, place in (pair for score in scores for pair in _places(score.get("metadata") or {})):
        match place:
            case [str(source), int(start), int(end)] if 0 <= start < end:
                mark = Mark(start, end, "evidence", plain(name, 80))
                if mark not in found.setdefault(source, []):
                    found[source].append(mark)
    return found  # A place that is none shows nothing; the finding itself is in the list of findings.


def _places(metadata: Mapping[str, Any]) -> Iterator[tuple[object, object]]:
    """Name and place of each piece of evidence: of findings, and of what was read beyond them."""
    quotes = metadata.get("quotes")
    for finding in _parts(metadata.get("findings")):
        yield from ((finding.get("name"), place) for place in _listed(finding.get("at")))
    yield from (quotes if isinstance(quotes, dict) else {}).items()


def _acts(text: str, metadata: Mapping[str, Any]) -> Iterator[Mark]:
    """The performed acts by a verdict's metadata, and what else looks like a call, with the reason why it is none."""
    acts = metadata.get("acts")
    spans: list[tuple[int, int]] = []
    for act in _listed(acts):
        match act:
            case [int(start), int(end), str(kind), *rest] if 0 <= start < end <= len(text):
                status = plain(rest[0], 30) if rest else "done"
                # Several acts can come from one tag (a forward of several messages): one outline will do.
                if (start, end) not in spans:
                    spans.append((start, end))
                    yield Mark(start, end, "act", _act_label(kind, status, text[start:end]))
    if not isinstance(acts, list) or any(isinstance(act, list) and act and isinstance(act[0], str) for act in acts):
        return
    ignored = metadata.get("ignored")
    kept = ", ".join(plain(r, 40).replace("_", " ") for r in ignored) if isinstance(ignored, dict) else ""
    parsed = parse_answer(text)
    # What would be read as an act here, and was not when it was scored, has the reasons that were kept then.
    why = [(act.span, kept) for act in parsed.acts]
    why += [(i.span, i.reason.replace("_", " ")) for i in parsed.ignored if i.detail != NEVER_CLOSED]
    for (at, end), reason in why:
        if not any(start < end and at < stop for start, stop in spans):
            yield Mark(at, end, "ignored", f"not an act{f': {reason}' if reason else ''}")


def _act_label(kind: str, status: str, text: str) -> str:
    readers = [(m["line"] or m["tag"] or "").strip(" \t\"',") for m in _READER.finditer(text[:4000])]
    to = plain(", ".join(r for r in readers if r), 160)
    done = "" if status == "done" else f" ({status})"
    return f"{plain(kind, 40).replace('_', ' ')}{done}{f' → {to}' if to else ''}"


def _shifted(marks: Iterable[Mark], base: int, start: int, end: int) -> Iterator[Mark]:
    """The marks of a source that lie in one stretch of a text, with offsets into the text."""
    for m in marks:
        low, high = max(m.start - base + start, start), min(m.end - base + start, end)
        if low < high:
            yield Mark(low, high, m.what, m.label)
