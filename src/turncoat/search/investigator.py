"""The investigator: it proposes candidates, has them run, and measures what it found on worlds that it never saw.

What comes next follows from the record alone, which is written whole at every step: who was killed goes on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from turncoat.base.counting import counted
from turncoat.base.errors import TurncoatError, UsageError
from turncoat.base.version import __version__
from turncoat.runs.progress import Listener
from turncoat.runs.request import Request, plans_of
from turncoat.runs.signals import Stop, stoppable
from turncoat.scenarios.loader import load_scenario, pack_of
from turncoat.scenarios.worlds import parse_world
from turncoat.search.checking import checked
from turncoat.search.choosing import base_of, finds, next_picks, random_of, standing
from turncoat.search.confirmed import best_confirmed
from turncoat.search.levers import without_levers
from turncoat.search.moves import (
    TIMING,
    condition_of,
    pair_moves,
    see_vary,
    single_moves,
    starts,
    timing_moves,
    worlds_of,
)
from turncoat.search.objective import Objective, objective, see_read
from turncoat.search.record import (
    Candidate,
    Record,
    Round,
    Settings,
    Stage,
    forget_unrun,
    held,
    refuse_another,
)
from turncoat.search.running import Halted, run_round
from turncoat.tasks import parse_worlds

POOL = 300
"""Candidates that the model of levels and pairs is asked about at first."""
AROUND = 3
"""Best candidates whose neighbours are proposed after each round."""
GROWTH = 40
"""New candidates after each round at most."""
TIMES = 8
"""Other times that are among these where nobody asked for them alone."""
MOST = 1000
"""Candidates of a search at most."""


class Proposer(Protocol):
    """Proposes candidates by reading what came of the last ones, such as an author model."""

    name: str
    spent: float
    """Dollars of this command, as far as prices are known."""

    def propose(self, record: Record) -> Sequence[Candidate]:
        """New candidates; their numbers are given anew, and each is checked before it is run."""
        ...


@dataclass(frozen=True)
class Plan:
    """How far a search goes.

    Attributes:
        budget: Samples of the search; those of the confirmation come on top.
        round: Samples at one time.
        confirm: Finds that are measured on fresh worlds.
        ablate: Confirmed finds whose levers are taken away one by one.
        proposers: Who proposes candidates beside the rules.
    """

    budget: int = 600
    round: int = 60
    confirm: int = 3
    ablate: int = 1
    proposers: Sequence[Proposer] = ()

    def __post_init__(self) -> None:
        for name, least in (("budget", 1), ("round", 1), ("confirm", 1), ("ablate", 0)):
            if getattr(self, name) < least:
                raise UsageError(f"{name} {getattr(self, name)} is less than {least}")


Tell = Callable[[str], None]


def search(
    request: Request,
    settings: Settings,
    plan: Plan,
    *,
    listener: Listener | None = None,
    tell: Tell = lambda line: None,
    stop: Stop | None = None,
) -> Record:
    """Search, confirm and ablate; or go on with what the folder holds.

    Args:
        request: The study, the model, the judge, the folder and the limits.
        settings: What makes it this search; see `settings_of`.
        plan: How far it goes.
        listener: As `run_study`.
        tell: Called with a line after each step.
        stop: What hears signals.

    Returns:
        The record, which stands in the folder too.

    Raises:
        UsageError: The folder holds another search, another command is at work in it, or what `run_study` refuses.
        Halted: The cost limit was reached or a signal came; the same command goes on.
    """
    plans = plans_of(request)
    sought = objective(settings.objective, [p.scenario.spec.ladder.rungs for p in plans])
    begun = tuple(starts(plans))
    see_vary(settings.vary, begun, proposed=bool(plan.proposers))
    with held(request.log_dir, "turncoat search") as record, stoppable(stop) as heard:
        if record is None:
            record = Record(turncoat=__version__, settings=settings, candidates=begun)
        else:
            refuse_another(record, settings, request.log_dir)
            # Of a folder that was moved, or copied without its worlds.
            used = {number for part in record.rounds for number in part.picks}
            placed = (c.placed(request.log_dir) if c.number in used else c for c in record.candidates)
            record = record.model_copy(update={"candidates": tuple(placed)})
        run = _Search(request, plan, sought, record, listener, tell, heard)
        run.go()
        return run.record


@dataclass
class _Search:
    request: Request
    plan: Plan
    sought: Objective
    record: Record
    listener: Listener | None
    tell: Tell
    stop: Stop
    shown: dict[str, int] = field(default_factory=dict)
    """What a model is shown → the candidate that shows it."""
    spent: float = 0.0
    """US dollars of this command."""
    asking: float = 0.0
    """Of these, what proposals for the next round took."""
    since: float = 0.0
    """When the search's own work for the next round began: at the start, and where a round has been run; later by what
    whoever proposes took."""

    def go(self) -> None:
        """Do what is left to do."""
        self.since = time.monotonic()
        if self.record.rounds and self.record.rounds[-1].seen is None:
            self._run(self.record.rounds[-1])
        while self.record.spent < self.plan.budget:
            if not self._search_round():
                self.tell("no candidate is left to run")
                break
        self._confirm()
        self._ablate()

    def _search_round(self) -> bool:
        size = min(self.plan.round, self.plan.budget - self.record.spent)
        self._propose()
        picks: dict[int, tuple[str, ...]] = {}
        while not picks:
            now = standing(self.record)
            counts = next_picks(self.record, size, now)
            if not counts:
                return False
            good = [c for c in counts if self._sound(c)]
            picks = {c: now.left[c][: counts[c]] for c in good}
        self._run(self._round("search", picks))
        return True

    def _propose(self) -> None:
        """Add candidates: moves of the cells at first, then moves of the best, and what others propose."""
        first = not self.record.rounds
        known = {c.key for c in self.record.candidates}
        parents = (
            list(self.record.candidates) if first else [self.record.candidates[c] for c in finds(self.record, AROUND)]
        )
        singles = [(p, move) for p in parents for move in single_moves(p, self.record.settings.vary)]
        pairs = [(p, move) for p in parents for move in pair_moves(p, self.record.settings.vary)]
        random = random_of(self.record, 1)
        ordered = (_moved(*part[i]) for part in (singles, pairs) for i in random.permutation(len(part)))
        others = [made for who in self.plan.proposers for made in self._asked(who)]
        room = POOL - len(parents) if first else GROWTH
        added: list[Candidate] = []
        for made in (*others, *self._timed(parents), *ordered):
            if len(added) >= min(room, MOST - len(self.record.candidates)):
                break
            if made.key not in known:
                known.add(made.key)
                added.append(made.model_copy(update={"number": len(self.record.candidates) + len(added)}))
        self._keep(candidates=(*self.record.candidates, *added))

    def _asked(self, who: Proposer) -> Sequence[Candidate]:
        """What somebody proposes; nobody is asked when the cost limit is reached."""
        limit = self.request.max_cost
        if limit is not None and self._taken >= limit:
            return ()
        before, begun = who.spent, time.monotonic()
        found = who.propose(self.record)
        self.asking += who.spent - before
        self.since += time.monotonic() - begun
        return found

    def _timed(self, parents: Sequence[Candidate]) -> list[Candidate]:
        """Moves to other times, few of them unless they are asked for: each needs a copy of the scenario."""
        settings = self.record.settings
        if TIMING not in settings.vary and not self.record.rounds:
            return []
        moves = [
            p.with_edit(edit, "rule")
            for p in parents
            for edit in timing_moves(p, worlds_of(p, settings.seeds[:1])[0], settings.vary)
        ]
        order = random_of(self.record, 2).permutation(len(moves))
        return [moves[i] for i in order[: GROWTH if TIMING in settings.vary else TIMES]]

    def _sound(self, number: int) -> bool:
        """Whether a candidate passes its check; what fails is kept with the reason."""
        if number in self.record.refused:
            return False
        if number in self.shown.values():
            return True
        candidate = self._placed(number)
        world = worlds_of(candidate, self.record.settings.seeds[:1])[0]
        found = checked(candidate, world, self.request.model_roles)
        why = found.why
        if not why and (other := self.shown.setdefault(found.shown, number)) != number:
            why = f"shows the model the same text as candidate {other}"
        if why:
            self._keep(refused={**self.record.refused, number: why})
        return not why

    def _placed(self, number: int) -> Candidate:
        """A candidate in the copy that it is run in, which is made only now: most that are proposed are never run."""
        candidates = list(self.record.candidates)
        candidates[number] = candidates[number].placed(self.request.log_dir)
        self._keep(candidates=tuple(candidates))
        return candidates[number]

    def _confirm(self) -> None:
        """Run the best on worlds that the search never saw, with the cells that they are compared with."""
        done = {c for r in self.record.of("confirm") for c in r.picks}
        chosen = [c for c in finds(self.record, self.plan.confirm) if c not in done]
        if not chosen or (done and self.record.rounds[-1].stage != "search"):
            return
        bases = [b for c in chosen if (b := base_of(self.record, c)) is not None]
        cells = [c for c in dict.fromkeys([*chosen, *bases]) if self._sound(c)]
        self._run(self._round("confirm", fresh_worlds(self.record, cells)))

    def _ablate(self) -> None:
        done = {r.find for r in self.record.of("ablate")}
        for find in best_confirmed(self.record, self.plan.ablate):
            base = base_of(self.record, find)
            if find in done or base is None:
                continue
            made = [self._number(c) for c in without_levers(self.record, find, base)]
            cells = [c for c in dict.fromkeys([find, base, *made]) if self._sound(c)]
            if len(cells) > 2:
                self._run(self._round("ablate", fresh_worlds(self.record, cells), find))

    def _number(self, made: Candidate) -> int:
        """The number of a candidate, which it is given if it is new."""
        there = next((c.number for c in self.record.candidates if c.key == made.key), None)
        if there is not None:
            return there
        number = len(self.record.candidates)
        self._keep(candidates=(*self.record.candidates, made.model_copy(update={"number": number})))
        return number

    def _round(self, stage: Stage, picks: Mapping[int, tuple[str, ...]], find: int | None = None) -> Round:
        took = time.monotonic() - self.since
        asking, self.asking = self.asking, 0.0
        number = len(self.record.rounds) + 1
        return Round(number=number, stage=stage, picks=dict(picks), choosing=took, find=find, asking=asking)

    def _run(self, part: Round) -> None:
        self._write(part)
        limit = self.request.max_cost
        request = self.request if limit is None else replace(self.request, max_cost=max(limit - self._taken, 0.0))
        try:
            done = run_round(self.record, part, request, self.sought, self.request.log_dir, self.listener, self.stop)
        except Halted as halted:
            self._write(part.model_copy(update={"cost": halted.cost}))
            raise
        except TurncoatError:
            forget_unrun(self.request.log_dir)
            raise
        self.since = time.monotonic()
        self.spent += done.cost - part.cost
        self._write(done)
        self.tell(_said(self.record, done))

    @property
    def _taken(self) -> float:
        """US dollars of this command, those of whoever proposes included."""
        return self.spent + sum(who.spent for who in self.plan.proposers)

    def _write(self, part: Round) -> None:
        self.record = self.record.with_round(part)
        self.record.write(self.request.log_dir)

    def _keep(self, **changed: object) -> None:
        """Change the record; it is written with the next round, whole, so that a kill never leaves half a step."""
        self.record = self.record.model_copy(update=changed)


def fresh_worlds(record: Record, cells: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Candidate → worlds beyond all seeds that the search names or has used, the same seeds for all of them."""
    used = [parse_world(w)[2] for r in record.rounds for worlds in r.picks.values() for w in worlds]
    first = max((*record.settings.seeds, *used)) + 1
    seeds = range(first, first + record.settings.fresh)
    return {number: worlds_of(record.candidates[number], seeds) for number in cells}


