"""The command that says what there is to choose from: scenarios, factors, conditions, studies, doors, judges ….

Each kind is one function that asks its room by that room's public functions, so that what a plug-in adds stands there
too. A further kind is one more entry in `KINDS`.
"""

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Annotated

import typer

from turncoat.base.errors import UsageError, choices
from turncoat.base.simulated import shown
from turncoat.cli.app import AsJson, app, print_json, say
from turncoat.cli.scenarios import our_name

if TYPE_CHECKING:
    from turncoat.scenarios.factors import Factor
    from turncoat.scenarios.scenario import Scenario

Rows = Iterator[tuple[str, str]]
"""What can be written where a name is asked for, and what it is, as one line."""


@dataclass(frozen=True)
class Kind:
    """One kind of thing that can be chosen."""

    about: str
    rows: Callable[[str], Rows]
    """Of a scenario's name, or "" for all of them."""
    of_scenario: bool = False
    """Whether naming a scenario changes anything."""


@app.command("list")
def list_command(
    kind: Annotated[str, typer.Argument(help="What to list: scenarios, factors, studies …; all of it if none.")] = "",
    scenario: Annotated[
        str, typer.Argument(help="With `factors`, `conditions` or `storylines`: only this scenario's.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Say what there is: scenarios, factors and their levels, conditions, studies, doors, agents, guards, judges."""
    if kind and kind not in KINDS:
        raise UsageError(f"list: {choices(kind, KINDS)}")
    if scenario and not KINDS[kind].of_scenario:
        named = ", ".join(k for k, what in KINDS.items() if what.of_scenario)
        raise UsageError(f"list {kind} {scenario}: a scenario goes with {named}")
    wanted = [kind] if kind else [k for k in KINDS if k != "levels"]
    found = {k: list(KINDS[k].rows(our_name(scenario) if scenario else "")) for k in wanted}
    if as_json:
        print_json({k: [{"name": name, "about": about} for name, about in rows] for k, rows in found.items()})
        return
    say("\n\n".join(_section(k, rows) for k, rows in found.items()))
    if not kind:
        say(
            "\n`turncoat list levels SCENARIO` says what levels are; `turncoat show SCENARIO` prints what a model sees."
        )


def _section(kind: str, rows: list[tuple[str, str]]) -> str:
    width = min(max((len(name) for name, _ in rows), default=0), 34)
    across = get_terminal_size().columns if sys.stdout.isatty() else None  # whole where nobody looks
    lines = [_cut(f"  {name:<{width}}  {about}".rstrip(), across) for name, about in rows] or ["  none"]
    return "\n".join([f"{kind}: {KINDS[kind].about}", *lines])


def _cut(line: str, across: int | None) -> str:
    return line if across is None or len(line) <= across else f"{line[: across - 1]}…"


def _first(text: str) -> str:
    """The first sentence, in one line."""
    plain = " ".join(text.split())
    return re.split(r"(?<=[.!?])\s+(?=[A-Z«“`])", plain, maxsplit=1)[0]


def _loaded(scenario: str) -> "list[Scenario]":
    from turncoat.scenarios.loader import load_scenario, scenario_names

    return [load_scenario(name) for name in ([scenario] if scenario else scenario_names())]


def _scenarios(_: str) -> Rows:
    from turncoat.scenarios.loader import packs

    for scenario in _loaded(""):
        yield scenario.name, _first(scenario.spec.about)
    for pack in packs():
        for name in pack.names():
            yield name, f"{pack.title}, read from the package that has them"


def _storylines(scenario: str) -> Rows:
    for found in _loaded(scenario):
        for name, story in [*found.storylines.items(), *found.further.items()]:
            said = "" if story.spec.split == "public" else f"({story.spec.split}) "
            yield f"{found.name} {name}@1", said + _first(story.spec.about)


def _of(scenario: str) -> "list[Factor]":
    """The factors of a scenario, or those that scenarios share."""
    from turncoat.scenarios.loader import shared_factors

    return [*_loaded(scenario)[0].space.factors.values()] if scenario else [*shared_factors()]


def _factors(scenario: str) -> Rows:
    for factor in _of(scenario):
        levels = [f"{factor.default} (the default)", *(level for level in factor.levels if level != factor.default)]
        yield factor.name, f"{_first(factor.about).rstrip('.')}: {', '.join(levels)}"


def _levels(scenario: str) -> Rows:
    for factor in _of(scenario):
        for name, level in factor.levels.items():
            default = " (the default)" if name == factor.default else ""
            yield f"{factor.name}={name}", f"{_first(level.about or factor.about)}{default}"


def _conditions(scenario: str) -> Rows:
    named: dict[str, list[str]] = {}
    for found in _loaded(scenario):
        for condition in found.spec.headline:
            named.setdefault(condition, []).append(found.name)
    for condition, scenarios in named.items():
        yield condition, f"a headline condition of {', '.join(scenarios)}: a plain run covers it"
    yield (
        "factor=level,factor=level",
        "any levels of `turncoat list levels SCENARIO`; those not named have their default",
    )


def _studies(_: str) -> Rows:
    from turncoat.runs.study import load_study, study_names

    for name in study_names():
        yield name, _first(load_study(name).title)
    yield "FILE.yaml", "a study of your own, see docs/studies.md"


def _doors(_: str) -> Rows:
    from turncoat.doors.door import door, door_names

    for name in door_names():
        found = door(name)
        many = "many turns in a company where time passes" if found.live else "one prompt, one answer"
        yield name, f"{found.where}: {many}{', own agents too' if found.takes_agent else ''}"


def _agents(_: str) -> Rows:
    from turncoat.agents.finding import agent_names

    yield "(none)", "the default loop: the model calls tools until the session ends, or it stops"
    for name in agent_names():
        yield name, "a program that works in a sandbox, installed there (docs/agents.md)"
    yield "MODULE:FUNCTION", "an Inspect agent of your own; FILE.py:FUNCTION too"


def _guards(_: str) -> Rows:
    from turncoat.guards.named import guard_names, parse_guards

    used: dict[str, list[str]] = {}
    for factor in _of(""):
        for level, what in factor.levels.items():
            for named in parse_guards(what.guard):
                used.setdefault(named.name, []).append(f"{factor.name}={level}")
    for name in guard_names():
        yield (
            name,
            f"stands in {', '.join(used[name])}" if name in used else "named with --guard; no shipped level has it",
        )


def _monitors(_: str) -> Rows:
    from turncoat.guards.monitors.named import monitor_names

    for name in monitor_names():
        yield name, "gives each attempt a suspicion score; see `turncoat monitor -h`"


def _judges(_: str) -> Rows:
    yield "rules", "rules that read the text: no key, deterministic; its error stands in docs/instrument.md"
    yield "PROVIDER/MODEL", "a grader model, such as openai/gpt-4.1; it is asked behind the necessary act"
    yield "A,B,C", "a panel of several of these"
    yield shown("sim/judge-0.9-0.95"), "a simulated judge with a planted sensitivity and specificity"


def _models(_: str) -> Rows:
    from turncoat.sim.truth import load_profile, profile_names

    yield "PROVIDER/MODEL", "any model of Inspect's, such as openai/gpt-4.1"
    for name in profile_names():
        yield shown(f"sim/{name}"), _first(load_profile(name).about)


KINDS: Mapping[str, Kind] = {
    "scenarios": Kind("what happens; `turncoat run SCENARIO`", _scenarios),
    "storylines": Kind("worlds of a scenario, for --worlds and --world", _storylines, of_scenario=True),
    "factors": Kind("what is varied, with its levels; --set FACTOR=LEVEL", _factors, of_scenario=True),
    "levels": Kind("each level of each factor; --set FACTOR=LEVEL", _levels, of_scenario=True),
    "conditions": Kind("levels of several factors; --condition ID", _conditions, of_scenario=True),
    "studies": Kind("conditions, worlds and rules as a file; `turncoat run STUDY`", _studies),
    "doors": Kind("how an agent meets the company; --interface NAME", _doors),
    "agents": Kind("who acts in sessions with tools; --agent NAME", _agents),
    "guards": Kind("what may stop an act; --guard NAME", _guards),
    "monitors": Kind("what suspects an act; --monitor NAME of `turncoat monitor`, and guards that name one", _monitors),
    "judges": Kind("who says what was meant; --judge NAME", _judges),
    "models": Kind("who is measured; --model NAME", _models),
}
"""Kind → what it is and how its members are found."""
