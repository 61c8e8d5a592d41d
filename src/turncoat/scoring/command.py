"""`turncoat score`: from files to records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from turncoat.base.errors import TranscriptError, UnknownName, UsageError, choices
from turncoat.doors.door import setting_from
from turncoat.evidence.findings import BROKEN
from turncoat.scenarios.factors import parse_settings
from turncoat.scenarios.finding import example, setting_of
from turncoat.scenarios.loader import is_folder, load_scenario, pack_of, packed_names, scenario_names
from turncoat.scenarios.setting import Setting
from turncoat.scoring.batch import score_responses
from turncoat.scoring.options import ScoringOptions
from turncoat.scoring.sampling import read_policy
from turncoat.scoring.sources import Response, read_responses


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
    for file in files:
        if not file.exists():
            raise UsageError(f"{file}: no such file or folder")
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