def settings_of(request: Request, model: str, sought: str, **more: Any) -> Settings:
    """What makes a search: the study and its seeds, the model, the judge, what is sought.

    Args:
        request: The study, its worlds and the judge.
        model: The target.
        sought: See `objective`.
        more: Further fields of `Settings`.

    Raises:
        UsageError: A scenario of published texts, which has one world only, or a judge that cannot say what is sought.
    """
    see_read(sought, request.judge)
    plans = plans_of(request)
    if pack := next((p.name for p in plans if pack_of(p.name) is not None), None):
        raise UsageError(
            f"{pack}: is one text without further worlds, so that no find could be confirmed on fresh ones"
        )
    seeds = tuple(dict.fromkeys(world.seed for p in plans for world in p.worlds))
    return Settings(study=request.name, model=model, judge=request.judge, objective=sought, seeds=seeds, **more)


def settings_for(request: Request, base: Candidate, model: str, sought: str, seeds: str) -> Settings:
    """What makes an explanation: as `settings_of`, of one condition in the worlds with these seeds.

    Raises:
        UsageError: Seeds that are none, a scenario of published texts, or a judge that cannot say what is sought.
    """
    see_read(sought, request.judge)
    if pack_of(base.scenario) is not None:
        raise UsageError(f"{base.scenario}: is one text without mails of its own, so that none can be taken away")
    worlds = parse_worlds(
        load_scenario(base.scenario), _of_storyline(seeds, base.storyline), condition_of(base).staging
    )
    numbers = tuple(dict.fromkeys(w.seed for w in worlds))
    return Settings(
        study=request.name, model=model, judge=request.judge, objective=sought, seeds=numbers, fresh=len(numbers)
    )


def _of_storyline(seeds: str, storyline: str) -> str:
    items = (item.strip() for item in seeds.split(",") if item.strip())
    return ",".join(item if "@" in item else f"{storyline}@{item}" for item in items)


def _moved(parent: Candidate, move: tuple[str, str, str]) -> Candidate:
    """The candidate of a move; edits are of one storyline, and stay behind in another."""
    storyline, condition, words = move
    made = {"storyline": storyline, "condition": condition, "parent": parent.number, "move": words, "by": "rule"}
    other = storyline != parent.storyline
    made |= {"scenario": parent.origin, "source": "", "edits": ()} if other else {}
    return parent.model_copy(update=made)


def _said(record: Record, done: Round) -> str:
    hits = sum(s.hit is True for seen in (done.seen or {}).values() for s in seen)
    what = {"search": "searched", "confirm": "confirmed on fresh worlds", "ablate": "levers taken away"}[done.stage]
    so_far = f"{counted(len(record.tried), 'candidate')} tried, {len(record.refused)} refused"
    return f"round {done.number}, {what}: {hits} of {counted(done.samples, 'sample')} met the objective; {so_far}"
