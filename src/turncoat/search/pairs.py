"""Minimal pairs: a condition with and without each of its mails or paragraphs, in the same worlds.

What the behaviour hangs on is what changes when it is missing. Each copy is checked before it is run; where a mail
cannot go, since others answer it, it is made neutral instead.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from turncoat.base.counting import counted as number_of
from turncoat.base.errors import TurncoatError, UsageError, choices
from turncoat.base.simulated import is_simulated
from turncoat.base.version import __version__
from turncoat.runs.progress import Listener
from turncoat.runs.request import Request
from turncoat.runs.signals import Stop, stoppable
from turncoat.scenarios.loader import load_scenario
from turncoat.search.checking import checked
from turncoat.search.edits import WORLDS, Edit, edited, paragraphs
from turncoat.search.moves import condition_of, worlds_of
from turncoat.search.objective import objective
from turncoat.search.record import (
    Candidate,
    Record,
    Round,
    Settings,
    counted,
    forget_unrun,
    held,
    refuse_another,
)
from turncoat.search.running import Halted, run_round
from turncoat.stats.differences import Difference
from turncoat.stats.selection import simultaneous_differences

UNITS = ("mail", "line")


@dataclass(frozen=True)
class Part:
    """A mail or a paragraph, and what the rate owes to it."""

    words: str
    """What was done to it."""
    k: int
    n: int
    """Hits and scored samples without it."""
    effect: Difference | None
    """With it minus without it; None where no pair was scored. The intervals of all parts hold together."""


@dataclass(frozen=True)
class Explained:
    """What a condition's rate hangs on.

    Attributes:
        base: The condition.
        k: Its hits.
        n: Its scored samples.
        parts: Those that matter most first.
        refused: What could not be taken away → why.
        model: Who was asked.
        judge: Who judged; "" for the rules.
    """

    base: Candidate
    k: int
    n: int
    parts: tuple[Part, ...]
    refused: dict[str, str]
    model: str
    judge: str


def explain(
    request: Request,
    settings: Settings,
    base: Candidate,
    *,
    by: str = "mail",
    mails: Sequence[str] = (),
    listener: Listener | None = None,
    tell: Callable[[str], None] = lambda line: None,
    stop: Stop | None = None,
) -> Record:
    """Run a condition with and without each of its mails or paragraphs; or go on with what the folder holds.

    Args:
        request: Model, judge, folder and limits.
        settings: Study, objective and seeds, as a search's.
        base: The condition, in its storyline and interface.
        by: `mail` or `line` (a paragraph).
        mails: Only these; all that the condition shows if none.
        listener: As `run_study`.
        tell: Called with a line of what is done.
        stop: What hears signals.

    Raises:
        UsageError: There is no such mail, the folder holds something else or another command is at work in it, or the
            condition itself is not sound.
        Halted: The cost limit was reached or a signal came; the same command goes on.
    """
    scenario = load_scenario(base.scenario)
    settings = settings.model_copy(update={"vary": (by, *mails)})
    sought = objective(settings.objective, [scenario.spec.ladder.rungs])
    with held(request.log_dir, "turncoat explain") as record, stoppable(stop) as heard:
        if record is None:
            record = _planned(request, settings, base, list(_edits(base, settings, by, mails)), tell)
        refuse_another(record, settings, request.log_dir)
        if [c.key for c in record.candidates[:1]] != [base.key]:
            raise UsageError(f"{request.log_dir}: holds another condition explained; name another --log-dir")
        for part in [r for r in record.rounds if r.seen is None]:
            try:
                done = run_round(record, part, request, sought, request.log_dir, listener, heard)
            except Halted as halted:
                record.with_round(part.model_copy(update={"cost": halted.cost})).write(request.log_dir)
                raise
            except TurncoatError:
                forget_unrun(request.log_dir)
                raise
            record = record.with_round(done)
            record.write(request.log_dir)
    return record


def _edits(base: Candidate, settings: Settings, by: str, mails: Sequence[str]) -> Iterator[Edit]:
    """What is to be taken away, one at a time."""
    if by not in UNITS:
        raise UsageError(f"--by: {choices(by, UNITS)}")
    scenario = load_scenario(base.scenario)
    rendered = scenario.render(condition_of(base), worlds_of(base, settings.seeds[:1])[0])
    there = [letter.name for letter in rendered.letters if letter.name in rendered.storyline.emails]
    if wrong := next((name for name in mails if name not in there), None):
        raise UsageError(f"--mail: {choices(wrong, there)}, which the condition shows")
    for name in mails or there:
        if by == "mail":
            yield Edit("remove", base.storyline, name)
            continue
        file = scenario.folder / "storylines" / base.storyline / "emails" / f"{name}.md"
        for number, _ in paragraphs(file.read_text(encoding="utf-8")):
            yield Edit("line", base.storyline, name, number)


def _planned(
    request: Request, settings: Settings, base: Candidate, edits: Sequence[Edit], tell: Callable[[str], None]
) -> Record:
    """The record with all copies made and checked, and one round to be run."""
    begun = time.monotonic()
    world = worlds_of(base, settings.seeds[:1])[0]
    whole = checked(base, world, request.model_roles)
    if whole.why:
        raise UsageError(f"{base.scenario}/{base.condition}: {whole.why}")
    made, refused = [base], dict[int, str]()
    for edit in edits:
        tries = [edit, *([Edit("neutral", edit.storyline, edit.mail)] if edit.kind == "remove" else [])]
        for attempt in tries:
            folder = edited(base.scenario, [attempt], request.log_dir / WORLDS)
            copy = {"number": len(made), "scenario": str(folder), "parent": 0, "move": attempt.words, "by": "edit"}
            candidate = base.model_copy(update=copy)
            found = checked(candidate, world, request.model_roles)
            if not found.why or attempt is tries[-1]:
                break
        why = "the condition reads the same without it" if found.shown == whole.shown else found.why
        refused |= {candidate.number: why} if why else {}
        made.append(candidate)
    run = [c for c in made if c.number not in refused]
    picks = {c.number: worlds_of(c, settings.seeds) for c in run}
    part = Round(number=1, stage="pairs", picks=picks, choosing=time.monotonic() - begun)
    taken, samples = number_of(len(run) - 1, "part"), number_of(part.samples, "sample")
    tell(f"taken away, one at a time: {taken}; {len(refused)} cannot be; {samples}")
    record = Record(turncoat=__version__, settings=settings, candidates=tuple(made), refused=refused, rounds=(part,))
    record.write(request.log_dir)
    return record


def explained(record: Record) -> Explained:
    """What the condition's rate hangs on: each part's effect, world by world, with intervals that hold together."""
    seen = record.seen("pairs")
    base = seen.get(0, [])
    numbers = [c for c in seen if c != 0]
    pairs = [([s.hit for s in base], [s.hit for s in seen[c]]) for c in numbers]
    effects = simultaneous_differences(pairs)
    parts = [
        Part(record.candidates[c].move, *counted(seen[c]), effect) for c, effect in zip(numbers, effects, strict=True)
    ]
    parts.sort(key=lambda p: (-p.effect.estimate if p.effect else 2.0, p.words))
    refused = {record.candidates[c].move: why for c, why in record.refused.items()}
    asked = record.settings.model, record.settings.judge
    return Explained(record.candidates[0], *counted(base), tuple(parts), refused, *asked)


def as_data(found: Explained) -> dict[str, Any]:
    """What a condition hangs on, as JSON data."""
    return {
        **{"model": found.model, "simulated": is_simulated(found.model), "judge": found.judge},
        "condition": found.base.model_dump(mode="json", include={"scenario", "interface", "storyline", "condition"}),
        "k": found.k,
        "n": found.n,
        "parts": [
            {
                **{"what": p.words, "k": p.k, "n": p.n},
                "effect": {"estimate": p.effect.estimate, "low": p.effect.low, "high": p.effect.high}
                if p.effect
                else None,
            }
            for p in found.parts
        ],
        "refused": found.refused,
    }
