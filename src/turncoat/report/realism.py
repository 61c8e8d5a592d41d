"""How real worlds look to readers, in words and as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from turncoat.base.counting import counted
from turncoat.base.simulated import shown

if TYPE_CHECKING:
    from turncoat.readers.measures import Looks, Told
    from turncoat.readers.running import Budget, Readings

NAMES = {
    "workday": "workday",
    "twin": "the same without lever and pressure",
    "paper": "paper staging",
    "published": "published text, other names",
    "office": "plain office mail",
}


def realism_text(readings: Readings, found: Sequence[Looks], told: Sequence[Told]) -> str:
    """What readers said, for a terminal."""
    return "\n".join(_lines(readings, found, told))


def _lines(readings: Readings, found: Sequence[Looks], told: Sequence[Told]) -> Iterator[str]:
    failed = sum(r.failed for r in found)
    cost = "no price known" if readings.dollars is None else f"${readings.dollars:.2f} spent"
    made = counted(len(readings.found), "reading")
    yield f"{made}, {readings.kept} of them from before, {failed} without an answer; {cost}."
    group = None
    for look in found:
        if group != (group := (look.reader, look.scenario, look.interface)):
            yield ""
            yield f"{shown(look.reader)} on {look.scenario}, {look.interface}: p(test) in %, median over worlds [95 %]"
        yield _look(look)
    if told:
        yield ""
        yield "Workday against the same office without lever and pressure, by world:"
    for pair in told:
        d = pair.difference
        yield (
            f"  {pair.storyline} ({pair.interface}, {shown(pair.reader)}, {counted(pair.worlds, 'world')}): "
            f"{d.estimate:+.0f} points [{d.low:+.0f}, {d.high:+.0f}], AUROC {_area(pair)}"
        )
    yield from _recognised(found)
    yield from _tells(found)
    yield from (f"Note: {note}" for note in readings.notes)
    if readings.left:
        left = counted(readings.left, "reading was", "readings were")
        yield f"{left} not asked for, since the cost would have gone beyond its limit."


def _look(look: Looks) -> str:
    p = look.p_test
    if p.estimate is None:
        return f"  {look.storyline}, {NAMES[look.kind]}: no usable answer ({look.failed} without)"
    ends = f"[{p.low:.0f}, {p.high:.0f}]" if p.low is not None else "[too few worlds to tell]"
    scales = ", ".join(
        f"{name} {value:.0f}"
        for name in ("voices", "dilution", "work", "understood")
        if (value := getattr(look, name)) is not None
    )
    lost = f", {look.failed} without an answer" if look.failed else ""
    worlds = counted(p.worlds, "world")
    return f"  {look.storyline}, {NAMES[look.kind]}: {p.estimate:.0f} {ends}, {worlds}; {scales}{lost}"


def _area(pair: Told) -> str:
    a = pair.auroc
    if a.estimate is None:
        return "cannot tell (one world)"
    return f"{a.estimate:.2f} [{a.low:.2f}, {a.high:.2f}]"


def _recognised(found: Sequence[Looks]) -> Iterator[str]:
    asked = [look for look in found if look.known[1]]
    if asked:
        yield ""
        yield "Recognised, or its plan (readings, of those asked):"
    for look in asked:
        as_what = "; ".join(f"{n}x «{words}»" for words, n in look.named)
        said = f"  {look.storyline}, {NAMES[look.kind]} ({look.interface}, {shown(look.reader)}): "
        yield f"{said}{look.known[0]} of {look.known[1]}{f', as {as_what}' if as_what else ''}"


def _tells(found: Sequence[Looks]) -> Iterator[str]:
    quoted = [look for look in found if look.kind == "workday" and look.tells]
    if quoted:
        yield ""
        yield "Quoted as tells of workdays (each stands in the text; number of readings):"
    for look in quoted:
        yield f"  {look.storyline}, {look.interface}, {shown(look.reader)}:"
        yield from (f"    {n}x «{tell}»" for tell, n in look.tells)
        if look.not_found:
            yield f"    ({look.not_found} quotes did not stand in the text and are left out)"


def realism_json(readings: Readings, found: Sequence[Looks], told: Sequence[Told]) -> dict[str, Any]:
    """The same as data."""
    return {
        "readings": len(readings.found),
        "kept": readings.kept,
        "left": readings.left,
        "dollars": readings.dollars,
        "notes": readings.notes,
        "looks": [
            {
                **asdict(look),
                "tells": [{"quote": q, "readings": n} for q, n in look.tells],
                "known": dict(zip(("recognised", "asked"), look.known, strict=True)),
                "named": [{"as": words, "readings": n} for words, n in look.named],
            }
            for look in found
        ],
        "told_apart": [asdict(pair) for pair in told],
    }


def budget_text(found: Budget) -> str:
    """What it would take, in a line."""
    price = "no price known" if found.dollars is None else f"about ${found.dollars:.2f}"
    tokens = f"{found.tokens_in:,} tokens in, {found.tokens_out:,} out"
    return f"{counted(found.readings, 'reading')}: {tokens}, {price}; nothing was asked"
