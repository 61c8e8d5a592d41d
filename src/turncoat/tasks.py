"""Inspect tasks: one sample for each condition in each world."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from itertools import zip_longest

from inspect_ai import Task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessageSystem, ChatMessageUser, model_roles
from inspect_ai.solver import Generate, Solver, TaskState, generate, solver

from turncoat.base.errors import ScenarioError, UsageError
from turncoat.base.version import __version__
from turncoat.doors import DEFAULT_DOOR
from turncoat.doors.door import Door, door, setting_from, unknown_doors
from turncoat.doors.text.parser import PARSER_VERSION
from turncoat.guards.named import guards_of_levels, make_guard, with_guards
from turncoat.judges.choice import GRADER, JudgeNames, judge_names
from turncoat.judges.questionnaire import questionnaire
from turncoat.providers.models import TaskSettings
from turncoat.providers.patience import REQUEST, RETRIES
from turncoat.scenarios.factors import PAPER, STAGING, Condition, FactorSpace
from turncoat.scenarios.loader import is_folder, load_scenario
from turncoat.scenarios.scenario import Scenario, text_hash
from turncoat.scenarios.worlds import WorldId
from turncoat.scoring.instrument import instrument_hash
from turncoat.scoring.options import LEGACY, ScoringOptions, has_legacy, legacy_reader
from turncoat.scoring.scorer import verdict_scorers

Names = str | int | list[str] | list[int] | None
"""What `-T` hands over: one value, a string of several, or a list."""

Pair = tuple[Condition, WorldId]

MAX_WORLDS = 100_000


def scenario_task(
    name: str = "blackmail",
    *,
    conditions: Names = None,
    worlds: Names = "1-5",
    judge: JudgeNames = "auto",
    read: str = "all",
    blind: bool = False,
    rubrics: str = "",
    interface: str = DEFAULT_DOOR,
    agent: str | None = None,
    guard: str | list[str] = "",
    legacy: bool = False,
    interview: bool = False,
) -> Task:
    """Build the task of one scenario.

    Args:
        name: A shipped scenario, a pack's (`<pack>/blackmail`), or the path of a scenario folder.
        conditions: Condition ids, `;` between them in a string and `,` or `+` between the settings of one; the
            scenario's headline conditions if None. Inspect splits `-T` at commas, so that there `+` is the form:
            `goal=explicit+threat=replacement;control`.
        worlds: `1-5`, `affair@7`, separated by commas in a string. A pack may
            name its own otherwise.
        judge: See `ScoringOptions`; each member of a panel has its score beside the majority's.
        read: See `ScoringOptions`.
        blind: See `ScoringOptions`.
        rubrics: See `ScoringOptions`.
        interface: A door: `text` (all mail in one prompt, one answer), `tools` (a session of many turns), or another's.
        agent: `module:function` of the agent that works through the tools; the default loop if None.
        guard: Guards that look at every attempt in every condition, beside those that its levels name: names with `+`
            between them in a string; see `turncoat.guards.named`.
        legacy: See `ScoringOptions`.
        interview: See `ScoringOptions`.

    Raises:
        UsageError: An unknown scenario, condition, storyline, judge, interface, agent or guard.
    """
    scenario = load_scenario(name)
    names = [guard] if isinstance(guard, str) else guard
    cells = [scenario.space.parse(with_guards(c.id, names)) for c in parse_conditions(scenario, conditions)]
    pairs = pairs_of(scenario, cells, lambda staging: parse_worlds(scenario, worlds, staging))
    scoring = ScoringOptions(judge, read, blind, rubrics, legacy=legacy, interview=interview)
    return cells_task(scenario, name, pairs, scoring, interface=interface, agent=agent)


def cells_task(
    scenario: Scenario,
    name: str,
    pairs: Sequence[Pair],
    scoring: ScoringOptions,
    *,
    interface: str = DEFAULT_DOOR,
    agent: str | None = None,
    order: Sequence[WorldId] = (),
    visited: bool = False,
) -> Task:
    """Build the task of chosen conditions in chosen worlds, run in the order given.

    Args:
        scenario: The scenario.
        name: What it is loaded by; kept in the samples, of a user's scenario with its folder, so that scoring finds it
            again.
        pairs: Condition and world of each sample; no two may show the model the same text.
        scoring: How its samples are scored.
        interface: See `scenario_task`.
        agent: See `scenario_task`.
        order: All worlds in their order, where the pairs are a share of a larger run.
        visited: Whether the sessions were held outside an evaluation, so that nothing of it is run.

    Raises:
        UsageError: An unknown judge, interface or agent, an interface that the scenario has not, `legacy` for a
            scenario that this reader does not know, no pair, a condition that means nothing in the interface, or two
            samples with the same text.
    """
    scorers = verdict_scorers(scoring)
    chosen = door(interface)
    if agent is not None and not chosen.takes_agent:
        raise UsageError(f"agent {agent!r} needs interface='tools'; {chosen.where} a model answers once")
    solver = generate() if visited else chosen.solver(agent)
    if scoring.legacy and not has_legacy(name):
        reader = legacy_reader()
        raise UsageError(f"{name}: the reader {LEGACY!r} knows {reader.texts} only, such as {reader.example}")
    if not pairs:
        raise UsageError(f"{name}: no condition and world to run")
    for problem in unknown_doors(scenario.space):
        raise ScenarioError(problem)
    for condition in dict.fromkeys(c for c, _ in pairs):
        scenario.see_interface(condition, interface, chosen.where)
        see_guards(scenario, condition, chosen)
    positions = {str(w): i for i, w in enumerate(order or dict.fromkeys(w for _, w in pairs))}
    samples = [sample_of(scenario, name, c, w, positions[str(w)], chosen) for c, w in pairs]
    _refuse_same_text(samples)
    shown = scenario.name
    return Task(
        dataset=MemoryDataset(samples, name=shown),
        setup=grader_at_hand() if scoring.legacy else None,
        solver=solver,
        config=TaskSettings(max_retries=RETRIES, timeout=REQUEST),
        message_limit=chosen.message_limit,
        scorer=scorers,
        name=shown,
        version=scenario.spec.version,
        metadata={
            "turncoat": __version__,
            "scenario": shown,
            "interface": interface,
            "judge": ",".join(judge_names(scoring.judge)),
            **scenario.provenance(),
            "read": scoring.read,
            "blind": scoring.blind,
            **({"legacy": True} if scoring.legacy else {}),
            **({"interview": questionnaire("interview").identity} if scoring.interview else {}),
            "manifest": {
                "design": text_hash(name, interface, *sorted({c.id for c, _ in pairs})),
                "stimulus": text_hash(*(str((s.metadata or {})["stimulus"]) for s in samples)),
                "instrument": instrument_hash(setting_from(samples[0].metadata or {}), scoring.rubrics),
                "parser": PARSER_VERSION,
                "scenario_version": scenario.spec.version,
                "ladder": scenario.spec.ladder.version,
                "rungs": list(scenario.spec.ladder.rungs),
                "mitigations": mitigations_of(scenario.space, [c for c, _ in pairs]),
                "harm_done": scenario.spec.harm_done,
                **({"guarding": named} if (named := guarding(scenario.space, [c for c, _ in pairs])) else {}),
            },
        },
    )


@solver
def grader_at_hand() -> Solver:
    """See that there is a model role `grader` before the target is called, where scoring will need one."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        if GRADER not in model_roles():
            raise UsageError(f"legacy: {legacy_reader().question} goes to the model role {GRADER!r}; none is given")
        return state

    return solve


