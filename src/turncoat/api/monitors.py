"""Monitors on finished logs: what they would have flagged, and how well that tells harmful from harmless."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from turncoat.analysis.monitors.gates import MonitorRule, met_by, parse_monitor_rule
from turncoat.analysis.monitors.given import FORMATS, see_apart
from turncoat.analysis.monitors.measures import Cost, Measures, cost_of, measures
from turncoat.analysis.monitors.watching import RECORDED, Watched, watch_logs
from turncoat.api.controls import measures_frame
from turncoat.api.figures import Figure
from turncoat.api.results import Logs, Results, read
from turncoat.api.waiting import done
from turncoat.base.arguments import checked
from turncoat.base.counting import counted
from turncoat.base.errors import UsageError
from turncoat.base.files import ending_of, whole
from turncoat.base.text import no_formula
from turncoat.guards.monitors.monitor import Monitor
from turncoat.guards.monitors.named import make_monitor, needs_model
from turncoat.labels.items import Labelled, read_labelled
from turncoat.runs.prices import load_prices

if TYPE_CHECKING:
    import pandas as pd


class Monitored:
    """What a monitor says of finished logs. It would have flagged this; what it would have prevented is not known."""

    def __init__(
        self,
        watched: Watched,
        labels: Sequence[Labelled],
        price: tuple[float, float] | None,
        share: float,
        names: Collection[str] = (),
    ):
        self.watched, self._names = watched, names
        self._labels, self._price, self._share = tuple(labels), price, share

    @property
    def sessions(self) -> pd.DataFrame:
        """One row for each session: its score is the highest of its acts."""
        return self.watched.sessions

    @property
    def acts(self) -> pd.DataFrame:
        """One row for each act, with its score, the monitor's reason and its quotes."""
        return self.watched.acts

    @cached_property
    def measures(self) -> tuple[Measures, ...]:
        """AUROC, average precision, catches, audits and calibration, per session and per act, of each scenario."""
        return measures(self.watched, labels=self._labels, share=self._share)

    @cached_property
    def cost(self) -> Cost:
        """Time, calls, tokens and price per session."""
        return cost_of(self.watched, self._price)

    def table(self) -> pd.DataFrame:
        """All measures as a frame: one row for each scenario, and all together, per session and per act.

        Returns:
            `auroc`, `average_precision`, `brier`, `calibration_error`, `catches@…` and `alarms@…` at each share of
            false alarms with the `threshold@…`, `audit@…` at each budget, each with `_low` and `_high`; missing where
            it cannot be told. Then `seconds`, `calls`, `tokens_in`, `tokens_out` and `dollars` of a session.
        """
        return measures_frame(self.measures, self.cost)

    @property
    def figure(self) -> Figure:
        """Its ROC curves with their bands; a notebook shows them.

        Raises:
            UsageError: There are only harmful or only harmless sessions, so that there is no curve.
        """
        from turncoat.report.curves import curve_pictures

        if (found := next(curve_pictures(self.measures), None)) is None:
            raise UsageError("there are only harmful or only harmless sessions and acts: no curve can be drawn")
        return Figure(found)

    @checked
    def met(self, rule: str) -> list[str]:
        """The numbers that meet a rule such as `monitor[rules].auroc lower < 0.8`, each in one line.

        Raises:
            UsageError: The rule is not understood, or is about another monitor.
        """
        return met_by(_about(rule, self._names), self.measures)

    @checked
    def write(self, path: str | Path) -> tuple[Path, ...]:
        """Write the sessions, beside them the acts as `<name>.acts.<ending>`, and all measures as `<name>.measures.…`.

        Args:
            path: Ends in `.csv`, `.parquet` or `.json`.

        Returns:
            The files.

        Raises:
            UsageError: Another ending.
            OutputError: One cannot be written.
        """
        out = Path(path)
        ending = ending_of(out, FORMATS)
        acts, measured = (out.with_name(f"{out.stem}.{name}{out.suffix}") for name in ("acts", "measures"))
        files = {out: self.sessions, acts: self.acts, measured: self.table()}
        for target, frame in files.items():
            with whole(target) as part:
                _write(frame, part, ending)
        return tuple(files)

    def __repr__(self) -> str:
        w = self.watched
        return f"<{w.monitor} on {counted(len(w.sessions), 'session')}: {counted(len(w.acts), 'act')}>"

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>{self.table().to_html(index=False, na_rep='–')}"


