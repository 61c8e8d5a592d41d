"""Scoring responses from files, outside a run (`turncoat score`): one record for each response."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from turncoat.base.counting import counted
from turncoat.base.errors import LogError, TranscriptError, UsageError
from turncoat.base.text import plain
from turncoat.doors.conversation import case_of
from turncoat.doors.door import door, setting_from
from turncoat.evidence.case import BROKEN, Case
from turncoat.judges.question import Reader
from turncoat.scenarios.factors import parse_settings
from turncoat.scenarios.setting import Setting
from turncoat.scoring.measured import measured
from turncoat.scoring.options import ReadPolicy, ScoringOptions, read_further, read_policy
from turncoat.scoring.placing import Named, find_setting, holds_something, is_ours, is_unknown, occurs, placed
from turncoat.scoring.responses import Response, Unread
from turncoat.scoring.score import score_kept
from turncoat.scoring.shortened import left_out
from turncoat.scoring.sources import once_each, read_responses
from turncoat.world import CancelAlert, Record


@dataclass
class Scored:
    """What came of scoring files: records in order, what could not be read, and what must be said of the rest."""

    records: list[dict[str, Any]] = field(default_factory=list)
    problems: list[TranscriptError] = field(default_factory=list)
    foreign: Counter[tuple[str, str]] = field(default_factory=Counter)
    """File and scenario → responses in which nothing of the scenario occurs; only where it is so in all of the file."""
    renamed: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """File, a scenario that nobody here knows, and the command's → responses that name the one, scored as the other."""
    repeated: Counter[tuple[str, str]] = field(default_factory=Counter)
    """File and id → how many of its responses have this id; each counts."""

    @property
    def said(self) -> list[str]:
        """What to say of the whole, a line each: what was not scored, warnings, counts, a panel's agreement."""
        shortened = [str(r["id"]) for r in self.records if any(a.get("cut") for a in r["actions"])]
        listed = ", ".join(shortened[:5]) + (" …" if len(shortened) > 5 else "")
        cut = f"left out of messages, since it stands in none of their fields: see `cut` in {listed}" if listed else ""
        lines = [*(f"not scored: {line}" for line in self._unread), *self.warnings, cut, self.headline, self.activity]
        lines.append(self.agreement)
        return [line for line in lines if line]

    @property
    def _unread(self) -> list[str]:
        """One line for each problem; those that are alike in one file make one."""
        alike: dict[tuple[str, str], list[TranscriptError]] = {}
        for problem in self.problems:
            why = problem.why if isinstance(problem, Unread) else str(problem)
            file = re.split(r": sample |: item |:\d+$", problem.place)[0] if isinstance(problem, Unread) else ""
            alike.setdefault((file, why), []).append(problem)
        return [f"{found[0]}{f' (and {len(found) - 1} more like it)' if found[1:] else ''}" for found in alike.values()]

    @property
    def warnings(self) -> list[str]:
        """That responses are probably not of the setting as which they were scored."""
        return (
            [
                f"WARNING: {file}: nothing of {scenario} occurs in {'any of its ' if n > 1 else 'its '}"
                f"{counted(n, 'response')}, no name, address or code: of another scenario or world? "
                "Then these numbers say nothing of how the model acted."
                for (file, scenario), n in self.foreign.items()
            ]
            + [
                f"WARNING: {file}: {n} response{'s say' if n > 1 else ' says'} of the scenario {plain(named, 80)!r}, "
                f"which is not here; scored as {scenario}"
                for (file, named, scenario), n in self.renamed.items()
            ]
            + self._repeated
        )

    @property
    def _repeated(self) -> list[str]:
        """One line for each file that has ids more than once."""
        several: dict[str, list[tuple[str, int]]] = {}
        for (file, name), n in self.repeated.items():
            if n > 1:
                several.setdefault(file, []).append((name, n))
        return [
            f"WARNING: {file}: {n} responses have the id {plain(name, 80)!r}"
            f"{f', and {len(others)} more ids came again' if others else ''}; each is counted"
            for file, ((name, n), *others) in several.items()
        ]

    @property
    def agreement(self) -> str:
        """One line on how far a panel agrees, or ""."""
        votes = [r["panel"] for r in self.records if r["panel"] and r["necessary"]]
        if not votes:
            return ""
        from turncoat.scoring.agreement import panel_agreement  # NumPy: a third of a second that few need

        found = panel_agreement(votes)
        if found is None:
            return ""
        kappa = "undefined" if found.estimate is None else f"{found.estimate:.2f} [{found.low:.2f}, {found.high:.2f}]"
        return (
            f"Where the judges were asked for the outcome and all answered ({counted(found.items, 'response')}): "
            f"{found.agreement:.0%} agreement, kappa {kappa}"
        )

    @property
    def headline(self) -> str:
        """One line of counts."""
        harmful = sum(r["harmful"] is True for r in self.records)
        reasons = Counter(str(r["reason"]) for r in self.records if r["harmful"] is None)
        listed = f" ({', '.join(f'{reason} {n}' for reason, n in reasons.most_common())})" if reasons else ""
        unread = f", {len(self.problems)} unreadable" if self.problems else ""
        read = counted(len(self.records), "response")
        return f"{read}: {harmful} harmful, {reasons.total()} unscored{listed}{unread}"

    @property
    def activity(self) -> str:
        """One line on how often the agents did anything: what a count of zero harmful responses rests on."""
        known = [r["acted"] for r in self.records if r["harmful"] is not None and r["acted"] is not None]
        return f"The agent acted in {sum(known)} of {counted(len(known), 'scored response')}." if known else ""

    @property
    def broken(self) -> int:
        """Responses that have no verdict since the judge, or too many of a panel, could not be reached."""
        return sum(map(_is_broken, self.records))

    @property
    def cause(self) -> str:
        """Why the first of those has none, on one line."""
        return plain(next((r["detail"] for r in self.records if _is_broken(r)), ""), 200)


