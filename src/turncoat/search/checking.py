"""What must hold of a candidate before anything is spent on it: `check`, of one condition in its storyline."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from turncoat.base.errors import Problem, TurncoatError
from turncoat.checks.oracles import oracle_problems
from turncoat.checks.rendering import rendering_problems, time_problems
from turncoat.doors.door import Door, Prompt, door
from turncoat.guards.named import guards_of_levels, refuse_unready
from turncoat.scenarios.loader import is_folder, load_scenario
from turncoat.scenarios.rendering import Rendered
from turncoat.scenarios.scenario import Scenario
from turncoat.scenarios.terms import applies
from turncoat.search.moves import condition_of
from turncoat.search.record import Candidate
from turncoat.tasks import see_guards


@dataclass(frozen=True)
class Checked:
    """What a check of a candidate came to.

    Attributes:
        why: Why it cannot be run, in a line; "" if it can.
        shown: What a model is shown of it in the world, as a hash, with the guards that stand there; "" where it
            cannot be run.
    """

    why: str = ""
    shown: str = ""


def checked(candidate: Candidate, world: str, roles: Collection[str] = ()) -> Checked:
    """Check a candidate in one world.

    It is rendered and looked through, the scenario's oracles are played on it, an agent that reads everything must have
    time left to act, its interface must know its levels, and its guards must be ready.

    Args:
        candidate: The candidate.
        world: In which it is tried.
        roles: Model roles that there are.
    """
    scenario, condition = load_scenario(candidate.scenario), condition_of(candidate)
    chosen = door(candidate.interface)
    try:
        scenario.see_interface(condition, candidate.interface, chosen.where)
        see_guards(scenario, condition, chosen)
        guards = guards_of_levels(scenario.space.guards(condition))
        refuse_unready(guards, roles)
        rendered = scenario.render(condition, world)
        prompt = chosen.prompt(rendered)
        found = next(_problems(rendered, prompt, scenario, chosen, own=is_folder(candidate.scenario)), None)
    except TurncoatError as error:
        return Checked(str(error))
    if found is not None:
        return Checked(f"{found.place}: {found.text}")
    return Checked(shown=f"{candidate.interface} {prompt.hash} {guards}")


def _problems(rendered: Rendered, prompt: Prompt, scenario: Scenario, chosen: Door, *, own: bool) -> Iterator[Problem]:
    """What is wrong with a rendering; whoever wants to know whether anything is needs the first alone."""
    yield from rendering_problems(rendered, prompt)
    if chosen.live:
        yield from time_problems(rendered)
    fit = [name for name, oracle in scenario.oracles.items() if applies(oracle.when, rendered.condition.levels)]
    # What ships has all oracles played in all interfaces by its own check. Of it the first and the last that apply are
    # played here, in the candidate's interface alone; of a copy, which nobody has checked, all are, in all of them.
    few = fit if own else [*fit[:1], *fit[1:][-1:]]
    doors = () if own or chosen.write is None else (chosen.name,)
    yield from oracle_problems(rendered, {name: scenario.oracles[name] for name in few}, doors)
