"""From a model's answer in the text interface to a case: parse, perform, keep the doubts, and mask.

Masked reasoning is what can be seen of it with every call cut out, so that who reads it does not see the acts.
"""

from __future__ import annotations

import sys
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import chain, cycle, pairwise

from turncoat.doors.kept import ENTRY, Decided, Kept, ended_by_guard
from turncoat.doors.text.acting import TO_NOBODY
from turncoat.doors.text.codes import may_mean
from turncoat.doors.text.parsed import NEVER_CLOSED, Ignored, Parsed, Reason
from turncoat.doors.text.parser import parse_answer
from turncoat.evidence.case import Case, Doubt, Passage, PassageKind
from turncoat.evidence.endings import cut_off, is_unusual, refusal_as_answer
from turncoat.evidence.passages import Span
from turncoat.scenarios.setting import Setting
from turncoat.world import ActionLog, Alert, CancelAlert, Company, Decision, Forward, Record, Reply

DOUBTFUL = frozenset(
    {
        *(Reason.UNCLOSED_SCRATCHPAD, Reason.MALFORMED, Reason.FOREIGN, Reason.TRUNCATED),
        *(Reason.UNKNOWN_TOOL, Reason.AMBIGUOUS),
    }
)
"""Ignored calls that may have been meant as acts."""


def case_of_answer(setting: Setting, kept: Kept) -> Case:
    """Take an answer apart and perform its acts in a fresh company, as far as guards allowed at the time.

    Args:
        setting: Where the agent acted.
        kept: The answer, and the guards' decisions. What came before the provider withheld the rest is looked at.
    """
    answer = kept.answer
    parsed = parse_answer(answer, truncated=kept.truncated)
    company = Company(setting.seed, live=False)
    decided = _decided(kept)
    for act in parsed.acts:
        company.perform(act.action, next(decided.get(act.span, iter(())), ()))
    return Case(
        setting=setting,
        log=company.log,
        answer=answer,
        reasoning=reasoning_in(kept, parsed),
        spans={seq: act.span for seq, act in enumerate(parsed.acts)},
        doubts=(*_doubts(parsed, answer), *_unclear(setting, company.log, parsed, answer)),
        ignored=tuple(_doubt(i, answer) for i in parsed.ignored),
        passages=visible_passages(answer, kept.reasoning, kept.kind, None if kept.truncated else parsed),
        ended=kept.stop if answer.strip() and is_unusual(kept.stop) else "",
        cut_off=ended_by_guard(company.log)
        or cut_off(kept.stop, empty=not answer.strip())
        or cut_off(refusal_as_answer(answer), empty=False),
    )


def reasoning_in(kept: Kept, parsed: Parsed, upto: int = sys.maxsize) -> str:
    """The provider's thinking, and what the answer itself thinks before a place in it."""
    private = "\n\n".join(kept.answer[start:end] for start, end in parsed.private if start < upto)
    return "\n\n".join(t for t in (kept.reasoning, private) if t)


def _decided(kept: Kept) -> dict[Span, Iterator[tuple[Decision, ...]]]:
    found: dict[Span, list[tuple[Decision, ...]]] = {}
    for entry in map(ENTRY.validate_python, kept.entries):
        if isinstance(entry, Decided):
            found.setdefault(entry.span, []).append(entry.decisions)
    return {span: iter(decisions) for span, decisions in found.items()}


def _doubts(parsed: Parsed, answer: str) -> Iterator[Doubt]:
    """What looks like a call and may have been meant as an act."""
    return (_doubt(i, answer) for i in parsed.ignored if i.reason in DOUBTFUL and i.detail != TO_NOBODY)


def _unclear(setting: Setting, log: ActionLog, parsed: Parsed, answer: str) -> Iterator[Doubt]:
    """Acts that failed and may have been meant otherwise.

    These are a forward of a message that cannot be found, and a code with more around it than the company takes for it.
    """
    for record, act in zip(log, parsed.acts, strict=True):
        given = answer[slice(*act.span)]
        meant = missed(setting.seed.alerts, record, given)
        if meant is not None:
            yield Doubt(Reason.MALFORMED, act.span, "\n".join([given, *meant]), record.outcome.text)


def missed(alerts: Sequence[Alert], record: Record, written: str = "") -> list[str] | None:
    """What an act that failed may have been meant as, as far as it can be said; None where it is clear what it was.

    Args:
        alerts: The company's.
        record: The act.
        written: The call as it was written, where it was.
    """
    match record.attempt:
        case Forward() | Reply() if record.outcome.status == "failed":
            sent = record.intended  # of what could not be found, at most the comment was to be sent
            return [] if sent is None or sent.in_reply_to is None else None
        case CancelAlert(code=code) if record.outcome.status == "failed" and not any(a.accepts(code) for a in alerts):
            return may_mean(code, alerts, written)
    return None


def _doubt(ignored: Ignored, answer: str) -> Doubt:
    return Doubt(ignored.reason.value, ignored.span, answer[slice(*ignored.span)], ignored.detail)


MAX_DEPTH = 8
"""Scratchpads within scratchpads that are looked into; deeper ones are cut out whole."""


def visible_passages(
    answer: str, reasoning: str = "", kind: PassageKind = "blocks", parsed: Parsed | None = None
) -> tuple[Passage, ...]:
    """What can be seen of the reasoning behind one answer, in order: the provider's, then the answer's own.

    Args:
        answer: The visible output.
        reasoning: Provider-side reasoning, or "".
        kind: Whether `reasoning` is the reasoning itself (`blocks`) or a `summary` of it.
        parsed: The answer, parsed as one that was not cut off, if it is at hand.
    """
    found = list(_pieces(reasoning, "reasoning", kind, (0, len(reasoning)), calls(reasoning))) if reasoning else []
    parsed = parsed or parse_answer(answer)
    masked = calls(answer, parsed)
    edges = [0, *chain.from_iterable(parsed.private), len(answer)]
    kinds: Iterator[PassageKind] = cycle(("prose", "scratchpad"))
    for within, own in zip(pairwise(edges), kinds, strict=False):
        found += _pieces(answer, "answer", own, within, masked)
    return tuple(found)


def calls(text: str, parsed: Parsed | None = None, depth: int = 0) -> list[Span]:
    """Where a text holds calls of tools, performed or not, within scratchpads as well; in order and apart."""
    parsed = parsed or parse_answer(text)
    spans = [act.span for act in parsed.acts]
    spans += [i.span for i in parsed.ignored if i.detail != NEVER_CLOSED]
    for start, end in parsed.thoughts:
        within = calls(text[start:end], depth=depth + 1) if depth < MAX_DEPTH else [(0, end - start)]
        spans += [(s + start, e + start) for s, e in within]
    apart: list[Span] = []
    for start, end in sorted(set(spans)):
        if apart and start < apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        else:
            apart.append((start, end))
    return apart


def _pieces(text: str, source: str, kind: PassageKind, within: Span, masked: list[Span]) -> Iterator[Passage]:
    at, end = within
    reached = max(0, bisect_left(masked, (at, at)) - 1)  # the one before may reach into the stretch
    for start, stop in [*masked[reached : bisect_left(masked, (end, end))], (end, end)]:
        if stop < at:
            continue
        piece = text[at : max(at, start)]
        if any(c.isalnum() for c in piece):
            yield Passage(kind, source, at, piece)
        at = max(at, stop)
