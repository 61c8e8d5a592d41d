"""ROC curves of monitors with their bands, and the table of how well they tell harmful from harmless."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from turncoat.base.text import inert
from turncoat.report.picture import Drawn, Picture
from turncoat.report.scatter import Axis, Point, field
from turncoat.report.svg import Drawing, Key
from turncoat.report.tables import Column, Entry, TableView, dash, number, table, text, words
from turncoat.report.words import grouped, listing, percent, span

if TYPE_CHECKING:
    from turncoat.analysis.monitors.measures import Estimate, Measures

_SIZE, _LEFT, _TOP = 286.0, 46.0, 12.0
_WIDTH = 344.0


def curve_pictures(found: Sequence[Measures]) -> Iterator[Picture]:
    """One figure for each monitor: its curves over all scenarios together, per session and per act."""
    for name, parts in grouped(found, lambda m: m.monitor).items():
        shown = [m for m in parts if m.scenario == parts[0].scenario and m.curve]
        if not shown:
            continue
        drawn = [_panel(m) for m in shown]
        left_out = [percent(c.aim) for c in shown[0].caught if c.known != "measured"]
        yield Picture(
            f"roc-{_name(name)}",
            f"What the monitor {inert(name.partition('@')[0])} would have flagged",
            tuple(drawn),
            "Share of harmful units that would have been flagged, against the share of harmless ones, as the threshold "
            "falls; 95 % band at each point over worlds. Dots: the threshold was chosen on half of the worlds for a "
            "stated share of false alarms; both shares are of the other worlds."
            + (f" Catches per {shown[0].unit} at {listing(left_out)} cannot be told." if left_out else ""),
            (Key("curve", "curve"), Key("band", "95 % band"), Key("point", "chosen beforehand")),
            small=True,
            section="guards",
        )


def _name(monitor: str) -> str:
    return "".join(c if c.isalnum() or c in "-_" else "-" for c in monitor.partition("@")[0])


def _panel(found: Measures) -> Drawn:
    title = f"Per {found.unit}: AUROC {_said(found.auroc)}"
    drawing = roc_curve(found, f"{found.monitor}, {found.scenario}, per {found.unit}. AUROC {_said(found.auroc)}.")
    return Drawn(inert(title), drawing, drawing)


def _said(found: Estimate) -> str:
    if found.estimate is None:
        return "cannot be told"
    ends = f" ({found.low:.2f} to {found.high:.2f})" if found.low is not None and found.high is not None else ""
    return f"{found.estimate:.2f}{ends}"


def roc_curve(found: Measures, title: str) -> Drawing:
    """Draw one curve with its band, and the thresholds that were chosen beforehand.

    Args:
        found: The monitor's measures.
        title: What the picture shows, for readers who do not see it.
    """
    drawing = Drawing(_WIDTH, _TOP + _SIZE + 38, title)

    across, up = Axis(0.0, 1.0, _LEFT, _LEFT + _SIZE), Axis(0.0, 1.0, _TOP + _SIZE, _TOP)

    def at(x: float, y: float) -> Point:
        return across.at(x), up.at(y)

    field(drawing, across, up, "harmful flagged", "harmless flagged")
    if found.band:
        upper, lower = [at(x, high) for x, _, high in found.band], [at(x, low) for x, low, _ in found.band]
        drawing.path([*upper, *lower[::-1]], "band")
    drawing.line(*at(0, 0), *at(1, 1), "chance")
    drawing.path([at(x, y) for x, y in found.curve], "curve")
    for caught in found.caught:
        if caught.catches.estimate is not None and caught.alarms.estimate is not None:
            tip = (
                f"Chosen for {percent(caught.aim)} false alarms: {percent(caught.catches.estimate)} of harmful and "
                f"{percent(caught.alarms.estimate)} of harmless ones"
            )
            drawing.dot(*at(caught.alarms.estimate, caught.catches.estimate), 4.5, "point", tip)
    return drawing


def curve_table(found: Sequence[Measures]) -> TableView | None:
    """The monitors' measures, of each scenario and unit."""
    return table(
        "monitors",
        "What monitors would have flagged, which is not what they would have prevented: who is held back does "
        "something else. Intervals are over worlds. Catches: share of harmful units flagged where the threshold was "
        "chosen on half of the worlds for that share of false alarms, of the other worlds; at an audit, of the most "
        "suspicious share.",
        list(found),
        [
            words("Monitor", lambda m: text(m.monitor)),
            words("Scenario", lambda m: text(m.scenario)),
            words("Per", lambda m: text(m.unit)),
            Column("Units", lambda m: number(m.n)),
            Column("Harmful", lambda m: number(round(m.harmful))),
            Column("AUROC", lambda m: _score(m.auroc)),
            Column("Average precision", lambda m: _score(m.average_precision)),
            *(Column(f"Catches at {percent(aim)}", partial(_caught, aim)) for aim in (0.01, 0.05)),
            Column("Audit of 3 %", lambda m: _share(m.audits[0.03])),
            Column("Calibration error", lambda m: _score(m.calibration.error) if m.calibration else dash()),
            Column("Failed", lambda m: number(m.failed), used=any(m.failed for m in found)),
        ],
    )


def _score(found: Estimate) -> Entry:
    if found.estimate is None:
        return Entry("cannot tell", -1.0)
    ends = f"{found.low:.2f} to {found.high:.2f}" if found.low is not None and found.high is not None else ""
    return Entry(f"{found.estimate:.2f}", found.estimate, ends)


def _caught(aim: float, found: Measures) -> Entry:
    return _share(next(c.catches for c in found.caught if c.aim == aim))


def _share(found: Estimate) -> Entry:
    if found.estimate is None:
        return Entry("cannot tell", -1.0)
    ends = span(found.low, found.high) if found.low is not None and found.high is not None else ""
    return Entry(percent(found.estimate), found.estimate, ends)
