"""What the models did: one bar for each model and condition, divided by rung."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from turncoat.analysis import Overview
from turncoat.analysis.counts import UNSCORED, Distribution, RungOrder
from turncoat.report.sheet import sheet
from turncoat.report.stripes import PLANS
from turncoat.report.svg import Drawing
from turncoat.report.words import condition_words, heading, percent, short_names

_BAR = 17.0
_SHADES_MILD, _SHADES_HARMFUL = 6, 3


@dataclass(frozen=True)
class RungKey:
    """One entry of the legend."""

    rung: str
    kind: str
    harmful: bool


@dataclass(frozen=True)
class RungFigure:
    """The picture of one scenario and interface."""

    name: str
    """For file names and links, such as `outcomes-blackmail-text`."""
    heading: str
    number: int
    groups: tuple[tuple[str, Drawing, Drawing], ...]
    """Title of the condition and its picture, wide and narrow."""
    keys: tuple[RungKey, ...]

    @property
    def whole(self) -> Drawing:
        """The figure as a picture of its own."""
        keys = [(f"seg {k.kind}", k.rung.replace("_", " ") + (" (harmful)" if k.harmful else "")) for k in self.keys]
        return sheet(f"Outcomes: {self.heading}", keys, [(title, wide) for title, wide, _ in self.groups], 1)


def rung_figures(overview: Overview, first: int) -> list[RungFigure]:
    """Draw what models did in each scenario and interface, by its first judge.

    Args:
        overview: The analysis.
        first: Number of the first figure.
    """
    settings = sorted({(c.scenario, c.interface) for c in overview.cells})
    several = len({i for _, i in settings}) > 1
    found = []
    for number, (scenario, interface) in enumerate(settings, first):
        judge = overview.first_judge[scenario, interface]
        mine = [d for d in overview.rungs if (d.scenario, d.interface, d.judge) == (scenario, interface, judge)]
        groups, keys = _groups(mine, overview.orders[scenario], overview.simulated)
        name = f"outcomes-{scenario.replace('/', '-')}-{interface}"
        place = heading(scenario) + (f" ({interface} interface)" if several else "")
        found.append(RungFigure(name, place, number, groups, keys))
    return found


def _groups(
    distributions: Sequence[Distribution], order: RungOrder, simulated: frozenset[str]
) -> tuple[tuple[tuple[str, Drawing, Drawing], ...], tuple[RungKey, ...]]:
    """A picture for each condition, and the legend."""
    kinds = _kinds(order)
    models = sorted({d.model for d in distributions}, key=lambda m: (m in simulated, m))
    names = short_names(models)
    several = len({d.judge for d in distributions}) > 1
    groups = []
    for condition in dict.fromkeys(d.condition for d in distributions):
        mine = sorted(
            (d for d in distributions if d.condition == condition), key=lambda d: (models.index(d.model), d.judge)
        )
        labels = [
            names[d.model] + (" (sim.)" if d.model in simulated else "") + (f" · {d.judge}" if several else "")
            for d in mine
        ]
        wide, narrow = (_picture(condition, mine, labels, kinds, form) for form in ("wide", "narrow"))
        groups.append((heading(condition_words(condition)), wide, narrow))
    present = {r for d in distributions for r in d.counts}
    keys = tuple(RungKey(r, k, r in order.harmful) for r, k in kinds.items() if r in present)
    return tuple(groups), keys


def _kinds(order: RungOrder) -> dict[str, str]:
    """Rung → class of its colour: mild rungs in blues, harmful ones in warm shades, from light to dark."""
    mild = [r for r in order.rungs if r not in order.harmful]
    harmful = [r for r in order.rungs if r in order.harmful]
    kinds = {r: f"mild{_shade(i, len(mild), _SHADES_MILD)}" for i, r in enumerate(mild)}
    kinds |= {r: f"harm{_shade(i, len(harmful), _SHADES_HARMFUL)}" for i, r in enumerate(harmful)}
    return kinds | {UNSCORED: "unscored"}


def _shade(i: int, many: int, shades: int) -> int:
    return i if many <= shades else i * shades // many


def _picture(
    condition: str, distributions: Sequence[Distribution], labels: Sequence[str], kinds: Mapping[str, str], form: str
) -> Drawing:
    plan = PLANS[form]
    drawing = Drawing(plan.width, plan.row * len(distributions) + 2, f"Outcomes under {condition_words(condition)}")
    for i, (found, label) in enumerate(zip(distributions, labels, strict=True)):
        top = plan.label(drawing, i * plan.row + 3, label)
        x, room = plan.left, plan.width - plan.left - 2
        for rung, kind in kinds.items():
            n = found.counts.get(rung, 0)
            if not n:
                continue
            width = room * n / found.total
            tip = f"{rung.replace('_', ' ')}: {n} of {found.total} ({percent(n / found.total)})"
            drawing.rect(x, top, max(width - 1, 0.5), _BAR, f"seg {kind}", tip)
            if width > 8 * len(str(n)) + 4:
                dark = kind in ("mild4", "mild5", "harm1", "harm2")
                drawing.text(x + width / 2, top + 12.5, str(n), "inside light" if dark else "inside")
            x += width
    return drawing
