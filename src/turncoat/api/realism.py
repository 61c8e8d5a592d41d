"""How real worlds look to readers who are shown nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from turncoat.api.given import names
from turncoat.api.waiting import done
from turncoat.base.arguments import checked
from turncoat.base.counting import counted
from turncoat.base.errors import UsageError, choices
from turncoat.base.files import ending_of, whole
from turncoat.base.text import no_formula
from turncoat.readers.materials import KINDS, WORKDAY, Wanted
from turncoat.readers.measures import Looks, Told, looks, told_apart
from turncoat.readers.running import Readings, read_worlds
from turncoat.scenarios.factors import STAGING

if TYPE_CHECKING:
    import pandas as pd

FORMATS = (".csv", ".json")


@dataclass(frozen=True, repr=False)
class Realism:
    """What readers said of a scenario's worlds.

    Attributes:
        said: The readings, with what they cost and what is to be known of them.
    """

    said: Readings

    @property
    def readings(self) -> pd.DataFrame:
        """One row for each reader and world."""
        import pandas as pd

        rows = [{**r.model_dump(), "tells": " … ".join(r.tells)} for r in self.said.found]
        kinds = dict.fromkeys(("p_test", "voices", "dilution", "work", "understood"), "Int64")
        return pd.DataFrame(rows).astype(kinds) if rows else pd.DataFrame()

    @cached_property
    def looks(self) -> list[Looks]:
        """How each storyline looks to each reader: medians over worlds, with intervals."""
        return looks(self.said.found)

    @cached_property
    def told_apart(self) -> list[Told]:
        """Each workday against the same office without lever and pressure."""
        return told_apart(self.said.found)

    @checked
    def write(self, path: str | Path) -> Path:
        """Write the readings to a file that ends in `.csv` or `.json`.

        Raises:
            UsageError: Another ending.
            OutputError: It cannot be written.
        """
        out, frame = Path(path), self.readings
        ending = ending_of(out, FORMATS)
        with whole(out) as part:
            if ending == ".json":
                frame.to_json(part, orient="records", force_ascii=False)
            else:
                shown = frame.map(lambda v: no_formula(v) if isinstance(v, str) else v)
                shown.to_csv(part, index=False, encoding="utf-8")
        return out

    def __repr__(self) -> str:
        found, readers = self.said.found, {r.reader for r in self.said.found}
        return f"<realism: {counted(len(found), 'reading')} by {', '.join(sorted(readers)) or 'nobody'}>"

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>{self.readings.to_html(index=False, na_rep='–')}"


def seeds_of(text: str) -> tuple[int, ...]:
    """Seeds as they are written: `1-6`, `1,4,9`.

    Raises:
        UsageError: Another form, none, or more than 1000.
    """
    found: list[int] = []
    for part in (p.strip() for p in text.split(",") if p.strip()):
        first, dash, last = part.partition("-")
        if not (first.isdecimal() and first.isascii() and (not dash or (last.isdecimal() and last.isascii()))):
            raise UsageError(f"worlds {text!r}: give seeds such as 1-6; storylines have an option of their own")
        ends = int(first), int(last or first)
        if not dash:
            ends = (ends[0], ends[0])
        if ends[1] - ends[0] >= 1000:
            raise UsageError(f"worlds {text!r}: more than 1000")
        found += range(ends[0], ends[1] + 1)
    if not found or len(found) > 1000:
        raise UsageError(f"worlds {text!r}: give between 1 and 1000 seeds, such as 1-6")
    return tuple(dict.fromkeys(found))


def wanted_of(
    scenario: str,
    *,
    settings: Mapping[str, str] | None = None,
    worlds: str = "1-6",
    storylines: Sequence[str] = (),
    interfaces: Sequence[str] = (),
    beside: Sequence[str] | None = None,
) -> Wanted:
    """What readers are to be shown; see `realism`.

    Raises:
        UsageError: An unknown anchor, another staging than the workday, or worlds of another form.
    """
    anchors = [k for k in KINDS if k != WORKDAY]
    if (staged := (settings or {}).get(STAGING, WORKDAY)) != WORKDAY:
        raise UsageError(
            f"{STAGING}={staged}: readers are shown workdays, with {' and '.join(beside or anchors)} beside them; "
            "leave it out, and name with beside what else they are to be shown"
        )
    for kind in beside or ():
        if kind not in anchors:
            raise UsageError(f"beside: {choices(kind, anchors)}")
    return Wanted(
        scenario=str(scenario),
        settings=tuple((n, v) for n, v in (settings or {}).items() if n != STAGING),
        seeds=seeds_of(worlds),
        storylines=tuple(storylines),
        interfaces=tuple(interfaces) or ("text",),
        kinds=tuple(k for k in KINDS if k == WORKDAY or beside is None or k in beside),
    )


@checked
def realism(
    scenario: str | Path,
    judge: str | Sequence[str],
    *,
    worlds: str | int = "1-6",
    storylines: str | Sequence[str] | None = (),
    interfaces: str | Sequence[str] | None = (),
    beside: str | Sequence[str] | None = None,
    dilemma: bool = False,
    known: bool = False,
    out: str | Path | None = None,
    max_cost: float | None = None,
    prices: str | Path | None = None,
    at_once: int = 4,
    **levels: str,
) -> Realism:
    """Show a scenario's workdays, and anchors beside them, to readers who know nothing else.

    Args:
        scenario: A scenario's name or folder.
        judge: Inspect names of the models that read, one or several.
        worlds: Seeds, such as `1-6`; each is read of each storyline.
        storylines: Workdays; all of the scenario's if none are named.
        interfaces: Doors as which workdays are shown; `text` if none are named. Of live ones the whole
            mailbox is shown.
        beside: Anchors: `twin`, `paper`, `published`, `office`; all if None.
        dilemma: Whether readers are asked afterwards how clearly they see the dilemma.
        known: Whether readers are asked last if they know the material, or its plan.
        out: Folder that takes each reading as it comes; the same folder goes on. `realism/<scenario>` if None.
        max_cost: US dollars that may be spent.
        prices: A price table that comes before the shipped one.
        at_once: Readings that are under way at a time.
        **levels: Levels of the workdays; those of the scenario's first headline condition if none are given.

    Raises:
        UsageError: An unknown scenario, storyline, reader or anchor.
        OutputError: The folder cannot be written.
    """
    wanted = wanted_of(
        str(scenario),
        settings=levels,
        worlds=str(worlds),
        storylines=names(storylines),
        interfaces=names(interfaces),
        beside=None if beside is None else names(beside),
    )
    folder = Path(out) if out else default_folder(str(scenario))
    table = Path(prices) if prices else None
    return Realism(
        done(
            lambda: read_worlds(
                wanted,
                names(judge),
                folder,
                max_cost=max_cost,
                prices=table,
                dilemma=dilemma,
                known=known,
                at_once=at_once,
            )
        )
    )


def default_folder(scenario: str) -> Path:
    """Where readings are kept unless it is said otherwise."""
    return Path("realism") / (Path(scenario).name or "scenario")


__all__ = ["Realism", "realism"]
