"""Checking whole scenarios.

Conditions to render are the full cross of threat, goal and value, every further level, and all pairs of the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache, partial
from itertools import product
from typing import Any

from allpairspy import AllPairs

from turncoat.base.counting import counted
from turncoat.base.errors import ConditionError, Problem, TurncoatError, UsageError
from turncoat.base.sharing import shared_out
from turncoat.checks.codes import Code, problem_of
from turncoat.checks.dates import dated_problems
from turncoat.checks.files import file_problems, ladder_problems, oracle_names
from turncoat.checks.job import job_problems
from turncoat.checks.oracles import oracle_problems
from turncoat.checks.rendering import rendering_problems, time_problems
from turncoat.checks.sameness import shared_problems, storyline_problems
from turncoat.checks.timetable import timetable_problems
from turncoat.doors import DEFAULT_DOOR
from turncoat.doors.door import door, unknown_doors
from turncoat.guards.named import unknown_guards
from turncoat.scenarios.factors import PAPER, STAGING, Condition, FactorSpace
from turncoat.scenarios.loader import check_whens, load_scenario, pack_of, scenario_names
from turncoat.scenarios.rendering import Rendered
from turncoat.scenarios.scenario import Scenario
from turncoat.scenarios.terms import applies
from turncoat.scenarios.timetable import timetable_of

CORE = ("goal", "value", "threat")
PRESSED = {"goal": "explicit", "threat": "replacement"}
"""The condition to which single further levels are added; control is the other one."""
ALONE = ({"goal": "explicit"}, {"threat": "replacement"}, {"threat": "restriction"})
"""One pressure without the other."""
MAILED = ("ally", "necessity", "culprit", "authority", "bulletin")
"""Factors that show in mails alone."""


def core_conditions(space: FactorSpace, staging: str = PAPER) -> list[Condition]:
    """Every valid combination of goal, value and threat in a staging."""
    levels = {f: list(space.factors[f].levels) for f in CORE if f in space.factors} | _staged(space, staging)
    return list(space.grid(levels))


def _told_of(conditions: Iterable[Condition]) -> Iterator[Condition]:
    """Of these, the ones that set nothing but pressures and what mails alone tell of."""
    telling = {*CORE, *MAILED, STAGING}
    return (c for c in conditions if c.settings.keys() <= telling)


def _shown(space: FactorSpace) -> list[str]:
    """The factors on which anything depends that a model is shown: all but those of guards."""
    return [name for name, factor in space.factors.items() if not factor.guards]


def _staged(space: FactorSpace, staging: str) -> dict[str, list[str]]:
    return {STAGING: [staging]} if STAGING in space.factors else {}


def single_levels(space: FactorSpace, staging: str = PAPER) -> list[Condition]:
    """Every level of every further factor where it means something, added to the pressed condition and to control.

    Levels that only mails tell of are also added to either pressure alone, since a storyline has other mails there.
    """
    found: list[Condition] = []
    for name, factor in space.factors.items():
        if name in (*CORE, STAGING) or factor.guards:
            continue
        bases = [PRESSED, {}, *(ALONE if name in MAILED else ())]
        there = {n: levels[0] for n, levels in _staged(space, staging).items()}
        for level in factor.levels:
            found += _valid(space, [{**base, **there, name: level} for base in bases])
    return _unique(found)


def pairwise(space: FactorSpace, staging: str = PAPER) -> list[Condition]:
    """Conditions of a staging that cover every valid pair of levels of any two factors at least once."""
    names, only = _shown(space), _staged(space, staging)
    parameters = [only.get(n, list(space.factors[n].levels)) for n in names]
    if len(names) < 2:
        return []

    rows = AllPairs(parameters, filter_func=lambda row: not _conflict(space, dict(zip(names, row, strict=False))))
    found = _unique(_valid(space, (dict(zip(names, row, strict=True)) for row in rows)))
    # The constraints can keep the array from a pair that is valid by itself: add it alone, with what it needs.
    there = {n: levels[0] for n, levels in only.items()}
    missing = [{**there, a: x, b: y} for a, x, b, y in uncovered_pairs(space, found) if STAGING not in (a, b)]
    return _unique([*found, *_valid(space, missing)])


def _conflict(space: FactorSpace, chosen: dict[str, str]) -> bool:
    """Whether levels chosen so far already exclude each other."""
    staging = chosen.get(STAGING, PAPER)
    changed = [space.factors[n] for n, level in chosen.items() if level != space.factors[n].default_in(staging)]
    unmet = (o in chosen and chosen[o] not in wanted for factor in changed for o, wanted in factor.needs.items())
    refused = (refusal.when.items() for factor in changed for refusal in factor.refuse)
    return any(unmet) or any(all(chosen.get(f) in levels for f, levels in when) for when in refused)


def uncovered_pairs(space: FactorSpace, conditions: Iterable[Condition]) -> Iterator[tuple[str, str, str, str]]:
    """Valid pairs of levels that no condition covers."""
    pairs = [(a, b) for a, b in product(_shown(space), repeat=2) if a < b]
    seen = {(a, c.levels[a], b, c.levels[b]) for c in conditions for a, b in pairs}
    for a, b in pairs:
        for x, y in product(space.factors[a].levels, space.factors[b].levels):
            if (a, x, b, y) not in seen and _valid(space, [{a: x, b: y}]):
                yield a, x, b, y


def _valid(space: FactorSpace, settings: Iterable[dict[str, str]]) -> list[Condition]:
    found = []
    for setting in settings:
        with suppress(ConditionError):
            found.append(space.condition(setting))
    return found


def _unique(conditions: Iterable[Condition]) -> list[Condition]:
    return list({c.id: c for c in conditions}.values())


CHARACTERS_PER_TOKEN = 4
"""Rule of thumb for English; exact counts need each provider's tokenizer."""


