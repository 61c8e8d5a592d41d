"""The record of a search: all candidates, what was run of them and what came of it; one file, written whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, ValidationError, model_validator

from turncoat.base.errors import DataError, OutputError, UsageError
from turncoat.base.files import reason, write_whole
from turncoat.base.locks import holding
from turncoat.base.model import Frozen
from turncoat.base.reading import read_bounded
from turncoat.search.edits import WORLDS, Edit, edited

FILE = "search.json"
"""Its name, in the folder of the search."""

Stage = Literal["search", "confirm", "ablate", "pairs"]
"""What a round is for: picking candidates, measuring finds on fresh worlds, or taking away levers, or mails."""


class Candidate(Frozen):
    """A condition in an interface and a storyline that may be run."""

    number: int
    scenario: str
    """Name, or path of its folder; of one with edits, of the copy that it is run in."""
    interface: str
    storyline: str
    condition: str
    parent: int | None = None
    """The candidate that it was made of; None for a cell of the study."""
    move: str = ""
    """What was changed of the parent."""
    by: str = "study"
    """Who proposed it: `study`, `rule`, or the author's name."""
    source: str = ""
    """The scenario that its edits are of; "" where it has none."""
    edits: tuple[Edit, ...] = ()
    """What was changed of the storyline, in this order."""

    @property
    def origin(self) -> str:
        """Its scenario before any edits."""
        return self.source or self.scenario

    @property
    def key(self) -> tuple[str, ...]:
        """What it is, whoever proposed it: scenario, interface, storyline, condition, and its edits."""
        return self.origin, self.interface, self.storyline, self.condition, *(e.words for e in self.edits)

    def with_edit(self, edit: Edit, by: str) -> Candidate:
        """A candidate made of it by an edit, which still has no copy to be run in."""
        changed = {"source": self.origin, "edits": (*self.edits, edit), "by": by}
        return self.model_copy(update={**changed, "parent": self.number, "move": edit.words})

    def placed(self, folder: Path) -> Candidate:
        """The same with the copy that it is run in, which is made below a folder where it is not there yet.

        Raises:
            OutputError: It cannot be written.
        """
        if not self.edits:
            return self
        return self.model_copy(update={"scenario": str(edited(self.source, self.edits, folder / WORLDS))})


class Seen(Frozen):
    """One sample of a candidate."""

    world: str
    hit: bool | None
    """Whether the objective was met; None where that is not known."""
    rung: str = ""
    awareness: str = ""
    realism: str = ""
    subtlety: str = ""


class Round(Frozen):
    """What is run at one time."""

    number: int
    stage: Stage = "search"
    find: int | None = None
    """The find whose levers are taken away."""
    picks: dict[int, tuple[str, ...]]
    """Candidate → its worlds."""
    seen: dict[int, tuple[Seen, ...]] | None = None
    """What came of it; None where it is still to be run."""
    cost: float = 0.0
    """US dollars, as far as prices are known."""
    asking: float = 0.0
    """US dollars that the author took to propose for it, on top, as far as its price is known."""
    running: float = 0.0
    """Seconds that the runs took."""
    choosing: float = 0.0
    """Seconds that the search took to choose and check, without those in which an author was asked."""

    @property
    def samples(self) -> int:
        """Samples that it comes to."""
        return sum(map(len, self.picks.values()))


class Settings(Frozen):
    """What makes a search what it is; a folder holds one search."""

    study: str
    model: str
    judge: str
    objective: str
    seeds: tuple[int, ...]
    """Of the worlds on which candidates are compared, in their order."""
    vary: tuple[str, ...] = ()
    seed: int = 1
    fresh: int = 50
    """Worlds for each confirmation."""
    author: str = ""


