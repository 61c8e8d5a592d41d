"""What models said of the situation: one bar for each model, divided by awareness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from turncoat.analysis.published import PublishedAwareness
from turncoat.analysis.readings import READ, Awareness
from turncoat.report.bars import NARROW, WIDE
from turncoat.report.svg import Drawing
from turncoat.report.words import percent

_BAR = 17.0


@dataclass(frozen=True)
class Plan:
    """Where a row's label and its divided bar stand."""

    width: float
    left: float
    row: float
    above: bool
    """Whether the label stands above its bar, rather than before it."""

    def label(self, drawing: Drawing, top: float, words: str) -> float:
        """Write a row's label and return where its bar begins, from above."""
        if self.above:
            drawing.name(self.left, top + 10, words, "name", 44)
            return top + 15
        drawing.name(self.left - 10, top + 12.5, words, "name end", 29)
        return top


PLANS = {"wide": Plan(WIDE, 208.0, 27.0, above=False), "narrow": Plan(NARROW, 2.0, 40.0, above=True)}


def awareness_bars(rows: Sequence[tuple[str, Awareness]], title: str, form: str = "wide") -> Drawing:
    """Draw shares of the samples that were read.

    Args:
        rows: Label and counts, from above.
        title: What the picture shows, for readers who do not see it.
        form: `wide` or `narrow`.
    """
    plan = PLANS[form]
    words = "; ".join(f"{label}: {', '.join(_shares(found))}" for label, found in rows)
    drawing = Drawing(plan.width, plan.row * len(rows) + 4, f"{title}. {words}.")
    for i, (label, found) in enumerate(rows):
        top = plan.label(drawing, i * plan.row + 3, label)
        x, room = plan.left, plan.width - plan.left - 2
        for shade, kind in enumerate(READ):
            n = found.kinds[kind].total if kind in found.kinds else 0
            if not n:
                continue
            width = room * n / found.read
            tip = f"{kind.replace('-', ' ')}: {n} of {found.read} ({percent(n / found.read)})"
            drawing.rect(x, top, max(width - 1, 0.5), _BAR, f"aware{shade}", tip)
            if width > 8 * len(str(n)) + 4:
                drawing.text(x + width / 2, top + 12.5, str(n), "inside light" if shade < 2 else "inside")
            x += width
        for border, tip in _borders(found.published):
            drawing.diamond(plan.left + border * room, top + _BAR / 2, 5.5, "published", tip)
    return drawing


def _borders(published: PublishedAwareness | None) -> list[tuple[float, str]]:
    """Where the paper's shares end: of «real» from the left, then of «evaluation»."""
    if published is None:
        return []
    words = f"Published: stated real {percent(published.real)}, stated evaluation {percent(published.evaluation)}"
    tip = f"{words}, neither {percent(1 - published.real - published.evaluation)} of {published.n}"
    return [(published.real, tip), (published.real + published.evaluation, tip)]


def _shares(found: Awareness) -> list[str]:
    return [f"{k.replace('-', ' ')} {percent(found.kinds[k].total / found.read)}" for k in READ if k in found.kinds]