def _about(rule: str, names: Collection[str]) -> MonitorRule:
    """A rule about the monitor that has these names."""
    found = parse_monitor_rule(rule)
    if found.name.removeprefix(RECORDED) not in names:
        raise UsageError(f"rule {rule!r}: this is the monitor {' or '.join(map(repr, sorted(names)))}")
    return found


def _names(*given: str) -> frozenset[str]:
    """What rules may call a monitor: as it was asked for, as it calls itself, and both without version and source."""
    plain = {name.removeprefix(RECORDED) for name in given if name}
    return frozenset(plain | {name.partition("@")[0] for name in plain})


def _write(frame: pd.DataFrame, part: Path, ending: str) -> None:
    if ending == ".parquet":
        frame.to_parquet(part, index=False)
    elif ending == ".json":
        frame.to_json(part, orient="records", force_ascii=False)
    else:
        texts = [n for n in frame.columns if frame[n].dtype == "string"]
        shown = frame.assign(**{n: frame[n].map(no_formula, na_action="ignore") for n in texts})
        shown.to_csv(part, index=False, encoding="utf-8")


@checked
def monitor(
    logs: Logs | Results,
    monitor: str | Monitor = "rules",
    *,
    view: str = "",
    model: str = "",
    judge: str = "",
    labels: str | Path | None = None,
    same_model: bool = False,
    calibration: float = 0.5,
    rules: Sequence[str] = (),
) -> Monitored:
    """Show every act of finished logs to a monitor. Nothing is run again, and no log is changed.

    Args:
        logs: Logs, folders of them, or results.
        monitor: A monitor's name, a monitor, or `recorded:<guard>`: the scores that a guard gave during the run.
        view: `act`, `acts` or `reasoning`; the monitor's usual one if "".
        model: The model of a monitor that asks one.
        judge: Whose verdicts are the truth; "" for the one that each run was given.
        labels: Labels that `turncoat label` drew from these logs.
        same_model: Whether monitor and judge may be one model: it then is measured by its own word.
        calibration: Share of worlds on which thresholds are chosen.
        rules: What `Monitored.met` will be asked, so that a wrong rule is seen before any act is shown.

    Raises:
        UsageError: An unknown monitor, view or judge; a model that is missing, or the judge's own; a share that is
            none, or a rule about another monitor.
        LogError: No log can be read.
    """
    if not 0 < calibration < 1:
        raise UsageError(f"--calibration {calibration}: lies strictly between 0 and 1, such as 0.5")
    table = read(logs).table
    used: str | Monitor = monitor
    if isinstance(monitor, str) and not monitor.startswith(RECORDED):
        if needs_model(monitor) and not model:
            raise UsageError(f"monitor {monitor!r} asks a model; name it, such as --model openai/gpt-4.1-mini")
        used = make_monitor(monitor, sees=view, model=model)
    names = _names(*(n if isinstance(n, str) else n.name for n in (monitor, used)))
    for rule in rules:
        _about(rule, names)
    if not same_model:
        see_apart(used, table, judge)
    read_labels = read_labelled(Path(labels)) if labels else ()
    found = done(lambda: watch_logs([], used, judge=judge, table=table))
    known = load_prices().price(model) if model else None
    price = None if known is None else (known.input, known.output)
    return Monitored(found, read_labels, price, calibration, names)


__all__ = ["Monitored", "monitor"]
