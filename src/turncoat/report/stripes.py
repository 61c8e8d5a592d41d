"""What models said of the situation: one bar for each model, divided by awareness."""

from __future__ import annotations

from collections.abc import Sequence

from turncoat.analysis.awareness import READ, Awareness
from turncoat.analysis.published import PublishedAwareness
from turncoat.report.bars import WIDE
from turncoat.report.svg import Drawing
from turncoat.report.words import percent

_LEFT, _ROW, _BAR = 208.0, 27.0, 17.0


def awareness_bars(rows: Sequence[tuple[str, Awareness]], title: str) -> Drawing:
    """Draw shares of the samples that were read.

    Args:
        rows: Label and counts, from above.
        title: What the picture shows, for readers who do not see it.
    """
    words = "; ".join(f"{label}: {', '.join(_shares(found))}" for label, found in rows)
    drawing = Drawing(WIDE, _ROW * len(rows) + 4, f"{title}. {words}.")
    for i, (label, found) in enumerate(rows):
        top = i * _ROW + 3
        drawing.name(_LEFT - 10, top + 12.5, label, "name end", 29)
        x, room = _LEFT, WIDE - _LEFT - 2
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
            drawing.diamond(_LEFT + border * (WIDE - _LEFT - 2), top + _BAR / 2, 5.5, "published", tip)
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
