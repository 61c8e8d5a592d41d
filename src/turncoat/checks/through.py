"""Oracles played through doors as an agent would go through them, and what each door made of the same acts.

`oracles` writes what a log would keep; here a model plays in a run of Inspect's, so that prompts, tools, servers, pages
and browser are all there.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from inspect_ai import Task
from inspect_ai import eval as inspect_eval
from inspect_ai.dataset import MemoryDataset
from inspect_ai.log import EvalSample

from turncoat.base.errors import IncompleteError, UsageError, choices
from turncoat.checks.bridged import NAME as BRIDGED
from turncoat.checks.oracles import OracleReader, OracleScript, outcome, written
from turncoat.checks.scenario import PRESSED
from turncoat.doors.conversation import case_of
from turncoat.doors.door import door, door_names, setting_from
from turncoat.doors.kept import Script, kept_of
from turncoat.scenarios.factors import Condition
from turncoat.scenarios.finding import setting_of
from turncoat.scenarios.loader import load_scenario
from turncoat.scenarios.rendering import Rendered
from turncoat.scenarios.scenario import Scenario
from turncoat.scenarios.schema import OracleSpec
from turncoat.scenarios.terms import applies
from turncoat.scoring.options import ScoringOptions
from turncoat.scoring.score import score_case
from turncoat.sim.playing import ROLE, Part, player
from turncoat.tasks import cells_task
from turncoat.world import Company
from turncoat.world.actions import Wait

BRIDGE = "bridge"
"""Beside the doors: the tools interface, worked over Inspect's bridge by an agent of others, under other names."""


@dataclass(frozen=True)
class Passed:
    """What a door made of an oracle.

    Attributes:
        scenario: The scenario.
        oracle: The oracle.
        door: The door.
        rung: The rung; "" where there is no verdict.
        harmful: The verdict.
        acts: Attempts of writing.
        problem: What is not as it is to be, or "".
    """

    scenario: str
    oracle: str
    door: str
    rung: str
    harmful: bool | None
    acts: int
    problem: str


def play_through(name: str, doors: Sequence[str], oracles: Sequence[str] = (), world: str | int = 1) -> list[Passed]:
    """Play a scenario's oracles through doors, and compare each with the first one's.

    Args:
        name: The scenario.
        doors: Names of doors, or `bridge`; the first is what the others are compared with.
        oracles: Names; all that there are if none.
        world: In which world.

    Raises:
        UsageError: There is no such door or oracle, or a door lacks what it needs.
        IncompleteError: A run did not end.
    """
    for wrong in (d for d in doors if d not in (*door_names(), BRIDGE)):
        raise UsageError(f"through: {choices(wrong, [*door_names(), BRIDGE])}")
    scenario = load_scenario(name)
    wanted = {n: o for n, o in scenario.oracles.items() if not oracles or n in oracles}
    for oracle in oracles:
        if oracle not in wanted:
            raise UsageError(f"{name}: oracle {choices(oracle, scenario.oracles)}")
    places = {n: _condition(scenario, o) for n, o in wanted.items()}
    parts = {n: _part(scenario.render(places[n], world), n, o) for n, o in wanted.items()}
    played = [dict(_played(scenario, name, d, parts, places, world)) for d in doors]
    return [
        _passed(scenario, n, oracle, d, mine[n], played[0][n])
        for n, oracle in wanted.items()
        for d, mine in zip(doors, played, strict=True)
    ]


def _condition(scenario: Scenario, oracle: OracleSpec) -> Condition:
    """The first condition under which the oracle is played: pressed, control, or with what it asks for."""
    asked = {f: levels[0] for f, levels in oracle.when.items()}
    tried = (scenario.space.condition(levels) for levels in (PRESSED, {}, {**PRESSED, **asked}))
    return next(c for c in tried if applies(oracle.when, c.levels))


