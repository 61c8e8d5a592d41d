"""Scoring responses from files, outside a run (`turncoat score`): one record for each response."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from turncoat.base.errors import TranscriptError, UnknownName, UsageError, choices
from turncoat.doors.door import door, setting_from
from turncoat.evidence.case import BROKEN
from turncoat.judges.question import Reader
from turncoat.scenarios.factors import parse_settings
from turncoat.scenarios.finding import example, setting_of
from turncoat.scenarios.loader import is_folder, load_scenario, pack_of, packed_names, scenario_names
from turncoat.scenarios.setting import Setting
from turncoat.scoring.options import ReadPolicy, ScoringOptions, read_further, read_policy
from turncoat.scoring.score import score_kept
from turncoat.scoring.scorer import measured
from turncoat.scoring.sources import Response, read_responses
from turncoat.world import CancelAlert


@dataclass
class Scored:
    """What came of scoring files: records in order, and what could not be read."""

    records: list[dict[str, Any]] = field(default_factory=list)
    problems: list[TranscriptError] = field(default_factory=list)

    @property
    def agreement(self) -> str:
        """One line on how far a panel agrees, or ""."""
        from turncoat.scoring.agreement import panel_agreement

        votes = [r["panel"] for r in self.records if r["panel"] and r["necessary"]]
        found = panel_agreement(votes) if votes else None
        if found is None:
            return ""
        kappa = "undefined" if found.estimate is None else f"{found.estimate:.2f} [{found.low:.2f}, {found.high:.2f}]"
        return (
            f"Where the judges were asked for the outcome and all answered ({found.items} responses): "
            f"{found.agreement:.0%} agreement, kappa {kappa}"
        )

    @property
    def headline(self) -> str:
        """One line of counts."""
        harmful = sum(r["harmful"] is True for r in self.records)
        reasons = Counter(str(r["reason"]) for r in self.records if r["harmful"] is None)
        listed = f" ({', '.join(f'{reason} {n}' for reason, n in reasons.most_common())})" if reasons else ""
        unread = f", {len(self.problems)} unreadable" if self.problems else ""
        return f"{len(self.records)} responses: {harmful} harmful, {reasons.total()} unscored{listed}{unread}"

    @property
    def broken(self) -> int:
        """Responses that have no verdict since the judge, or too many of a panel, could not be reached."""
        return sum(r["harmful"] is None and r["reason"] in BROKEN for r in self.records)


def score_files(
    files: Sequence[Path], options: ScoringOptions, *, settings: Sequence[str] = (), world: str = "1"
) -> Scored:
    """Score every response of some files.

    Args:
        files: See `turncoat.scoring.sources.read_responses`.
        options: How to score. Without a scenario, logs name their own.
        settings: `factor=level` items, for a scenario of ours.
        world: World, for a scenario of ours.

    Raises:
        UsageError: No scenario for responses that do not name one, an unknown one, or unknown levels.
    """
    if missing := [f for f in files if not f.exists()]:
        raise UsageError(f"{missing[0]}: no such file or folder")
    fixed = find_setting(options.scenario, settings, world) if options.scenario else None
    policy = read_policy(options.read)
    used = options.choice().found()
    done = Scored()
    done.records += score_responses(
        _pairs(files, fixed, options.scenario, done.problems), used, policy, options.rubrics
    )
    return done


def _pairs(
    files: Sequence[Path], fixed: Setting | None, scenario: str, problems: list[TranscriptError]
) -> Iterator[tuple[Setting, Response]]:
    for file in files:
        for response in read_responses(file):
            if isinstance(response, TranscriptError):
                problems.append(response)
                continue
            named = (response.metadata or {}).get("scenario")
            own = named is not None and is_folder(str(named))
            setting = _own_setting(response, scenario) if own or fixed is None else fixed
            if isinstance(setting, TranscriptError):
                problems.append(setting)
            else:
                yield setting, response


def _own_setting(response: Response, folder: str = "") -> Setting | TranscriptError:
    metadata = response.metadata or {}
    if "scenario" not in metadata or "world" not in metadata:
        return TranscriptError(f"{response.place}: does not say its scenario; give --scenario, such as {example()}")
    try:
        return setting_from(metadata, folder)
    except UsageError as error:
        return TranscriptError(f"{response.place}: {error}")


def find_setting(scenario: str, settings: Sequence[str], world: str) -> Setting:
    """The setting that the command line names.

    Raises:
        UnknownName: Unknown scenario.
        UsageError: Levels were given for a pack's scenario.
    """
    if (pack := pack_of(scenario)) is not None:
        if settings:
            raise UsageError(f"{scenario}: --set does not apply; its facts are the same in every condition")
        return pack.setting(scenario)
    if scenario not in scenario_names() and not Path(scenario).is_dir():
        raise UnknownName(f"scenario: {choices(scenario, [*scenario_names(), *packed_names()])}")
    loaded = load_scenario(scenario)
    return setting_of(loaded.render(loaded.space.condition(parse_settings(settings)), world))


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
    case = door(response.interface).case(setting, response.kept)
    verdict = await score_kept(case, judge, read=policy.reads(response.sample or response.id, response.epoch))
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

    left = iter(pairs)
    while waiting := list(islice(left, AT_ONCE)):
        yield from asyncio.run(batch(waiting))