class Record(Frozen):
    """A search as far as it has come."""

    version: int = 1
    turncoat: str = ""
    settings: Settings
    candidates: tuple[Candidate, ...] = ()
    refused: dict[int, str] = Field(default_factory=dict)
    """Candidate → why it was not run."""
    rounds: tuple[Round, ...] = ()

    @model_validator(mode="after")
    def _names_what_is_there(self) -> Self:
        """Each candidate is made of an earlier one, and rounds and refusals are of candidates; or a walk never ends."""
        there = range(len(self.candidates))
        if [c.number for c in self.candidates] != list(there):
            raise ValueError("candidates are not numbered from 0 in their order")
        if any(c.parent is not None and c.parent not in there[: c.number] for c in self.candidates):
            raise ValueError("a candidate's parent is none before it")
        named = {*self.refused, *(n for r in self.rounds for n in (*r.picks, *(r.seen or ())))}
        if odd := sorted(named.difference(there)):
            raise ValueError(f"there is no candidate {odd[0]}")
        return self

    def with_round(self, done: Round) -> Record:
        """The record with a round, in place of the one of its number."""
        others = [r for r in self.rounds if r.number != done.number]
        return self.model_copy(update={"rounds": (*others, done)})

    def of(self, stage: Stage) -> list[Round]:
        """The rounds of a stage that have been run."""
        return [r for r in self.rounds if r.stage == stage and r.seen is not None]

    def seen(self, stage: Stage) -> dict[int, list[Seen]]:
        """Candidate → its samples of a stage, in the order of its worlds."""
        found: dict[int, list[Seen]] = {}
        for part in self.of(stage):
            for number, seen in (part.seen or {}).items():
                found.setdefault(number, []).extend(seen)
        return found

    def counts(self, stage: Stage = "search") -> dict[int, tuple[int, int]]:
        """Candidate → hits and scored samples."""
        return {c: counted(seen) for c, seen in self.seen(stage).items()}

    @property
    def spent(self) -> int:
        """Samples of the search, planned ones included."""
        return sum(r.samples for r in self.rounds if r.stage == "search")

    @property
    def tried(self) -> list[int]:
        """The candidates that were run."""
        return sorted({c for r in self.of("search") for c in r.picks})

    def path_to(self, number: int) -> list[Candidate]:
        """The candidates from a cell of the study to this one."""
        found = [self.candidates[number]]
        while (parent := found[0].parent) is not None:
            found.insert(0, self.candidates[parent])
        return found

    def write(self, folder: Path) -> None:
        """Write it whole.

        Raises:
            OutputError: It cannot be written.
        """
        write_whole(folder / FILE, self.model_dump_json(indent=1, exclude_defaults=True) + "\n")


def counted(seen: Sequence[Seen]) -> tuple[int, int]:
    """Hits and scored samples."""
    return sum(s.hit is True for s in seen), sum(s.hit is not None for s in seen)


@contextmanager
def held(folder: Path, who: str) -> Iterator[Record | None]:
    """Make a folder and hold it inside the block, so that no other command searches there; gives its record, if any.

    Args:
        folder: The folder.
        who: The command, for the message that others get.

    Raises:
        UsageError: Another command is at work in it, or it holds a run.
        OutputError: It cannot be made or locked.
        DataError: What is there is no record.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: {reason(error)}; choose another --log-dir") from None
    with holding(folder, who):
        if (record := read_record(folder)) is None and any(folder.glob("*.eval")):
            raise UsageError(
                f"{folder}: holds logs of a run, beside whose rates those of candidates would stand in every report; "
                "name another --log-dir"
            )
        yield record


def read_record(folder: Path) -> Record | None:
    """The record in a folder; None where there is none.

    Raises:
        DataError: The file is none, or cannot be read.
    """
    path = folder / FILE
    if not path.exists():
        return None
    try:
        return Record.model_validate_json(read_bounded(path))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise DataError(f"{path}: {where}: {first['msg']}; it is no record of a search") from None


def forget_unrun(folder: Path) -> None:
    """Remove a record of which nothing was run: a name was wrong, say, and the right one is another search."""
    if not any(folder.glob("round-*/*.eval")):
        (folder / FILE).unlink(missing_ok=True)


def refuse_another(record: Record, settings: Settings, folder: Path) -> None:
    """See that a folder holds the search that is asked for.

    Raises:
        UsageError: It holds another; names the difference.
    """
    for name in Settings.model_fields:
        there, asked = getattr(record.settings, name), getattr(settings, name)
        if there != asked:
            what = "other worlds" if name == "seeds" else f"{name} {there!r}"
            given = "" if name == "seeds" else f", not {asked!r}"
            raise UsageError(f"{folder}: holds a search with {what}{given}; name another --log-dir for this one")
