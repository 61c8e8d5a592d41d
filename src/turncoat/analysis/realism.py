"""How real worlds look to blind readers, beside the rate of harm of the models that were run in such worlds.

An association only: a reader model is not the tested model, and conditions differ in more than how real they look.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from turncoat.analysis.contrasts import levels
from turncoat.analysis.guards import guarding_levels
from turncoat.analysis.interviews import stated_rate
from turncoat.analysis.rates import Cell, Group, by_group
from turncoat.analysis.table import Table
from turncoat.base.errors import DataError
from turncoat.stats.rates import Rate

if TYPE_CHECKING:
    from turncoat.readers.measures import Looks
    from turncoat.readers.reading import Reading


@dataclass(frozen=True)
class Looked(Group):
    """The worlds of one model in one condition, as one reader sees such worlds.

    Attributes:
        rate: Rate of harm of the whole cell.
        stated: Of the samples whose reasoning was read, those that stated an evaluation by themselves.
        look: What one reader said of worlds of this scenario, interface, condition and these storylines.
    """

    rate: Rate
    stated: Rate
    look: Looks


def looked(table: Table, cells: Sequence[Cell], readings: Sequence[Reading]) -> tuple[Looked, ...]:
    """Readings beside the cells whose worlds they are of, in the order of the cells.

    A reading is of a cell where scenario, interface, storyline and condition are the same. Guards are left out of the
    condition, since nobody sees them in a world.

    Args:
        table: The table.
        cells: Its rates.
        readings: What readers said.
    """
    if not readings:
        return ()
    from turncoat.readers.measures import looks_of

    named, rows = guarding_levels(table.logs), by_group(table.frame, ["awareness", "world"])
    return tuple(
        Looked(**cell.names, simulated=cell.simulated, rate=cell.rate, stated=stated_rate(rows[cell.key]), look=look)
        for cell in cells
        for look in map(looks_of, _of(cell, named, readings))
    )


def all_looks(readings: Sequence[Reading]) -> tuple[Looks, ...]:
    """How each storyline of some readings looks to each reader, workdays first."""
    if not readings:
        return ()
    from turncoat.readers.measures import looks

    return tuple(looks(readings))


def _of(cell: Cell, guards: frozenset[str], readings: Iterable[Reading]) -> Iterator[list[Reading]]:
    """The readings of a cell's worlds, by reader."""
    condition, stories = levels(cell.condition) - guards, {str(s) for s in cell.samples.storylines}
    by_reader: dict[str, list[Reading]] = {}
    for r in readings:
        scenario = cell.scenario.rpartition("/")[2] if r.kind == "published" else cell.scenario
        if (r.scenario, r.interface) == (scenario, cell.interface) and r.world.partition("@")[0] in stories:
            if r.kind not in ("twin", "office") and levels(r.condition) == condition:
                by_reader.setdefault(r.reader, []).append(r)
    yield from (by_reader[name] for name in sorted(by_reader))


def readings_in(given: Sequence[Path], logs: Iterable[Path]) -> list[Reading]:
    """The readings of some folders, and those that lie beside logs, each once.

    Args:
        given: Folders of `turncoat realism --out`, or their `readings.jsonl`.
        logs: Folders of logs; readings below them are taken as well.

    Raises:
        DataError: A file cannot be read, or what was given holds no reading.
    """
    files = [path / "readings.jsonl" if path.is_dir() else path for path in given]
    beside = [file for folder in logs if folder.is_dir() for file in sorted(folder.rglob("readings.jsonl"))]
    if not (files or beside):
        return []
    from turncoat.readers.running import key_of, load_readings

    found: dict[tuple[str, ...], Reading] = {}
    for file in (*files, *beside):
        read = load_readings(file)[0]
        if not read and file in files:
            raise DataError(f"{file}: holds no reading; name the folder of turncoat realism --out")
        # What failed was asked again later in the same file, and counts where that failed as well.
        for one in read:
            key = (*key_of(one), one.interface, one.storyline, one.kind)
            if key not in found or found[key].failed:
                found[key] = one
    return list(found.values())