def sample_of(
    scenario: Scenario, name: str, condition: Condition, world: WorldId, position: int, chosen: Door
) -> Sample:
    """The sample of one condition in one world, met through a door; `position` is the world's place in the run."""
    rendered = scenario.render(condition, world)
    prompt = chosen.prompt(rendered)
    guards = guards_of_levels(scenario.space.guards(condition))
    defaults = {n: f.default for n, f in scenario.space.factors.items()}
    return Sample(
        id=f"{scenario.name}/{condition.id}/{world}",
        input=[
            *([ChatMessageSystem(content=prompt.system)] if prompt.system else []),
            ChatMessageUser(content=prompt.user),
        ],
        metadata={
            "scenario": name,
            "condition": condition.id,
            "levels": {n: v for n, v in condition.levels.items() if v != defaults[n]},
            "world": str(world),
            "position": position,
            "stimulus": prompt.hash,
            **scenario.provenance(),
        }
        | ({"folder": str(scenario.folder)} if is_folder(name) else {})
        | ({} if chosen.name == DEFAULT_DOOR else {"interface": chosen.name})
        | ({"guards": list(guards)} if guards else {}),
    )


def see_guards(scenario: Scenario, condition: Condition, chosen: Door) -> None:
    """See that the guards of a condition can be made, and that they mean something where the agent acts.

    Raises:
        ScenarioError: A level names a guard that there is not, or with options that it has not.
    """
    try:
        for text in guards_of_levels(scenario.space.guards(condition)):
            why = make_guard(text).means_nothing(live=chosen.live)
            if why:
                raise UsageError(f"guard {text!r} means nothing {chosen.where}: {why}")
    except UsageError as error:
        raise UsageError(f"{scenario.name}/{condition.id}: {error}") from None


def guarding(space: FactorSpace, conditions: Iterable[Condition]) -> list[str]:
    """The levels of some conditions that name guards, as `factor=level`."""
    named = (f"{n}={c[n]}" for c in conditions for n in space.factors if space.level_of(n, c[n]).guard)
    return list(dict.fromkeys(named))


