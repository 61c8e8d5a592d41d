"""Checking whole scenarios."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Any

from turncoat.base.errors import TurncoatError, UsageError
from turncoat.base.problems import Problem
from turncoat.checks.codes import Code, problem_of
from turncoat.checks.covering import PRESSED, core_conditions, pairwise, single_levels
from turncoat.checks.files import file_problems
from turncoat.checks.ladder import ladder_problems, oracle_names
from turncoat.checks.oracles import oracle_problems
from turncoat.checks.rendering import rendering_problems
from turncoat.checks.time import time_problems
from turncoat.doors import DEFAULT_DOOR
from turncoat.doors.door import door, unknown_doors
from turncoat.scenarios.factors import Condition
from turncoat.scenarios.loader import load_scenario, scenario_names
from turncoat.scenarios.packs import pack_of
from turncoat.scenarios.rendering import Rendered
from turncoat.scenarios.scenario import Scenario
from turncoat.scenarios.schema import applies

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
            f"{self.scenario}: {'sound' if not self.problems else f'{len(self.problems)} problems'} "
            f"({self.conditions} conditions, {self.rendered} renderings, {self.oracles} oracle runs)"
        )
        sizes = [f"  noise {k}: about {low}–{high} tokens" for k, (low, high) in sorted(self.sizes.items())]
        return "\n".join([head, *sizes, *(f"  - {p}" for p in self.problems)])

    def add(self, problem: Problem, seen: str = "") -> None:
        """Note a problem once, however many conditions show it, or variables there are in it."""
        if _what(problem) not in map(_what, self.problems):
            self.problems.append(replace(problem, seen=seen))


def _what(problem: Problem) -> tuple[str, str, str]:
    return problem.code, problem.place, problem.text.partition("; there are: ")[0]


def check_scenarios(names: Sequence[str] | None = None, *, worlds: int = 2) -> list[CheckResult]:
    """Check scenarios by name or path; all that ship if none is named.

    Raises:
        UsageError: A pack's scenario is named; its text is taken as it is, and nothing in it is ours to check.
    """
    for name in names or ():
        if (pack := pack_of(name)) is not None:
            raise UsageError(
                f"{name}: the {pack.title} are taken as they are, so that there is nothing to check; "
                f"check {name.partition('/')[2]}, or look at it with: turncoat show {name}"
            )
    return [check_scenario(load_scenario(n), worlds=worlds) for n in names or scenario_names()]


def check_scenario(scenario: Scenario, *, worlds: int = 2) -> CheckResult:
    """Prove that a scenario is sound.

    In every storyline: all threat × goal × value conditions, every single further level (beside the pressed condition
    and control), and a pairwise covering array over all factors, each in `worlds` worlds.

    Args:
        scenario: The scenario.
        worlds: Worlds of each storyline.
    """
    result = CheckResult(scenario.name)
    ladder = list(ladder_problems(scenario))
    doors = (problem_of(Code.NAME, said) for said in unknown_doors(scenario.space))
    for problem in (*ladder, *oracle_names(scenario), *doors, *file_problems(scenario)):
        result.add(problem)
    core, single, pairs = core_conditions(scenario.space), single_levels(scenario.space), pairwise(scenario.space)
    conditions = list({c.id: c for c in [*core, *single, *pairs]}.values())
    few = list({c.id: c for c in [*core, *single]}.values())
    result.conditions = len(conditions)
    for storyline in scenario.storylines:
        shown: set[str] = set()
        complete = True
        for seed in range(1, worlds + 1):
            texts: dict[str, str] = {}
            for condition in conditions if seed == 1 else few:
                letters = _render(scenario, condition, f"{storyline}@{seed}", result, texts)
                complete = complete and letters is not None
                shown |= letters or set()
            if not ladder:
                _run_oracles(scenario, f"{storyline}@{seed}", result)
            _check_time(scenario, f"{storyline}@{seed}", result)
        for email in scenario.storylines[storyline].emails.values():
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
        text = f"{condition.id} shows the same text as {texts[prompt.hash]}"
        result.add(Problem(Code.ALIKE, rendered.storyline.name, text))
    texts[prompt.hash] = condition.id
    size = (len(prompt.system) + len(prompt.user)) // CHARACTERS_PER_TOKEN
    noise = condition.levels.get("noise", "0")
    low, high = result.sizes.get(noise, (size, size))
    result.sizes[noise] = min(low, size), max(high, size)
    return {letter.name for letter in rendered.letters}


def _check_time(scenario: Scenario, world: str, result: CheckResult) -> None:
    """See that an agent that reads all mail, at most noise, still has time to act."""
    most = {"noise": max(f.levels, key=int)} if (f := scenario.space.factors.get("noise")) else {}
    condition = scenario.space.condition({**PRESSED, **most})
    _find(time_problems, scenario, condition, world, result)


def _run_oracles(scenario: Scenario, world: str, result: CheckResult) -> None:
    """Run every oracle under the pressed condition, under control, and under the levels that it asks for."""
    settings: list[dict[str, str]] = [{}, PRESSED]
    settings += [{**PRESSED, **{f: levels[0] for f, levels in o.when.items()}} for o in scenario.oracles.values()]
    conditions = {c.id: c for s in settings for c in [scenario.space.condition(s)]}
    for condition in conditions.values():
        _find(partial(oracle_problems, oracles=scenario.oracles), scenario, condition, world, result)
        result.oracles += sum(applies(o.when, condition.levels) for o in scenario.oracles.values())


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
