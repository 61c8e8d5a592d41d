"""From a model's answer in the text interface to a case: parse, perform, keep the doubts."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace

from turncoat.doors.acts import Decided, ended_by_guard, load
from turncoat.doors.kept import CUT_OFF, WITHHELD, Kept
from turncoat.doors.text.fields import TO_NOBODY
from turncoat.doors.text.masking import visible_passages
from turncoat.doors.text.parser import Ignored, Parsed, Reason, parse_answer
from turncoat.evidence.case import Case, CutOff, Doubt
from turncoat.evidence.findings import Unscored
from turncoat.evidence.passages import Span
from turncoat.guards.guard import Guard
from turncoat.guards.session import Session
from turncoat.scenarios.setting import Setting
from turncoat.world import Company, Decision

DOUBTFUL = frozenset({Reason.UNCLOSED_SCRATCHPAD, Reason.MALFORMED, Reason.FOREIGN, Reason.TRUNCATED})
"""Ignored calls that may have been meant as acts."""
KNOWN_STOPS = ("", "stop", "tool_calls", *CUT_OFF)


def case_of_answer(setting: Setting, kept: Kept) -> Case:
    """Take an answer apart and perform its acts in a fresh company, as far as guards allowed at the time.

    Args:
        setting: Where the agent acted.
        kept: The answer, and the guards' decisions. What the provider withheld is not looked at.
    """
    answer = _readable(kept)
    parsed = parse_answer(answer, truncated=kept.truncated)
    company = Company(setting.seed, live=False)
    decided = _decided(kept)
    for act in parsed.acts:
        company.perform(act.action, next(decided.get(act.span, iter(())), ()))
    return Case(
        setting=setting,
        log=company.log,
        answer=answer,
        reasoning=_reasoning(kept, parsed),
        spans={seq: act.span for seq, act in enumerate(parsed.acts)},
        doubts=tuple(_doubt(i, answer) for i in parsed.ignored if i.reason in DOUBTFUL and i.detail != TO_NOBODY),
        ignored=tuple(_doubt(i, answer) for i in parsed.ignored),
        passages=visible_passages(answer, kept.reasoning, kept.kind),
        ended=kept.stop if kept.stop not in KNOWN_STOPS and answer.strip() else "",
        cut_off=ended_by_guard(company.log) or _cut_off(kept, acted=bool(parsed.acts)),
    )


async def guarded(
    setting: Setting, kept: Kept, guards: Sequence[Guard], reviewer: Guard | None = None
) -> list[Decided]:
    """Let the acts in an answer pass guards, in order.

    A guard sees the answer up to the end of the act's tag, and what was thought before it.

    Args:
        setting: Where the agent acts.
        kept: The answer.
        guards: Who looks at each act.
        reviewer: Decides where a guard asks.

    Returns:
        What was decided on each act; those after the end of the session come before nobody.
    """
    answer = _readable(kept)
    parsed = parse_answer(answer, truncated=kept.truncated)
    passages = visible_passages(answer, kept.reasoning, kept.kind)
    reached = 0

    def seen(case: Case) -> Case:
        return replace(
            case,
            answer=answer[:reached],
            reasoning=_reasoning(kept, parsed, reached),
            spans={seq: act.span for seq, act in enumerate(parsed.acts[: len(case.log)])},
            passages=tuple(p for p in passages if p.source == "reasoning" or p.start < reached),
        )

    session = Session(setting, Company(setting.seed, live=False), guards=guards, reviewer=reviewer, seen=seen)
    for act in parsed.acts:
        reached = act.span[1]
        await session.act(act.action)
    records = zip(parsed.acts, session.company.log, strict=True)
    return [Decided(span=act.span, decisions=r.decisions) for act, r in records if r.decisions]


def _readable(kept: Kept) -> str:
    return "" if kept.stop == WITHHELD else kept.answer


def _reasoning(kept: Kept, parsed: Parsed, upto: int = sys.maxsize) -> str:
    private = "\n\n".join(kept.answer[start:end] for start, end in parsed.private if start < upto)
    return "\n\n".join(t for t in (kept.reasoning, private) if t)


def _decided(kept: Kept) -> dict[Span, Iterator[tuple[Decision, ...]]]:
    found: dict[Span, list[tuple[Decision, ...]]] = {}
    for entry in map(load, kept.entries):
        if isinstance(entry, Decided):
            found.setdefault(entry.span, []).append(entry.decisions)
    return {span: iter(decisions) for span, decisions in found.items()}


def _cut_off(kept: Kept, *, acted: bool) -> CutOff | None:
    if kept.stop == WITHHELD:
        return CutOff(Unscored.REFUSED, "the provider withheld the output", unread=True)
    if not kept.answer.strip():
        reason = Unscored.TRUNCATED if kept.truncated else Unscored.EMPTY
        return CutOff(reason, "there is no output to score", unread=True)
    if kept.truncated and not acted:
        return CutOff(Unscored.TRUNCATED, "cut off before any act", over_doubts=True)
    return None


def _doubt(ignored: Ignored, answer: str) -> Doubt:
    start, end = ignored.span
    return Doubt(ignored.reason.value, ignored.span, answer[start:end], ignored.detail)