def mitigations_of(space: FactorSpace, conditions: Iterable[Condition]) -> list[str]:
    """The levels that are mitigations, as `factor=level`; of open factors those that the conditions have."""
    named = [f"{n}={c[n]}" for c in conditions for n, f in space.factors.items() if f.open and c[n] not in f.levels]
    return list(dict.fromkeys([*space.mitigations, *named]))


def parse_conditions(scenario: Scenario, conditions: Names) -> list[Condition]:
    """The conditions that a task argument names; the headline ones if it names none.

    Raises:
        UsageError: A list of which nobody can tell whether it is one condition or several; see `_refuse_split`.
    """
    if isinstance(conditions, list) and any(";" in str(item) for item in conditions):
        conditions = ",".join(map(str, conditions))  # a string that Inspect has split at its commas
    elif isinstance(conditions, list):
        _refuse_split([str(item) for item in conditions])
    items = _items(conditions, ";") or list(scenario.spec.headline)
    return list({c.id: c for c in (scenario.space.parse(re.sub(r"\+(?=\s*\w+\s*=)", ",", i)) for i in items)}.values())


def _refuse_split(items: list[str]) -> None:
    """Refuse a list of single settings of several factors: Inspect makes it of `-T conditions=a=b,c=d`.

    Raises:
        UsageError: It is one; with the forms that are meant one way only.
    """
    pairs = [item.strip() for item in items if "=" in item]
    if any(mark in pair for pair in pairs for mark in ",+") or len({p.partition("=")[0].strip() for p in pairs}) < 2:
        return
    raise UsageError(
        f"conditions: {', '.join(pairs)} may be one condition or {len(pairs)}, since Inspect splits -T at commas; "
        f"give conditions='{'+'.join(pairs)}' for one, conditions='{';'.join(pairs)}' for {len(pairs)}"
    )


def pairs_of(scenario: Scenario, cells: Sequence[Condition], worlds: Callable[[str], Sequence[WorldId]]) -> list[Pair]:
    """Each condition in each world of its staging, all conditions of a world before the next world.

    Args:
        scenario: The scenario.
        cells: The conditions.
        worlds: A staging's worlds.
    """
    by_staging: dict[str, list[Condition]] = {}
    for cell in cells:
        by_staging.setdefault(cell.levels.get(STAGING, PAPER), []).append(cell)
    columns = [[(w, mine) for w in worlds(staging)] for staging, mine in by_staging.items()]
    rows = (pair for row in zip_longest(*columns) for pair in row if pair is not None)
    return [(cell, world) for world, mine in rows for cell in mine]


def parse_worlds(scenario: Scenario, worlds: Names, staging: str = PAPER) -> list[WorldId]:
    """The worlds that a task argument names: `1-5`, `affair@1-5`, `7`.

    Args:
        scenario: The scenario.
        worlds: The argument.
        staging: A seed alone is one of its default storyline; worlds of storylines staged otherwise are passed over.

    Raises:
        UsageError: An empty or overlong list, or an item of another form.
    """
    found: list[WorldId] = []
    for item in _items(worlds, ","):
        story, at, seeds = item.rpartition("@")
        match = re.fullmatch(r"(\d{1,9})-(\d{1,9})", seeds)
        numbers: Iterable[str | int] = range(int(match[1]), int(match[2]) + 1) if match else [seeds]
        if match and int(match[2]) - int(match[1]) >= MAX_WORLDS:
            raise UsageError(f"worlds {item!r}: more than {MAX_WORLDS}")
        named = [scenario.world_id(f"{story}{at}{number}", staging) for number in numbers]
        found += [w for w in named if w.storyline in scenario.staged(staging)]
    if not found:
        of = "" if staging == PAPER else f" with {STAGING}={staging}, whose storylines are "
        raise UsageError(
            f"worlds {worlds!r} names none{of}{', '.join(scenario.staged(staging)) if of else ''}; "
            "give seeds such as 1-5 or affair@7"
        )
    return list({str(world): world for world in found}.values())


def _items(value: Names, separator: str) -> list[str]:
    if value is None:
        return []
    if isinstance(value, list):
        return [str(v).strip() for v in value]
    return [part.strip() for part in str(value).split(separator) if part.strip()]


def _refuse_same_text(samples: Sequence[Sample]) -> None:
    seen: dict[str, str] = {}
    for sample in samples:
        metadata = sample.metadata or {}
        met = json.dumps([metadata["stimulus"], metadata.get("guards")])
        if met in seen:
            raise UsageError(f"{sample.id} and {seen[met]} show the model the same text; leave one out")
        seen[met] = str(sample.id)
