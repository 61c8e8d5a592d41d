"""What models said of the situation: one bar for each model, divided by awareness."""

from __future__ import annotations

from collections.abc import Sequence

from turncoat.analysis.awareness import READ, Awareness
from turncoat.report.bars import WIDE, clip
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
        drawing.text(_LEFT - 10, top + 12.5, clip(label, 32), "name end")
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
    return drawing


def _shares(found: Awareness) -> list[str]:
    return [f"{k.replace('-', ' ')} {percent(found.kinds[k].total / found.read)}" for k in READ if k in found.kinds]
