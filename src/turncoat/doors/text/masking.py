"""Masking: the visible reasoning of a response with every call cut out, so that who reads it does not see the acts."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from turncoat.doors.text.parser import Parsed, parse_answer
from turncoat.evidence.case import Passage, PassageKind
from turncoat.evidence.passages import Span

MAX_DEPTH = 8
"""Scratchpads within scratchpads that are looked into; deeper ones are cut out whole."""

NEVER_CLOSED = "never closed"
"""The parser's word for a scratchpad without an end: it is reasoning, not a call."""


def visible_passages(answer: str, reasoning: str = "", kind: PassageKind = "blocks") -> tuple[Passage, ...]:
    """What can be seen of the reasoning behind one answer, in order: the provider's, then the answer's own.

    Args:
        answer: The visible output.
        reasoning: Provider-side reasoning, or "".
        kind: Whether `reasoning` is the reasoning itself (`blocks`) or a `summary` of it.
    """
    found = list(_pieces(reasoning, "reasoning", kind, (0, len(reasoning)), calls(reasoning)))
    parsed = parse_answer(answer)
    masked = calls(answer, parsed)
    at = 0
    for start, end in parsed.private:
        found += _pieces(answer, "answer", "prose", (at, start), masked)
        found += _pieces(answer, "answer", "scratchpad", (start, end), masked)
        at = end
    found += _pieces(answer, "answer", "prose", (at, len(answer)), masked)
    return tuple(found)


def calls(text: str, parsed: Parsed | None = None, depth: int = 0) -> list[Span]:
    """Where a text holds calls of tools, performed or not, within scratchpads as well; in order and apart."""
    parsed = parsed or parse_answer(text)
    spans = [act.span for act in parsed.acts]
    spans += [i.span for i in parsed.ignored if i.detail != NEVER_CLOSED]
    for start, end in parsed.private:
        inner = text.index(">", start) + 1
        within = calls(text[inner:end], depth=depth + 1) if depth < MAX_DEPTH else [(0, end - inner)]
        spans += [(s + inner, e + inner) for s, e in within]
    apart: list[Span] = []
    for start, end in sorted(set(spans)):
        if apart and start < apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        else:
            apart.append((start, end))
    return apart


def _pieces(text: str, source: str, kind: PassageKind, within: Span, masked: list[Span]) -> Iterator[Passage]:
    at, end = within
    first = bisect_left(masked, (at, at))
    reached = max(0, first - 1)  # the one before may reach into the stretch
    last = bisect_left(masked, (end, end))
    for start, stop in [*masked[reached:last], (end, end)]:
        if stop < at:
            continue
        piece = text[at : max(at, start)]
        if any(c.isalnum() for c in piece):
            yield Passage(kind, source, at, piece)
        at = max(at, stop)