@dataclass
class CheckResult:
    """What a check of one scenario found."""

    scenario: str
    problems: list[Problem] = field(default_factory=list)
    rendered: int = 0
    conditions: int = 0
    oracles: int = 0
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Level of `noise` → smallest and largest prompt, in estimated tokens."""

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)

    def text(self) -> str:
        """For people."""
        head = (
            f"{self.scenario}: {'sound' if not self.problems else counted(len(self.problems), 'problem')} "
            f"({counted(self.conditions, 'condition')}, {counted(self.rendered, 'rendering')}, "
            f"{counted(self.oracles, 'oracle run')})"
        )
        sizes = [f"  noise {k}: about {low}–{high} tokens" for k, (low, high) in sorted(self.sizes.items())]
        return "\n".join([head, *sizes, *(f"  - {p}" for p in self.problems)])

    def add(self, problem: Problem, seen: str = "") -> None:
        """Note a problem once, however many conditions show it, or variables there are in it."""
        if _what(problem) not in map(_what, self.problems):
            self.problems.append(replace(problem, seen=seen))

    def join(self, part: CheckResult) -> None:
        """Add what a check of one storyline found."""
        for problem in part.problems:
            self.add(problem, problem.seen)
        self.rendered += part.rendered
        self.oracles += part.oracles
        for noise, (low, high) in part.sizes.items():
            self.size(noise, low, high)

    def size(self, noise: str, low: int, high: int) -> None:
        """Note the sizes of prompts at a level of `noise`."""
        least, most = self.sizes.get(noise, (low, high))
        self.sizes[noise] = min(least, low), max(most, high)


def _what(problem: Problem) -> tuple[str, str, str]:
    return problem.code, problem.place, problem.text.partition("; there are: ")[0]


def check_scenarios(names: Sequence[str] | None = None, *, worlds: int = 2, workers: int = 1) -> list[CheckResult]:
    """Check scenarios by name or path; all that ship if none is named.

    Args:
        names: Scenarios.
        worlds: Worlds of each storyline.
        workers: Processes that share the storylines; what is found is the same with any number.

    Raises:
        UsageError: A pack's scenario is named; its text is taken as it is, and nothing in it is ours to check.
    """
    for name in names or ():
        if (pack := pack_of(name)) is not None:
            raise UsageError(
                f"{name}: the {pack.title} are taken as they are, so that there is nothing to check; "
                f"check {name.partition('/')[2]}, or look at it with: turncoat show {name}"
            )
    chosen = list(names or scenario_names())
    loaded = [load_scenario(n) for n in chosen]
    begun = [_begun(scenario) for scenario in loaded]
    tasks = [(n, *task, worlds) for n, scenario in zip(chosen, loaded, strict=True) for task in _tasks(scenario)]
    parts = iter(shared_out(_part, tasks, workers))
    for scenario, result in zip(loaded, begun, strict=True):
        for _ in _tasks(scenario):
            result.join(next(parts))
    if any(story.spec.staging != PAPER for scenario in loaded for story in scenario.storylines.values()):
        for problem in shared_problems(dict.fromkeys((*scenario_names(), *chosen))):
            about = [r for r in begun if problem.place.startswith(f"{r.scenario}/") or r.scenario in problem.text]
            for result in about[:1]:
                result.add(problem)
    return begun


def check_scenario(scenario: Scenario, *, worlds: int = 2) -> CheckResult:
    """Prove that a scenario is sound.

    In every storyline: all threat × goal × value conditions, every single further level (beside the pressed condition
    and control), and a pairwise covering array over all factors, each in `worlds` worlds.

    Args:
        scenario: The scenario.
        worlds: Worlds of each storyline.
    """
    result = _begun(scenario)
    for staging, storyline in _tasks(scenario):
        result.join(_storyline(scenario, staging, storyline, worlds))
    return result


def _begun(scenario: Scenario) -> CheckResult:
    """What the files alone show."""
    check_whens(scenario)
    result = CheckResult(scenario.name)
    doors = (problem_of(Code.NAME, said) for said in unknown_doors(scenario.space))
    guards = (problem_of(Code.NAME, said) for said in unknown_guards(scenario.space))
    for problem in (*ladder_problems(scenario), *oracle_names(scenario), *doors, *guards, *file_problems(scenario)):
        result.add(problem)
    result.conditions = sum(len(_conditions(scenario.space, staging)[0]) for staging in _stagings(scenario))
    return result


def _stagings(scenario: Scenario) -> list[str]:
    return list(dict.fromkeys(story.spec.staging for story in scenario.storylines.values()))


def _tasks(scenario: Scenario) -> list[tuple[str, str]]:
    """Each storyline with its staging."""
    found = []
    for staging in _stagings(scenario):
        further = (name for name, story in scenario.further.items() if story.spec.staging == staging)
        found += [(staging, storyline) for storyline in (*scenario.staged(staging), *further)]
    return found


@lru_cache(maxsize=16)
def _conditions(space: FactorSpace, staging: str) -> tuple[list[Condition], list[Condition]]:
    """The conditions that a storyline is rendered under in its first world, and those of its further ones."""
    core, single, pairs = core_conditions(space, staging), single_levels(space, staging), pairwise(space, staging)
    return _unique([*core, *single, *pairs]), _unique([*core, *single])


def _part(name: str, staging: str, storyline: str, worlds: int) -> CheckResult:
    """One storyline, in whatever process."""
    return _storyline(load_scenario(name), staging, storyline, worlds)


def _storyline(scenario: Scenario, staging: str, storyline: str, worlds: int) -> CheckResult:
    result, shown, complete = CheckResult(scenario.name), set[str](), True
    sound = not any(ladder_problems(scenario))
    conditions, few = _conditions(scenario.space, staging)
    timetable = timetable_of(scenario.story(storyline))
    for seed in range(1, worlds + 1):
        texts: dict[str, str] = {}
        for condition in conditions if seed == 1 else few:
            letters = _render(scenario, condition, f"{storyline}@{seed}", result, texts)
            complete = complete and letters is not None
            shown |= letters or set()
        if staging != PAPER:
            for levels in ({}, PRESSED):
                condition = scenario.space.condition({**levels, STAGING: staging})
                for find in (job_problems, dated_problems):
                    _find(find, scenario, condition, f"{storyline}@{seed}", result)
        if timetable is not None:
            held = partial(timetable_problems, timetable=timetable)
            for condition in _told_of(few):
                _find(held, scenario, condition, f"{storyline}@{seed}", result)
        if sound:
            _run_oracles(scenario, f"{storyline}@{seed}", result)
        _check_time(scenario, f"{storyline}@{seed}", result)
    for problem in storyline_problems(scenario, storyline):
        result.add(problem)
    for email in scenario.story(storyline).emails.values():
        if complete and email.name not in shown:
            result.add(Problem(Code.UNUSED, email.place, "is shown under no condition that was rendered"))
    return result


def _render(
    scenario: Scenario,
    condition: Condition,
    world: str,
    result: CheckResult,
    texts: dict[str, str],
) -> set[str] | None:
    """Check one condition in one world; names of the mails that it shows, or None if it cannot be rendered."""
    seen = f"{condition.id}, world {world}"
    try:
        rendered = scenario.render(condition, world)
        prompt = door(DEFAULT_DOOR).prompt(rendered)
        for problem in rendering_problems(rendered, prompt):
            result.add(problem, seen)
        _ = rendered.live_seed
    except TurncoatError as error:
        result.add(problem_of(Code.TEMPLATE, error), seen)
        return None
    result.rendered += 1
    if prompt.hash in texts:
        said = f"{condition.id} shows the same text as {texts[prompt.hash]}"
        result.add(Problem(Code.ALIKE, rendered.storyline.name, said))
    texts[prompt.hash] = condition.id
    size = (len(prompt.system) + len(prompt.user)) // CHARACTERS_PER_TOKEN
    noise = condition.levels.get("noise", "0")
    result.size(noise, size, size)
    return {letter.name for letter in rendered.letters}


def _check_time(scenario: Scenario, world: str, result: CheckResult) -> None:
    """See that an agent that reads all mail, at most noise, still has time to act."""
    staging = _staging_of(scenario, world)
    most = {"noise": max(f.levels, key=int)} if (f := scenario.space.factors.get("noise")) and not staging else {}
    most |= staging
    _find(time_problems, scenario, scenario.space.condition({**PRESSED, **most}), world, result)


def _run_oracles(scenario: Scenario, world: str, result: CheckResult) -> None:
    """Run every oracle under the pressed condition, under control, and under the levels that it asks for."""
    there = _staging_of(scenario, world)
    settings: list[dict[str, str]] = [there, {**PRESSED, **there}]
    asked = [{f: levels[0] for f, levels in o.when.items()} for o in scenario.oracles.values()]
    settings += [{**PRESSED, **levels, **there} for levels in asked if levels.get(STAGING, "") in ("", *there.values())]
    conditions = {c.id: c for s in settings for c in [scenario.space.condition(s)]}
    for condition in conditions.values():
        _find(partial(oracle_problems, oracles=scenario.oracles), scenario, condition, world, result)
        result.oracles += sum(applies(o.when, condition.levels) for o in scenario.oracles.values())


def _staging_of(scenario: Scenario, world: str) -> dict[str, str]:
    """The level of the staging that a world's storyline has, where it is not the default."""
    staging = scenario.story(world.partition("@")[0]).spec.staging
    return {} if staging == PAPER else {STAGING: staging}


def _find(
    problems: Callable[[Rendered], Iterable[Problem]],
    scenario: Scenario,
    condition: Condition,
    world: str,
    result: CheckResult,
) -> None:
    """Note what is found in one condition and world, and why it cannot be looked for."""
    seen = f"{condition.id}, world {world}"
    try:
        for problem in problems(scenario.render(condition, world)):
            result.add(problem, seen)
    except TurncoatError as error:
        result.add(problem_of(Code.TEMPLATE, error), seen)
