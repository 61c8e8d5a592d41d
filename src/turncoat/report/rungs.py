"""What the models did: one bar for each model and condition, divided by rung."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from turncoat.analysis.counts import UNSCORED, Distribution, RungOrder
from turncoat.report.stripes import PLANS
from turncoat.report.svg import Drawing
from turncoat.report.words import condition_words, heading, percent, short_names

_BAR = 17.0
_SHADES_MILD, _SHADES_HARMFUL = 6, 3


@dataclass(frozen=True)
class Key:
    """One entry of the legend."""

    rung: str
    kind: str
    harmful: bool


@dataclass(frozen=True)
class RungFigure:
    """The picture of one scenario and interface."""

    groups: tuple[tuple[str, Markup, Markup], ...]
    """Title of the condition and its picture, wide and narrow."""
    keys: tuple[Key, ...]


def rung_figure(distributions: Sequence[Distribution], order: RungOrder, simulated: frozenset[str]) -> RungFigure:
    """Draw the rungs of one scenario and interface, one picture for each condition."""
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
    keys = tuple(Key(r, k, r in order.harmful) for r, k in kinds.items() if r in present)
    return RungFigure(tuple(groups), keys)


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
) -> Markup:
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
                dark = kind in ("mild3", "mild4", "mild5", "harm1", "harm2")
                drawing.text(x + width / 2, top + 12.5, str(n), "inside light" if dark else "inside")
            x += width
    return drawing.markup()
