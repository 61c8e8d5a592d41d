"""The paper's figures, in its order: which cells of a run belong to which, as far as the run holds them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from turncoat.analysis.contrasts import Square, levels
from turncoat.analysis.published import plain_scenario
from turncoat.analysis.rates import Cell

Kind = Literal["square", "models", "values", "instruction"]
"""What a figure compares: the two pressures crossed, models, goal values, or with and without a direct instruction."""

VALUES = (
    "america",
    "global",
    "safety",
    "acceleration",
    "ethical",
    "pragmatic",
    "individualism",
    "collectivism",
)
"""The eight goal values in the order of the paper's pairs; the first is the default and stands in no condition's id."""

BOTH = "goal=explicit,threat=replacement"


@dataclass(frozen=True)
class Panel:
    """Some cells that are drawn together."""

    title: str
    """A model's or a scenario's name, or "" where the figure has one panel."""
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class PaperFigure:
    """One figure of the paper with this run's cells."""

    number: str
    kind: Kind
    scenario: str
    """As the logs name it: a published setting's name begins with `reference/`."""
    interface: str
    title: str
    panels: tuple[Panel, ...] = ()
    squares: tuple[Square, ...] = ()
    excluded: tuple[Cell, ...] = ()
    """Cells left out by the study's own rule, with their models' control rates; shown beside."""

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All cells that are drawn."""
        return tuple(c for p in self.panels for c in p.cells)


_MODELS = (
    ("7", "blackmail", BOTH, "Blackmail under goal conflict and threat of replacement"),
    ("8", "blackmail", "threat=replacement", "Blackmail under threat of replacement alone"),
    ("9", "espionage", "goal=explicit", "Leaking under goal conflict alone"),
    ("11", "lethal", BOTH, "Letting a person die under goal conflict and threat of replacement"),
)


def paper_figures(
    cells: Sequence[Cell], squares: Sequence[Square], excluded: Sequence[tuple[str, str, str]] = ()
) -> tuple[PaperFigure, ...]:
    """Sort a run's cells into the paper's figures.

    Args:
        cells: Rates by one judge for each model.
        squares: The two pressures crossed, as `contrasts.squares` gives them.
        excluded: (scenario, interface, model) triples that the study's own rule leaves out of a figure of models.

    Returns:
        The figures that have cells, by the paper's number, then interface.
    """
    settings = sorted({(c.scenario, c.interface) for c in cells})
    found = [f for s, i in settings for f in _of_setting(s, i, cells, squares, frozenset(excluded))]
    return tuple(sorted(found, key=lambda f: int(f.number)))


def other_cells(cells: Sequence[Cell], figures: Sequence[PaperFigure]) -> tuple[Cell, ...]:
    """Cells of conditions that no figure of the paper shows, the squares aside."""
    drawn = {id(c) for f in figures for c in (*f.cells, *f.excluded)}
    return tuple(c for c in cells if id(c) not in drawn)


def _of_setting(
    scenario: str,
    interface: str,
    cells: Sequence[Cell],
    squares: Sequence[Square],
    excluded: frozenset[tuple[str, str, str]],
) -> Iterator[PaperFigure]:
    mine = [c for c in cells if (c.scenario, c.interface) == (scenario, interface)]
    base = plain_scenario(scenario)
    crossed = tuple(s for s in squares if (s.scenario, s.interface) == (scenario, interface))
    if crossed:
        yield PaperFigure("6", "square", scenario, interface, "Goal conflict and threat, crossed", squares=crossed)
    for number, of, condition, title in _MODELS:
        found = sorted((c for c in mine if of == base and _is(c, condition)), key=_rank)
        if found:
            out = tuple(c for c in found if (c.scenario, c.interface, c.model) in excluded)
            kept = tuple(c for c in found if c not in out)
            yield PaperFigure(number, "models", scenario, interface, title, (Panel("", kept),), excluded=out)
    if base == "espionage" and (panels := tuple(_values(mine))):
        yield PaperFigure("10", "values", scenario, interface, "Leaking for each goal", panels)
    if base in ("blackmail", "espionage") and (panels := tuple(_instruction(mine, base))):
        title = "With and without a direct instruction not to"
        yield PaperFigure("12", "instruction", scenario, interface, title, panels)


def _values(cells: Sequence[Cell]) -> Iterator[Panel]:
    wanted = ["goal=explicit", *(f"goal=explicit,value={v}" for v in VALUES[1:])]
    for model in dict.fromkeys(c.model for c in cells):
        own = [c for w in wanted for c in cells if c.model == model and _is(c, w)]
        if len(own) > 1:
            yield Panel(model, tuple(own))


def _instruction(cells: Sequence[Cell], base: str) -> Iterator[Panel]:
    pairs = []
    for told in cells:
        if _is(told, f"{BOTH},instruction=direct"):
            pairs += [c for c in cells if c.model == told.model and _is(c, BOTH)] + [told]
    if pairs:
        yield Panel(base, tuple(pairs))


def _rank(cell: Cell) -> tuple[bool, float, str]:
    return cell.rate.estimate is None, -(cell.rate.estimate or 0.0), cell.model


def _is(cell: Cell, condition: str) -> bool:
    return levels(cell.condition) == levels(condition)
