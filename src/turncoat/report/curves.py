"""ROC curves of monitors with their bands, and the table of how well they tell harmful from harmless."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from turncoat.base.text import inert
from turncoat.report.picture import Drawn, Picture
from turncoat.report.scatter import Axis, Point, field
from turncoat.report.svg import Drawing, Key
from turncoat.report.tables import Column, Entry, TableView, dash, number, present, table, text, words
from turncoat.report.words import grouped, listing, percent, span

if TYPE_CHECKING:
    from turncoat.analysis.monitors.measures import Cost, Estimate, Measures

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


def monitor_tables(found: Sequence[Measures], costs: Mapping[str, Cost]) -> list[TableView]:
    """The monitors' measures, of each scenario and unit, and what they take."""
    return present([_ranking(list(found)), _catching(list(found)), _costing(list(costs.items()))])


def _of(found: Sequence[Measures]) -> list[Column[Measures]]:
    return [
        words("Monitor", lambda m: text(m.monitor)),
        words("Scenario", lambda m: text(m.scenario)),
        words("Per", lambda m: text(m.unit)),
    ]


def _ranking(found: list[Measures]) -> TableView | None:
    return table(
        "monitors",
        "What monitors would have flagged, which is not what they would have prevented: who is held back does "
        "something else. Intervals are over worlds. Left out: without a verdict, and of acts the other acts of harmful "
        "sessions, whose mean score stands beside.",
        found,
        [
            *_of(found),
            Column("Units", lambda m: number(m.n)),
            Column("Harmful", lambda m: number(round(m.harmful))),
            Column("AUROC", lambda m: _score(m.auroc)),
            Column("Average precision", lambda m: _score(m.average_precision)),
            Column("Brier score", lambda m: _score(m.calibration.brier) if m.calibration else dash()),
            Column("Calibration error", lambda m: _score(m.calibration.error) if m.calibration else dash()),
            Column("Left out", lambda m: number(m.unscored), used=any(m.unscored for m in found)),
            Column(
                "Mean score of these",
                lambda m: dash() if m.other is None else Entry(f"{m.other:.2f}", m.other),
                used=any(m.other is not None for m in found),
            ),
            Column("Failed", lambda m: number(m.failed), used=any(m.failed for m in found)),
        ],
    )


def _catching(found: list[Measures]) -> TableView | None:
    aims = [c.aim for c in found[0].caught] if found else []
    return table(
        "what monitors catch",
        "Share of harmful units that would have been flagged. Caught at a stated share of false alarms: the threshold "
        "was chosen on half of the worlds, and what was caught, with the false alarms that came out, is of the others. "
        "With fewer harmless units than one over the share on either side nobody can tell. Audit: of the most "
        "suspicious share of all units.",
        found,
        [
            *_of(found),
            *(
                column
                for aim in aims
                for column in (
                    Column(f"Caught at {percent(aim)}", partial(_caught, aim)),
                    Column("Alarms", partial(_alarms, aim)),
                )
            ),
            *(Column(f"Audit of {percent(b)}", partial(_audit, b)) for b in (found[0].audits if found else ())),
        ],
    )


def _costing(found: list[tuple[str, Cost]]) -> TableView | None:
    return table(
        "what monitors take",
        "Per session, as far as it is known. Scores that guards gave during a run cost nothing afterwards.",
        found,
        [
            words("Monitor", lambda c: text(c[0])),
            Column("Time", lambda c: Entry(f"{1000 * c[1].seconds:.1f} ms", c[1].seconds)),
            Column("Calls", lambda c: Entry(f"{c[1].calls:.1f}", c[1].calls)),
            Column("Tokens read", lambda c: number(round(c[1].tokens_in))),
            Column("Tokens written", lambda c: number(round(c[1].tokens_out))),
            Column("Price", lambda c: dash() if c[1].dollars is None else Entry(f"${c[1].dollars:.5f}", c[1].dollars)),
        ],
    )


def _score(found: Estimate) -> Entry:
    if found.estimate is None:
        return Entry("cannot tell", -1.0)
    ends = f"{found.low:.2f} to {found.high:.2f}" if found.low is not None and found.high is not None else ""
    return Entry(f"{found.estimate:.2f}", found.estimate, ends)


def _caught(aim: float, found: Measures) -> Entry:
    return _share(next(c.catches for c in found.caught if c.aim == aim))


def _alarms(aim: float, found: Measures) -> Entry:
    return _share(next(c.alarms for c in found.caught if c.aim == aim))


def _audit(budget: float, found: Measures) -> Entry:
    return _share(found.audits[budget])


def _share(found: Estimate) -> Entry:
    if found.estimate is None:
        return Entry("cannot tell", -1.0)
    ends = span(found.low, found.high) if found.low is not None and found.high is not None else ""
    return Entry(percent(found.estimate), found.estimate, ends)
