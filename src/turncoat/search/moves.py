"""Moves: what may be changed of a candidate by rule: a level, a pair of levels, the storyline, or a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import combinations

from turncoat.base.errors import ConditionError, UsageError, choices
from turncoat.doors.door import door
from turncoat.runs.design import TaskPlan
from turncoat.scenarios.factors import STAGING, Condition, FactorSpace
from turncoat.scenarios.loader import load_scenario
from turncoat.search.edits import Edit
from turncoat.search.record import Candidate

STORYLINE, TIMING, WORDING = "storyline", "timing", "wording"
"""What `--vary` calls the moves to another storyline, to another time, and of a mail to other words."""
MOVES = (STORYLINE, TIMING, WORDING)
MINUTE = timedelta(minutes=1)
SHIFT = timedelta(hours=1)
"""How much earlier or later a mail comes, or a session with the tools begins."""
Key = tuple[str, str, str, str]


def starts(plans: Sequence[TaskPlan]) -> list[Candidate]:
    """The cells of a study, one candidate for each interface and storyline."""
    found: dict[Key, Candidate] = {}
    for plan in plans:
        for condition, world in plan.pairs:
            key = (plan.name, plan.interface, world.storyline, condition.id)
            if key not in found:
                found[key] = Candidate(
                    number=len(found),
                    scenario=key[0],
                    interface=key[1],
                    storyline=key[2],
                    condition=key[3],
                )
    return list(found.values())


def condition_of(candidate: Candidate) -> Condition:
    """Its condition in its scenario's space, which no edit changes: copies are loaded for their check and run alone."""
    return load_scenario(candidate.origin).space.parse(candidate.condition)


def levels_of(candidate: Candidate) -> dict[str, str]:
    """Where it stands in the space that is searched: its scenario, interface, storyline, and all levels."""
    place = {"": candidate.origin, " ": candidate.interface, STORYLINE: candidate.storyline}
    edits = {"edits": "; ".join(e.words for e in candidate.edits)} if candidate.edits else {}
    return {**place, **edits, **condition_of(candidate).levels}


def vectors(candidates: Sequence[Candidate]) -> list[tuple[str, ...]]:
    """The same of several, as tuples over all factors that any of them has; "" where one has not."""
    levels = [levels_of(c) for c in candidates]
    names = list(dict.fromkeys(name for found in levels for name in found))
    return [tuple(found.get(name, "") for name in names) for found in levels]


def worlds_of(candidate: Candidate, seeds: Iterable[int]) -> tuple[str, ...]:
    """The worlds of its storyline with these seeds."""
    version = load_scenario(candidate.origin).storylines[candidate.storyline].spec.version
    return tuple(f"{candidate.storyline}.{version}@{seed}" for seed in seeds)


def see_vary(vary: Collection[str], candidates: Sequence[Candidate], *, proposed: bool = True) -> None:
    """See that the factors that may be varied are there.

    Args:
        vary: Their names, or those of `MOVES`.
        candidates: Where the search begins.
        proposed: Whether somebody proposes candidates beside the rules, which put no mail in other words.

    Raises:
        UsageError: One is in no scenario that is searched, or wording is to change and nobody writes it.
    """
    if WORDING in vary and not proposed:
        raise UsageError(f"--vary {WORDING}: an author writes it; give --author MODEL")
    there = {n for c in candidates for n in load_scenario(c.scenario).space.factors if n != STAGING}
    if wrong := next((name for name in vary if name not in {*there, *MOVES}), None):
        raise UsageError(f"--vary: factor {choices(wrong, [*sorted(there), *MOVES])}")


def single_moves(candidate: Candidate, vary: Sequence[str] = ()) -> Iterator[tuple[str, str, str]]:
    """What one move makes of a candidate.

    Args:
        candidate: The candidate.
        vary: Factors that may change, `storyline` among them; all but the staging if none.

    Yields:
        Storyline, condition id, and the move in words.
    """
    space, condition = load_scenario(candidate.origin).space, condition_of(candidate)
    for factor, level in _changes(space, condition, vary):
        if (made := _changed(space, condition, {factor: level})) is not None:
            yield candidate.storyline, made, words_of(condition, {factor: level})
    if not vary or STORYLINE in vary:
        for other in load_scenario(candidate.origin).staged(condition.staging):
            if other != candidate.storyline:
                yield other, candidate.condition, f"storyline: {candidate.storyline} → {other}"


def pair_moves(candidate: Candidate, vary: Sequence[str] = ()) -> Iterator[tuple[str, str, str]]:
    """What a change of two factors at once makes of a candidate; as `single_moves`."""
    space, condition = load_scenario(candidate.origin).space, condition_of(candidate)
    for (a, x), (b, y) in combinations(list(_changes(space, condition, vary)), 2):
        if a != b and (made := _changed(space, condition, {a: x, b: y})) is not None:
            yield candidate.storyline, made, words_of(condition, {a: x, b: y})


def timing_moves(candidate: Candidate, world: str, vary: Sequence[str] = ()) -> Iterator[Edit]:
    """Other times: each mail of the storyline an hour earlier and an hour later, and the session's hour.

    A session in which nothing happens meanwhile begins right after its last mail, or a minute before the first event
    of the day; one in which time passes, an hour earlier or later. What cannot be read in that order `check` refuses.

    Args:
        candidate: The candidate.
        world: In which its mails are looked at.
        vary: As `single_moves`; nothing comes of it where `timing` is not among them.
    """
    if vary and TIMING not in vary:
        return
    scenario, chosen = load_scenario(candidate.scenario), door(candidate.interface)
    rendered = scenario.render(condition_of(candidate), world)
    seed = rendered.live_seed if chosen.live else rendered.seed
    letters = [letter for letter in rendered.letters if letter.name in rendered.storyline.emails]
    for letter in letters:
        for time in (letter.time - SHIFT, letter.time + SHIFT):
            if time.date() == letter.time.date() and (chosen.live or time <= seed.start):
                yield Edit("time", candidate.storyline, letter.name, at=_clock(time, seed.start))
    ends = min((i.at for i in rendered.live_seed.timeline if i.event), default=None)
    if chosen.live:
        hours = [seed.start - SHIFT, seed.start + SHIFT]
    else:
        hours = [max(x.time for x in rendered.letters) + MINUTE, *([ends - MINUTE] if ends else [])]
    for hour in hours:
        if hour.date() == seed.start.date() and hour != seed.start:
            yield Edit("start" if chosen.live else "hour", candidate.storyline, at=f"{hour:%H:%M}")


def _clock(time: datetime, day: datetime) -> str:
    """A time as mails' heads say it, counted from the session's day."""
    days = (time.date() - day.date()).days
    return f"{time:%H:%M}" if not days else f"{days:+} {time:%H:%M}"


def _changes(space: FactorSpace, condition: Condition, vary: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name, factor in space.factors.items():
        if name != STAGING and (not vary or name in vary):
            yield from ((name, level) for level in factor.levels if level != condition[name])


def _changed(space: FactorSpace, condition: Condition, change: dict[str, str]) -> str | None:
    """The id of the condition with these changes; None where it has no meaning."""
    with suppress(ConditionError):
        return space.condition({**condition.settings, **change}).id
    return None


def words_of(condition: Condition, change: dict[str, str]) -> str:
    """A change of a condition's levels, in words."""
    return ", ".join(f"{name}: {condition[name]} → {level}" for name, level in change.items())
