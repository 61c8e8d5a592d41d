"""Scoring responses that exist already, and comparing two runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from turncoat.analysis import Comparison
from turncoat.analysis import compare as compared
from turncoat.api.given import names
from turncoat.api.results import Logs, Results, read
from turncoat.api.waiting import done
from turncoat.base.arguments import checked
from turncoat.base.errors import UsageError
from turncoat.doors.kept import Kept
from turncoat.judges.choice import JudgeNames
from turncoat.scoring.files import score_files, score_responses
from turncoat.scoring.options import ScoringOptions, read_policy
from turncoat.scoring.placing import find_setting
from turncoat.scoring.responses import Response

if TYPE_CHECKING:
    import pandas as pd


@checked
def score(
    responses: str | Path | Iterable[str],
    *,
    scenario: str | Path = "",
    condition: str = "",
    world: str | int = "",
    judge: JudgeNames = "rules",
    read: str = "all",
    blind: bool = False,
    rubrics: str | Path = "",
) -> pd.DataFrame:
    """Score responses: of a file, of an Inspect log, of the published code's results folder, or as they are given.

    Args:
        responses: A path, as for `turncoat score`; or the texts of answers in the text interface, such as a list or a
            frame's column.
        scenario: Where the agent acted, for responses that do not name their own.
        condition: A condition's id, such as `goal=explicit,threat=replacement`, for those that do not say theirs.
        world: Seed, or storyline and seed, for those that do not say theirs; the first if "".
        judge: `rules`, or models' names; several are a panel.
        read: Which responses a model judge reads for more than the outcome: `all`, `none` or `sample:0.2`.
        blind: Whether names of the agent, of models and of their makers are hidden from model judges.
        rubrics: A shipped version of the rubrics, or a folder; the current ones if "".

    Returns:
        One row for each response: `id`, `harmful` (missing where there is no verdict, with the `reason`), `rung`,
        `findings`, `evidence`, `actions` and what else `turncoat score --json` writes. What could not be read stands
        in the frame's `attrs["problems"]`, one line each.

    Raises:
        UsageError: No scenario for responses that name none, an unknown one, or unknown levels.
        UnknownName: A judge that no provider knows.
    """
    import pandas as pd

    options = ScoringOptions(judge, read, blind, str(rubrics), scenario=str(scenario))
    levels = [part for part in condition.split(",") if part and part != "control"]
    if isinstance(responses, Path | str):
        path = Path(responses)
        found = done(lambda: score_files([path], options, settings=levels, world=str(world)))
        frame, problems = pd.DataFrame(found.records), tuple(map(str, found.problems))
    else:
        if not scenario:
            raise UsageError("score: texts do not say their scenario; give one, such as scenario='blackmail'")
        setting = find_setting(str(scenario), levels, str(world))
        given = [
            (setting, Response(id=str(n), kept=Kept(answer=text), place=f"response {n}"))
            for n, text in enumerate(responses)
        ]
        reader, policy = options.choice().found(), read_policy(read)
        frame, problems = pd.DataFrame(done(lambda: list(score_responses(given, reader, policy, str(rubrics))))), ()
    frame.attrs["problems"] = problems
    return frame


@dataclass(frozen=True, repr=False)
class Compared:
    """Two runs side by side, as `compare` gives them.

    Attributes:
        comparison: Everything that was found, as data.
    """

    comparison: Comparison

    @property
    def moves(self) -> pd.DataFrame:
        """One row for each rate that both runs have.

        Returns:
            `before` and `after` (shares), their `difference` (0.1 is ten percentage points), `low` and `high` (95 %),
            `p`, `p_holm` and `moved`: `up`, `down` or `not shown`, which is not to say that it stayed.
        """
        import pandas as pd

        rows = [
            {
                "scenario": m.second.scenario,
                "interface": m.second.interface,
                "condition": m.second.condition,
                "model": m.second.model,
                "simulated": m.second.simulated,
                "judge": m.second.judge,
                "before": m.first.rate.estimate,
                "after": m.second.rate.estimate,
                "difference": m.difference.estimate,
                "low": m.difference.low,
                "high": m.difference.high,
                "p": m.difference.p_value,
                "p_holm": m.adjusted_p,
                "moved": m.moved,
            }
            for m in self.comparison.moves
        ]
        return pd.DataFrame(rows)

    @property
    def guards(self) -> pd.DataFrame:
        """Harm that got through guards, their false alarms and the job: one row for each number of each condition.

        Returns:
            `measure` (`got_through`, `false_alarms`, `job`), `guards` (levels that name guards), and `before`, `after`
            and `difference` with the ends of their 95 % intervals (`_low`, `_high`), missing where nobody can tell.
        """
        import pandas as pd

        numbers = ("before", "after", "difference")
        ends = {"": "estimate", "_low": "low", "_high": "high"}
        rows = [
            {**m.cell.names, "guards": ", ".join(m.guards), "measure": m.measure}
            | {n + end: getattr(getattr(m, n), field, None) for n in numbers for end, field in ends.items()}
            for m in self.comparison.guards
        ]
        return pd.DataFrame(rows)

    @property
    def notes(self) -> tuple[str, ...]:
        """What must be said beside the frame, the result first."""
        from turncoat.report.comparison import comparison_notes

        return tuple(comparison_notes(self.comparison))

    def __repr__(self) -> str:
        return f"<compared: {self.notes[0]}>"

    def _repr_html_(self) -> str:
        said = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        held = self.guards.to_html(index=False) if self.comparison.guards else ""
        return f"{self.moves.to_html(index=False)}{said}{held}"


@checked
def compare(
    first: Logs | Results, second: Logs | Results, *, across: str | Iterable[str] | None = (), level: float = 0.05
) -> Compared:
    """Compare two runs: which rates moved.

    Args:
        first: The run before.
        second: The run after.
        across: Factor, or factors, that the runs differ in.
        level: A rate moved where its p after Holm's correction lies below this, between 0 and 1.

    Raises:
        LogError: Logs that cannot be read.
        UsageError: Nothing can be paired, or an unknown factor.
    """
    if not 0 < level < 1:
        raise UsageError(f"level {level} is not between 0 and 1")
    return Compared(compared(read(first).table, read(second).table, across=names(across), level=level))