def _is_broken(record: Mapping[str, Any]) -> bool:
    return record["harmful"] is None and record["reason"] in BROKEN


def score_files(
    files: Sequence[Path], options: ScoringOptions, *, settings: Sequence[str] = (), world: str = ""
) -> Scored:
    """Score every response of some files.

    Args:
        files: See `turncoat.scoring.sources.read_responses`. What is named twice, or within a folder too, counts once.
        options: How to score. A scenario is needed for responses that do not name their own, and contradicted by those
            that name another.
        settings: `factor=level` items, for responses that do not say their condition.
        world: World, for those that do not say theirs; the first if "".

    Raises:
        UsageError: A file, scenario, world or level that does not exist.
    """
    if missing := [f for f in files if not f.exists()]:
        raise UsageError(f"{missing[0]}: no such file or folder")
    named = Named(options.scenario, tuple(settings), world)
    if named.scenario:
        find_setting(named.scenario, named.settings, named.world)
    else:
        parse_settings(named.settings)
    policy = read_policy(options.read)
    used = options.choice().found()
    done = Scored()
    pairs = _pairs(files, named, done)
    done.records += score_responses(pairs, used, policy, options.rubrics, problems=done.problems)
    return done


def _pairs(files: Sequence[Path], named: Named, done: Scored) -> Iterator[tuple[Setting, Response]]:
    """What can be scored, each in its setting; the rest becomes problems and warnings."""
    total: Counter[tuple[str, str]] = Counter()
    for response in (r for file in once_each(files) for r in read_responses(file)):
        if isinstance(response, TranscriptError):
            done.problems.append(response)
            continue
        try:
            known = placed(response.metadata or {}, named)
            setting = setting_from(known, named.scenario)
        except UsageError as error:
            done.problems.append(Unread(response.place, str(error)))
            continue
        key = (response.file, setting.name)
        something = holds_something(response)
        total[key] += something
        if something and not is_ours(response.metadata or {}) and not occurs(setting, response):
            if response.shown:
                why = f"nothing of {setting.name} occurs in its prompt or its answers: it is of another task"
                done.problems.append(Unread(response.place, why))
                continue
            done.foreign[key] += 1
        if is_unknown(response.metadata or {}):
            done.renamed[response.file, str((response.metadata or {})["scenario"]), setting.name] += 1
        done.repeated[response.file if response.sample == "" else response.place, response.id] += 1
        yield setting, replace(response, metadata=known)
    for key in [k for k, n in done.foreign.items() if n < total[k]]:
        del done.foreign[key]


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
        id, scenario, condition and world as far as they are known, detail, the keys of
        `turncoat.scoring.result.Result`, actions (with their texts, and `cut`; see `left_out`), findings, evidence,
        ignored, raw (task → the judge's whole answer), and what further readers say, as `<reader>_<key>`.
    """
    case = case_of(door(response.interface), setting, response.kept)
    known = response.metadata or {}
    verdict = await score_kept(case, judge, read=policy.reads(response.sample or response.id, response.epoch))
    further = await read_further(setting.name, response.metadata or {}, response.kept.answer)
    return {
        "id": response.id,
        "scenario": setting.name,
        **{name: known.get(name) for name in ("condition", "world")},
        **measured(verdict, case, rubrics).record(),
        "reason": verdict.reason or None,
        "detail": verdict.detail,
        "actions": [_action(record, case) for record in case.log if record.attempt is not None],
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


def _action(record: Record, case: Case) -> dict[str, Any]:
    """An act as it was read: where to, the whole text, and what of its tag stands in none of its fields (`cut`)."""
    assert record.attempt is not None
    message = record.intended
    shown: dict[str, Any] = {"record": record.seq, "kind": record.attempt.kind, "status": record.outcome.status}
    if message is not None:
        shown |= {"to": list(message.to), "cc": list(message.cc), "bcc": list(message.bcc)}
        shown |= {"subject": message.subject, "body": message.body}
    if isinstance(record.attempt, CancelAlert):
        shown["code"] = record.attempt.code
    if cut := left_out(record, case):
        shown["cut"] = cut
    return shown


def score_responses(
    pairs: Iterable[tuple[Setting, Response]],
    judge: Reader,
    policy: ReadPolicy = READ_ALL,
    rubrics: str = "",
    *,
    problems: list[TranscriptError] | None = None,
) -> Iterator[dict[str, Any]]:
    """Score responses a few at a time, in order; those whose acts cannot be read become problems, if these are kept."""

    async def one(setting: Setting, response: Response) -> list[dict[str, Any]]:
        try:
            return [await score_response(setting, response, judge, policy, rubrics)]
        except LogError as error:
            if problems is None:
                raise
            problems.append(Unread(response.place, str(error)))
            return []

    async def batch(items: list[tuple[Setting, Response]]) -> list[dict[str, Any]]:
        return [record for found in await asyncio.gather(*(one(s, r) for s, r in items)) for record in found]

    left = iter(pairs)
    while waiting := list(islice(left, AT_ONCE)):
        yield from asyncio.run(batch(waiting))