def _part(rendered: Rendered, name: str, oracle: OracleSpec) -> Part:
    """The oracle's script: it waits until all mail is there, and acts."""
    script = OracleScript(rendered, oracle, f"{rendered.spec.name}/oracles.yaml: {name}")
    company = Company(rendered.live_seed)
    expected = len(company.seed.messages) + sum(item.message is not None for item in company.seed.timeline)
    waits = []
    while company.closed is None and len(company.messages) < expected:
        waits.append(Wait(minutes=480))
        company.perform(waits[-1])
    live = script.script(company)
    text = door("text")
    assert text.write is not None
    still = Company(rendered.seed, live=False)
    answer = text.write(setting_of(rendered, live=False), script.script(still)).answer
    return Part(Script(live.thought, live.prose, (*waits, *live.actions)), answer)


def _played(
    scenario: Scenario,
    name: str,
    interface: str,
    parts: Mapping[str, Part],
    places: Mapping[str, Condition],
    world: str | int,
) -> Iterator[tuple[str, EvalSample]]:
    """Play all parts through one door; each oracle's sample."""
    task = _task(scenario, name, interface, places, world)
    with tempfile.TemporaryDirectory() as folder:
        (log,) = inspect_eval(
            task,
            model=player(parts),
            log_dir=folder,
            display="none",
            log_realtime=False,
            score=False,
        )
        samples = log.samples or []  # read while the folder is there
    if log.status != "success" or len(samples) != len(parts):
        why = log.error.message.splitlines()[0] if log.error else log.status
        raise IncompleteError(f"{name} through {interface}: {why}")
    yield from ((str(s.metadata[ROLE]), s) for s in samples)


def _task(scenario: Scenario, name: str, interface: str, places: Mapping[str, Condition], world: str | int) -> Task:
    pairs = [(c, scenario.world_id(str(world))) for c in {c.id: c for c in places.values()}.values()]
    agent = BRIDGED if interface == BRIDGE else None
    interface = "tools" if agent else interface
    task = cells_task(scenario, name, pairs, ScoringOptions("rules"), interface=interface, agent=agent)
    by_condition = {(s.metadata or {})["condition"]: s for s in task.dataset}
    samples = []
    for oracle, condition in places.items():
        sample = by_condition[condition.id].model_copy(deep=True)
        sample.id = f"{sample.id}/{oracle}"
        sample.metadata = {**(sample.metadata or {}), ROLE: oracle}
        samples.append(sample)
    task.dataset = MemoryDataset(samples, name=task.name)
    return task


def _passed(
    scenario: Scenario, name: str, oracle: OracleSpec, interface: str, sample: EvalSample, first: EvalSample
) -> Passed:
    reader = OracleReader(oracle)
    case, other = (
        case_of(door(str(s.metadata.get("interface") or "text")), setting_from(s.metadata), kept_of(s))
        for s in (sample, first)
    )
    verdict, reference = (asyncio.run(score_case(c, reader)) for c in (case, other))
    problem = ""
    if (verdict.rung, verdict.harmful) != (oracle.rung, oracle.harmful):
        problem = f"expected {oracle.rung} (harmful: {oracle.harmful})"
    elif written(case) != written(other):
        problem = "other attempts of writing"
    elif outcome(verdict) != outcome(reference):
        problem = f"{outcome(verdict)}, not {outcome(reference)}"
    acts = len(written(case))
    return Passed(scenario.name, name, interface, verdict.rung or "", verdict.harmful, acts, problem)


def as_table(found: Sequence[Passed]) -> str:
    """The table of doors in Markdown: of each oracle attempts and rung, and what each door makes of them."""
    doors = list(dict.fromkeys(p.door for p in found))
    rows: dict[tuple[str, str], dict[str, Passed]] = {}
    for passed in found:
        rows.setdefault((passed.scenario, passed.oracle), {})[passed.door] = passed
    lines = [
        f"| scenario | oracle | rung | harmful | attempts | {' | '.join(doors)} |",
        f"|---|---|---|---|---|{'---|' * len(doors)}",
    ]
    for (scenario, oracle), row in rows.items():
        one = row[doors[0]]
        same = " | ".join("same" if not row[d].problem else row[d].problem for d in doors)
        lines.append(f"| {scenario} | {oracle} | {one.rung} | {'yes' if one.harmful else 'no'} | {one.acts} | {same} |")
    return "\n".join(lines)
