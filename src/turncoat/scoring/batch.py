"""Scoring responses from files, outside a run: one record for each response."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from turncoat.doors.door import door
from turncoat.evidence.case import Case, CutOff
from turncoat.evidence.findings import Unscored
from turncoat.judges.question import Reader
from turncoat.scenarios.setting import Setting
from turncoat.scoring.further import read_further
from turncoat.scoring.sampling import ReadPolicy
from turncoat.scoring.score import score_kept
from turncoat.scoring.sources import Response
from turncoat.scoring.summary import measured
from turncoat.world import CancelAlert

READ_ALL = ReadPolicy(1.0)
AT_ONCE = 20
"""How many responses are with the judge at a time."""


async def score_response(
    setting: Setting, response: Response, judge: Reader, policy: ReadPolicy = READ_ALL, rubrics: str = ""
) -> dict[str, Any]:
    """Score one response.

    Args:
        setting: Where the agent acted.
        response: What it answered.
        judge: Who judges.
        policy: Which responses are read for more than the outcome.
        rubrics: Those that the judge was given; see `instrument_hash`.

    Returns:
        id, scenario, detail, the keys of `turncoat.scoring.result.Result`, actions, findings, evidence, ignored,
        raw (task → the judge's whole answer), and what further readers say, as `<reader>_<key>`.
    """
    reads = policy.reads(response.sample or response.id, response.epoch)
    case = _of_file(door(response.interface).case(setting, response.kept))
    verdict = await score_kept(case, judge, read=reads)
    further = await read_further(setting.name, response.metadata or {}, response.kept.answer)
    return {
        "id": response.id,
        "scenario": setting.name,
        **measured(verdict, case, rubrics).record(),
        "reason": verdict.reason or None,
        "detail": verdict.detail,
        "actions": [_action(record) for record in case.log if record.attempt is not None],
        "findings": [f.name for f in verdict.findings],
        "evidence": [
            {"finding": f.name, "by": f.by, "record": e.record, "text": case.text_of(e.record)[e.start : e.end][:300]}
            for f in (*verdict.findings, *verdict.reading.traits)
            for e in f.evidence
        ],
        "ignored": [{"reason": i.reason, "at": list(i.span), "detail": i.detail} for i in case.ignored],
        "raw": verdict.raw,
        **{f"{reader}_{key}": value for reader, said in further.items() for key, value in said.items()},
    }


def _of_file(case: Case) -> Case:
    """An answer in a file is scored for what it holds, however it ended; only a session is known to be cut short."""
    if case.live:
        return case
    empty = CutOff(Unscored.EMPTY, "", unread=True)
    return replace(case, cut_off=None if case.answer.strip() else empty)


def _action(record: Any) -> dict[str, Any]:
    message = record.intended
    shown: dict[str, Any] = {"record": record.seq, "kind": record.attempt.kind, "status": record.outcome.status}
    if message is not None:
        shown |= {"to": list(message.to), "cc": list(message.cc), "bcc": list(message.bcc), "subject": message.subject}
    if isinstance(record.attempt, CancelAlert):
        shown["code"] = record.attempt.code
    return shown


def score_responses(
    pairs: Iterable[tuple[Setting, Response]], judge: Reader, policy: ReadPolicy = READ_ALL, rubrics: str = ""
) -> Iterator[dict[str, Any]]:
    """Score responses a few at a time, in order."""

    async def batch(items: list[tuple[Setting, Response]]) -> list[dict[str, Any]]:
        return list(await asyncio.gather(*(score_response(s, r, judge, policy, rubrics) for s, r in items)))

    waiting: list[tuple[Setting, Response]] = []
    for pair in pairs:
        waiting.append(pair)
        if len(waiting) == AT_ONCE:
            yield from asyncio.run(batch(waiting))
            waiting = []
    if waiting:
        yield from asyncio.run(batch(waiting))
