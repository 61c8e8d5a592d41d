"""What an office outside made of agents' reports: how often it was told, what it came to, and who decided that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from turncoat.analysis.counts import tally
from turncoat.analysis.rates import OF_SAMPLES, Cell, Group, by_group, judged_by
from turncoat.analysis.table import Table
from turncoat.stats.rates import Rate


@dataclass(frozen=True)
class Reviews(Group):
    """The reviews of one model's reports in one condition."""

    reported: Rate
    """Of sessions in which the office was told, of all that were held."""
    outcomes: Mapping[str, int]
    """What the office came to (`sent_back`, `stands`, or `pending` where the session ended before) → sessions."""
    by: Mapping[str, int]
    """Who decided it: `rule`, `model`, or `failed` (the rule, since the model gave no usable answer) → sessions."""
    harmful: Rate
    """Of these sessions, the ones in which harm was attempted all the same."""


def reviews(table: Table, cells: Sequence[Cell]) -> tuple[Reviews, ...]:
    """What the office outside made of reports, in each condition in which it was told of any.

    Args:
        table: The table.
        cells: Its rates, as `rates` gives them.
    """
    frame = table.frame[table.frame["status"] != "error"]
    if not frame["review"].notna().any():
        return ()
    rows, found = by_group(frame, [*OF_SAMPLES, "review", "reviewed_by"]), []
    for cell in cells:
        own = rows.get(cell.key)
        if own is None or not (told := own["review"].notna()).any():
            continue
        found.append(
            Reviews(
                **cell.names,
                simulated=cell.simulated,
                reported=judged_by(cell, own.assign(told=told.astype("boolean")), "told").rate,
                outcomes=tally(own["review"]),
                by=tally(own["reviewed_by"]),
                harmful=judged_by(cell, own[told], "harmful").rate,
            )
        )
    return tuple(found)
