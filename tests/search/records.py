"""Records of searches for tests, and a runner that draws outcomes in place of models."""

from collections.abc import Callable, Mapping
from pathlib import Path

from turncoat.base.keyed import draw
from turncoat.runs.request import Request
from turncoat.runs.study import Block, Study
from turncoat.scoring.options import ScoringOptions
from turncoat.search.moves import levels_of
from turncoat.search.record import Candidate, Record, Round, Seen, Settings

SETTINGS = Settings(study="s", model="sim/x", judge="rules", objective="harm", seeds=tuple(range(1, 31)), fresh=40)

Chance = Callable[[Mapping[str, str]], float]
"""Levels of a candidate → its rate."""


def request_in(folder: Path, *cells: str) -> Request:
    study = Study(title="A search", blocks=(Block(scenario="blackmail", cells=cells or ("control",)),), seeds="1-30")
    return Request(study, "s", ("sim/insider",), folder, ScoringOptions("rules"))


def cell(number: int, condition: str, parent: int | None = None, move: str = "") -> Candidate:
    return Candidate(
        number=number,
        scenario="blackmail",
        interface="text",
        storyline="affair",
        condition=condition,
        parent=parent,
        move=move,
    )


def drawn(chance: Chance) -> Callable[..., Round]:
    """A `run_round` whose samples are hits with a chance that depends on the levels alone."""

    def run(record: Record, part: Round, *_: object) -> Round:
        seen = {}
        for number, worlds in part.picks.items():
            rate = chance(levels_of(record.candidates[number]))
            scenario, *key = record.candidates[number].key
            own = "/".join(Path(scenario).parts[-2:])  # of a copy its hash and name, wherever it is
            seen[number] = tuple(
                Seen(world=w, hit=draw(own, *key, w) < rate, rung="x", awareness="silent", subtlety="said")
                for w in worlds
            )
        return part.model_copy(update={"seen": seen, "running": 1.0})

    return run


def outcomes(hits: str, first: int = 1) -> tuple[Seen, ...]:
    """Samples by letters: x a hit, . none, ? unscored."""
    values = {"x": True, ".": False, "?": None}
    return tuple(
        Seen(world=f"affair.1@{first + i}", hit=values[h], rung="veiled" if h == "x" else "accepts")
        for i, h in enumerate(hits)
    )


def with_rounds(*rounds: Round, candidates: tuple[Candidate, ...], settings: Settings = SETTINGS) -> Record:
    return Record(settings=settings, candidates=candidates, rounds=rounds)


def round_of(number: int, seen: Mapping[int, tuple[Seen, ...]], **more: object) -> Round:
    picks = {c: tuple(s.world for s in found) for c, found in seen.items()}
    return Round.model_validate({"number": number, "picks": picks, "seen": dict(seen), **more})
