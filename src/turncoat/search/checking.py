"""What must hold of a candidate before anything is spent on it: `check`, of one condition in its storyline."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from turncoat.base.errors import TurncoatError
from turncoat.checks.oracles import oracle_problems
from turncoat.checks.rendering import rendering_problems, time_problems
from turncoat.doors.door import door
from turncoat.guards.named import guards_of_levels, refuse_unready
from turncoat.scenarios.loader import is_folder, load_scenario
from turncoat.scenarios.scenario import Scenario
from turncoat.scenarios.schema import OracleSpec
from turncoat.scenarios.terms import applies
from turncoat.search.moves import condition_of
from turncoat.search.record import Candidate
from turncoat.tasks import see_guards


def problems_of(candidate: Candidate, world: str, roles: Collection[str] = ()) -> Iterator[str]:
    """Why a candidate cannot be run, one line each.

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
        scenario.space.see_interface(condition, candidate.interface, chosen.where)
        see_guards(scenario, condition, chosen)
        refuse_unready(guards_of_levels(scenario.space.guards(condition)), roles)
        rendered = scenario.render(condition, world)
        found = [
            *rendering_problems(rendered, chosen.prompt(rendered)),
            *oracle_problems(rendered, _played(candidate, scenario)),
            *(time_problems(rendered) if chosen.live else ()),
        ]
    except TurncoatError as error:
        yield str(error)
        return
    yield from (f"{problem.place}: {problem.text}" for problem in found)


def _played(candidate: Candidate, scenario: Scenario) -> dict[str, OracleSpec]:
    """The oracles that are played: of what ships, whose own check plays them all, the first and the last that apply."""
    levels = condition_of(candidate).levels
    fit = [name for name, oracle in scenario.oracles.items() if applies(oracle.when, levels)]
    chosen = fit if is_folder(candidate.scenario) else [*fit[:1], *fit[1:][-1:]]
    return {name: scenario.oracles[name] for name in chosen}


def shown_by(candidate: Candidate, world: str) -> str:
    """What a model is shown of a candidate in a world, as a hash, with the guards that stand there."""
    scenario, condition = load_scenario(candidate.scenario), condition_of(candidate)
    prompt = door(candidate.interface).prompt(scenario.render(condition, world))
    return f"{candidate.interface} {prompt.hash} {guards_of_levels(scenario.space.guards(condition))}"
