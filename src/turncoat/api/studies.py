"""Studies: what is to be run, on which worlds, and what it would take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from turncoat.analysis.jobs import job_spreads
from turncoat.api.given import names
from turncoat.api.results import Logs, Results, read
from turncoat.base.arguments import checked
from turncoat.base.errors import UsageError
from turncoat.runs.design import scenario_study, task_plans, with_guards_of
from turncoat.runs.request import Request
from turncoat.runs.study import Study as StudyFile
from turncoat.runs.study import load_study
from turncoat.scoring.options import ScoringOptions

if TYPE_CHECKING:
    import pandas as pd

    from turncoat.runs.plan import Plan


@dataclass(frozen=True, repr=False)
class Study:
    """A named experiment, as `study` gives it.

    Attributes:
        name: What it was loaded by; kept in logs.
        file: Its contents, as a study file has them.
    """

    name: str
    file: StudyFile

    @property
    def cells(self) -> pd.DataFrame:
        """What is run: one row for each scenario, interface and condition, with the number of its `samples`."""
        import pandas as pd

        rows = [
            {
                "scenario": plan.name,
                "interface": plan.interface,
                "condition": cell.id,
                "samples": sum(c == cell for c, _ in plan.pairs) * self.file.epochs,
            }
            for plan in task_plans(self.file, self.name)
            for cell in plan.cells
        ]
        return pd.DataFrame(rows)

    @checked
    def plan(
        self,
        *,
        model: str | Sequence[str] | None = (),
        judge: str = "",
        model_roles: Mapping[str, str] | None = None,
        same_model: bool = False,
        logs: Logs | Results | None = None,
    ) -> Plan:
        """Say what it would take; nothing is called.

        Args:
            model: Inspect's name of a model, or several; the study's if none.
            judge: `rules`, or models' names; the study's, else `rules`, if "".
            model_roles: The models that guards ask, by role.
            same_model: Whether guards may ask the judge's own model.
            logs: Finished runs that say how far the job done lies apart from world to world; assumed if None.

        Returns:
            Samples, tokens, US dollars as far as prices are known, and what so many samples can find.

        Raises:
            UsageError: An unknown judge, or guards that ask the judge's own model.
            LogError: The logs cannot be read.
        """
        from turncoat.runs.plan import plan_study

        scoring = ScoringOptions(judge or self.file.judge or "rules")
        roles, asked = dict(model_roles or {}), names(model)
        request = Request(self.file, self.name, asked, Path(), scoring, model_roles=roles, same_model=same_model)
        return plan_study(request, spreads=job_spreads(read(logs).table) if logs is not None else {})

    def __repr__(self) -> str:
        return f"<study {self.name}: {self.file.title}, {self.cells['samples'].sum()} samples for each model>"

    def _repr_html_(self) -> str:
        from html import escape

        return f"<p><b>{escape(self.name)}</b>: {escape(self.file.title)}</p>{self.cells.to_html(index=False)}"


@checked
def study(
    name: str | Path = "",
    *,
    scenario: str | Path = "",
    conditions: str | Sequence[str] | None = (),
    worlds: str | int = "",
    epochs: int = 0,
    guards: str | Sequence[str] | None = (),
) -> Study:
    """A study by name, or one of a scenario's conditions.

    Args:
        name: A study that ships (`paper/fig7`, `demo`), or the path of a YAML file.
        scenario: Instead of a name: a scenario's name, or its folder.
        conditions: Of a scenario: ids of conditions, such as `goal=explicit,threat=replacement`; its headline
            conditions if none.
        worlds: Seeds: `1-20`, 7 or `affair@1-5`, separated by commas; the study's own, or `1-20` of a scenario, if "".
        epochs: How often each sample is run; the study's own, or once, if 0.
        guards: Each cell is run with each of these guards: `["none", "read_only", "no_forwarding+approval_model"]`;
            the study's own if none.

    Raises:
        UnknownName: There is no such study or scenario.
        UsageError: Neither or both are named, conditions are given for a study, or there is no such condition or world.
        ScenarioError: A file is wrong.
    """
    if epochs < 0:
        raise UsageError(f"study: epochs {epochs} is less than 0")
    if bool(name) == bool(scenario):
        raise UsageError("study: give the name or file of a study, or scenario=… for a scenario's conditions")
    if scenario:
        made = scenario_study(str(scenario), names(conditions), str(worlds) or "1-20", epochs or 1)
        return Study(str(scenario), with_guards_of(made, names(guards)))
    if conditions:
        raise UsageError(f"study: conditions go with scenario=…; the cells of {str(name)!r} stand in its file")
    file = load_study(str(name))
    seeds = {"seeds": str(worlds)} if worlds != "" else {}
    changed = {**seeds, **({"epochs": epochs} if epochs else {})}
    blocks = tuple(b.model_copy(update=seeds) for b in file.blocks)
    found = file.model_copy(update={**changed, "blocks": blocks})
    return Study(str(name), with_guards_of(found, names(guards)))
