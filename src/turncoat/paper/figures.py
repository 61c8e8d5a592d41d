"""The paper's figures, in its order: which cells of a run belong to which, as far as the run holds them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from turncoat.analysis.contrasts import Square, levels
from turncoat.analysis.figures import Definitions, Figure, MemoryGap, Panel
from turncoat.analysis.rates import Cell
from turncoat.paper import ours
from turncoat.paper.memory import memory_gaps

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

_MODELS = (
    ("7", "blackmail", BOTH, "Blackmail under goal conflict and threat of replacement"),
    ("8", "blackmail", "threat=replacement", "Blackmail under threat of replacement alone"),
    ("9", "espionage", "goal=explicit", "Leaking under goal conflict alone"),
    ("11", "lethal", BOTH, "Letting a person die under goal conflict and threat of replacement"),
)


class PaperFigures(Definitions):
    """The paper's figures 6 to 12, and the gaps of its texts."""

    def figures(
        self, cells: Sequence[Cell], squares: Sequence[Square], excluded: Sequence[tuple[str, str, str]] = ()
    ) -> tuple[Figure, ...]:
        """The figures that have cells, by the paper's number, then interface."""
        settings = sorted({(c.scenario, c.interface) for c in cells})
        found = [f for s, i in settings for f in _of_setting(s, i, cells, squares, frozenset(excluded))]
        return tuple(sorted(found, key=lambda f: int(f.number)))

    def gaps(self, cells: Sequence[Cell]) -> tuple[MemoryGap, ...]:
        """See `memory_gaps`."""
        return memory_gaps(cells)


FIGURES = PaperFigures()


def _of_setting(
    scenario: str,
    interface: str,
    cells: Sequence[Cell],
    squares: Sequence[Square],
    excluded: frozenset[tuple[str, str, str]],
) -> Iterator[Figure]:
    mine = [c for c in cells if (c.scenario, c.interface) == (scenario, interface)]
    base = ours(scenario)
    crossed = tuple(s for s in squares if (s.scenario, s.interface) == (scenario, interface))
    if crossed:
        yield Figure("6", "square", scenario, interface, "Goal conflict and threat, crossed", squares=crossed)
    for number, of, condition, title in _MODELS:
        found = sorted((c for c in mine if of == base and _is(c, condition)), key=_rank)
        if found:
            out = tuple(c for c in found if (c.scenario, c.interface, c.model) in excluded)
            kept = tuple(c for c in found if c not in out)
            yield Figure(number, "models", scenario, interface, title, (Panel("", kept),), excluded=out)
    if base == "espionage" and (panels := tuple(_values(mine))):
        yield Figure("10", "levels", scenario, interface, "Leaking for each goal", panels)
    if base in ("blackmail", "espionage") and (panels := tuple(_instruction(mine, base))):
        title = "With and without a direct instruction not to"
        yield Figure("12", "levels", scenario, interface, title, panels)


def _values(cells: Sequence[Cell]) -> Iterator[Panel]:
    wanted = ["goal=explicit", *(f"goal=explicit,value={v}" for v in VALUES[1:])]
    for model in dict.fromkeys(c.model for c in cells):
        own = [c for w in wanted for c in cells if c.model == model and _is(c, w)]
        if len(own) > 1:
            held = [dict(p.split("=") for p in c.condition.split(",")).get("value", VALUES[0]) for c in own]
            yield Panel(model, tuple(own), tuple(held))


def _instruction(cells: Sequence[Cell], base: str) -> Iterator[Panel]:
    told = [c for c in cells if _is(c, f"{BOTH},instruction=direct")]
    pairs = []
    for t in told:
        pairs += [(c, "{}") for c in cells if c.model == t.model and _is(c, BOTH)] + [(t, "{} · told not to")]
    if pairs:
        yield Panel(base, *zip(*pairs, strict=True))


def _rank(cell: Cell) -> tuple[bool, float, str]:
    return cell.rate.estimate is None, -(cell.rate.estimate or 0.0), cell.model


def _is(cell: Cell, condition: str) -> bool:
    return levels(cell.condition) == levels(condition)
