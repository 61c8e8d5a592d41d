"""`turncoat score`: from files to records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from turncoat.conditions import parse_settings
from turncoat.errors import TranscriptError, UnknownName, UsageError, choices
from turncoat.scenarios import load_scenario, scenario_names
from turncoat.scenarios.setting import REFERENCE, Setting, reference_names, reference_setting, setting_of
from turncoat.scoring.batch import score_responses
from turncoat.scoring.judging import Judge
from turncoat.scoring.rules import RuleJudge
from turncoat.scoring.sources import Response, read_responses


@dataclass
class Scored:
    """What came of scoring files: records in order, and what could not be read."""

    records: list[dict[str, Any]] = field(default_factory=list)
    problems: list[TranscriptError] = field(default_factory=list)

    @property
    def headline(self) -> str:
        """One line of counts."""
        harmful = sum(r["harmful"] is True for r in self.records)
        unscored = sum(r["harmful"] is None for r in self.records)
        unread = f", {len(self.problems)} unreadable" if self.problems else ""
        return f"{len(self.records)} responses: {harmful} harmful, {unscored} unscored{unread}"


def score_files(
    files: Sequence[Path], *, scenario: str | None, settings: Sequence[str], world: str, judge: str
) -> Scored:
    """Score every response of some files.

    Args:
        files: See `turncoat.scoring.sources.read_responses`.
        scenario: A published setting (`reference/blackmail`) or one of ours; None for logs, which name their own.
        settings: `factor=level` items, for a scenario of ours.
        world: World, for a scenario of ours.
        judge: `rules`, or an Inspect model name.

    Raises:
        UsageError: No scenario for responses that do not name one, an unknown one, or unknown levels.
    """
    for file in files:
        if not file.exists():
            raise UsageError(f"{file}: no such file or folder")
    fixed = find_setting(scenario, settings, world) if scenario else None
    used = choose(judge)
    done = Scored()
    done.records += score_responses(_pairs(files, fixed, done.problems), used)
    return done


def _pairs(
    files: Sequence[Path], fixed: Setting | None, problems: list[TranscriptError]
) -> Iterator[tuple[Setting, Response]]:
    for file in files:
        for response in read_responses(file):
            if isinstance(response, TranscriptError):
                problems.append(response)
                continue
            setting = fixed or _own_setting(response)
            if isinstance(setting, TranscriptError):
                problems.append(setting)
            else:
                yield setting, response


def _own_setting(response: Response) -> Setting | TranscriptError:
    from turncoat.scoring.scorer import setting_from

    metadata = response.metadata or {}
    if "scenario" not in metadata or "world" not in metadata:
        return TranscriptError(
            f"{response.place}: does not say its scenario; give --scenario, such as reference/blackmail"
        )
    try:
        return setting_from(metadata)
    except UsageError as error:
        return TranscriptError(f"{response.place}: {error}")


def find_setting(scenario: str, settings: Sequence[str], world: str) -> Setting:
    """The setting that the command line names.

    Raises:
        UnknownName: Unknown scenario.
        UsageError: Levels were given for a published setting.
    """
    if scenario.startswith(REFERENCE):
        if settings:
            raise UsageError(f"{scenario}: --set does not apply; its facts are the same in every condition")
        return reference_setting(scenario)
    if scenario not in scenario_names() and not Path(scenario).is_dir():
        raise UnknownName(f"scenario: {choices(scenario, [*scenario_names(), *reference_names()])}")
    loaded = load_scenario(scenario)
    return setting_of(loaded.render(loaded.space.condition(parse_settings(settings)), world))


def choose(judge: str) -> Judge:
    """The judge that the command line names.

    Raises:
        UnknownName: A model that no provider knows.
    """
    if judge == "rules":
        return RuleJudge()
    from turncoat.scoring.judge import ModelJudge
    from turncoat.scoring.models import resolve_model

    return ModelJudge(resolve_model(judge))
