"""A block of a transcript as HTML: acts outlined, evidence highlighted, what was ignored greyed, all text inert.

Long texts are clipped to their beginning and the surroundings of what is marked; each cut says how much it leaves out.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from turncoat.analysis.transcripts import Block, Mark
from turncoat.base.text import inert
from turncoat.report.words import counted

_AROUND = 400
"""Characters kept on each side of a mark beyond the beginning."""

_MOST_MARKS = 60

_OPEN = {
    "act": Markup('<div class="act"><span class="tag">{}</span>'),
    "ignored": Markup('<div class="ignored"><span class="tag">{}</span>'),
    "evidence": Markup('<mark title="{0}"><span class="tag">{0}</span>'),
}
_CLOSE = {"act": Markup("</div>"), "ignored": Markup("</div>"), "evidence": Markup("</mark>")}


def block_html(block: Block, longest: int) -> Markup:
    """Return the text of a block for a page.

    Args:
        block: The block.
        longest: Characters of the beginning that are kept.
    """
    marks = sorted(block.marks, key=lambda m: (m.what == "evidence", m.start, -m.end))[:_MOST_MARKS]
    out: list[Markup] = []
    at = 0
    for start, end in _kept(len(block.text), marks, longest):
        if start > at:
            out.append(_cut(start - at))
        out.append(_passage(block.text, start, end, marks))
        at = end
    if at < len(block.text):
        out.append(_cut(len(block.text) - at))
    return Markup("").join(out)


def _cut(characters: int) -> Markup:
    return Markup('<span class="cut">… {} left out …</span>').format(counted(characters, "character"))


def _kept(length: int, marks: Sequence[Mark], longest: int) -> list[tuple[int, int]]:
    """The stretches of text that are shown, in order and apart."""
    if length <= longest:
        return [(0, length)]
    wanted = [(0, longest)]
    for mark in marks:
        # The middle of a very long act is left out as well.
        for edge in {mark.start, mark.end} if mark.end - mark.start > 4 * _AROUND else {mark.start}:
            far = mark.end if mark.end - mark.start <= 4 * _AROUND else edge
            wanted.append((max(0, edge - _AROUND), min(length, far + _AROUND)))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(wanted):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _passage(text: str, start: int, end: int, marks: Sequence[Mark]) -> Markup:
    """One stretch with its marks. Boxes (acts, ignored tags) never overlap; highlights are split at their borders."""
    out: list[Markup] = []
    at = start
    for box in _apart([m for m in marks if m.what != "evidence"], start, end):
        out.append(_highlighted(text, at, box.start, marks, trim=(False, True)))
        out.append(_OPEN[box.what].format(inert(box.label)))
        out.append(_highlighted(text, box.start, box.end, marks, trim=(True, True)))
        out.append(_CLOSE[box.what])
        at = box.end
    out.append(_highlighted(text, at, end, marks, trim=(at != start, False)))
    return Markup("").join(out)


def _highlighted(text: str, start: int, end: int, marks: Sequence[Mark], trim: tuple[bool, bool]) -> Markup:
    out: list[Markup] = []
    at = start
    pieces: list[tuple[str, Mark | None]] = []
    for mark in _apart([m for m in marks if m.what == "evidence"], start, end):
        pieces += [(text[at : mark.start], None), (text[mark.start : mark.end], mark)]
        at = mark.end
    pieces.append((text[at:end], None))
    for i, (piece, found) in enumerate(pieces):
        # Line breaks next to a box would show as empty lines, because the box is a block of its own.
        words = piece.lstrip("\n") if trim[0] and i == 0 else piece
        words = words.rstrip("\n") if trim[1] and i == len(pieces) - 1 else words
        if found is None:
            out.append(Markup("{}").format(inert(words)))
        else:
            label = inert(found.label.replace("_", " "))
            out += [_OPEN["evidence"].format(label), Markup("{}").format(inert(words)), _CLOSE["evidence"]]
    return Markup("").join(out)


def _apart(marks: Sequence[Mark], start: int, end: int) -> list[Mark]:
    """Cut marks to a stretch and drop what overlaps an earlier one; equal places share one mark with both labels."""
    labels: dict[tuple[int, int], list[str]] = {}
    for mark in marks:
        labels.setdefault((mark.start, mark.end), []).append(mark.label)
    found: list[Mark] = []
    for mark in sorted(marks, key=lambda m: (m.start, -m.end)):
        low, high = max(mark.start, start), min(mark.end, end)
        if found:
            low = max(low, found[-1].end)
        if low < high and not (found and (mark.start, mark.end) == (found[-1].start, found[-1].end)):
            found.append(Mark(low, high, mark.what, ", ".join(dict.fromkeys(labels[mark.start, mark.end]))))
    return found
