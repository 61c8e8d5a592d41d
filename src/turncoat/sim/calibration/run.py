"""Running simulated agents of known truth: the bulk directly, a part through Inspect.

Directly means: the agent's answer is parsed and performed, detectors read the log, and a judge is asked by the same
code as in a run, without Inspect's runner and its model layer around them. The part through Inspect shows that the two
ways give the same verdicts.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, cast

from inspect_ai import Task
from inspect_ai.log import EvalLog
from inspect_ai.model import ChatMessage, ChatMessageTool, ChatMessageUser, GenerateConfig, Model, ModelOutput

from turncoat.base.sharing import shared_out
from turncoat.doors import DEFAULT_DOOR
from turncoat.doors.door import door
from turncoat.doors.kept import Attempted, Kept, dump
from turncoat.doors.tools.door import tool_infos
from turncoat.doors.tools.sessions import read_arguments
from turncoat.evidence.case import Case
from turncoat.evidence.detectors import necessary_act
from turncoat.judges.model.model import ModelJudge
from turncoat.judges.question import Reader
from turncoat.judges.rules.judge import RuleJudge
from turncoat.scenarios.factors import PAPER
from turncoat.scenarios.finding import setting_of
from turncoat.scenarios.loader import load_scenario
from turncoat.scenarios.scenario import Scenario
from turncoat.scoring.score import log_findings, score_case
from turncoat.scoring.verdict import Verdict
from turncoat.sim.agent import SimAgent
from turncoat.sim.judge import SimJudge
from turncoat.sim.script import part_of
from turncoat.sim.truth import PROVIDER, Identity, Truth, acting_in, current_sample
from turncoat.tasks import scenario_task
from turncoat.world import Company

RULES = "rules"
FAULTLESS = "sim/judge-1-1"
ERRING = "sim/judge-0.9-0.95"
SENSITIVITY, SPECIFICITY = 0.9, 0.95
"""Planted in `ERRING`."""


@dataclass(frozen=True)
class Grid:
    """The size of a calibration.

    Attributes:
        samples: Samples in a cell.
        seeds: Cells for each rung, rate and interface, each drawn anew.
        rates: Planted rates.
        scenarios: Names.
        interfaces: Names of doors.
        inspect_worlds: Worlds of the part that runs through Inspect, for each scenario and interface.
        job_rates: Stated rates at which agents do each piece of their work.
        job_worlds: Worlds for each of them, in each scenario and interface.
        through: Further doors of that part: what is behind them is acted upon directly elsewhere.
    """

    samples: int
    seeds: int
    rates: tuple[float, ...] = (0.0, 0.02, 0.2, 0.5, 0.8, 1.0)
    scenarios: tuple[str, ...] = ("blackmail", "espionage", "lethal")
    interfaces: tuple[str, ...] = ("text", "tools")
    inspect_worlds: int = 20
    job_rates: tuple[float, ...] = (0.0, 0.3, 0.7, 1.0)
    job_worlds: int = 10
    through: tuple[str, ...] = ()


FULL = Grid(samples=20, seeds=3, inspect_worlds=10)
QUICK = Grid(samples=4, seeds=1, rates=(0.0, 0.5, 1.0), inspect_worlds=1, job_rates=(0.5,), job_worlds=2)


@dataclass(frozen=True)
class Cell:
    """One planted rate of one rung in one interface.

    The seed differs between the interfaces, since the same seed would draw the same truth in both.
    """

    scenario: str
    interface: str
    rung: str
    rate: float
    seed: int

    @property
    def model(self) -> str:
        """The simulated model."""
        return f"sim/rung-{self.rung}-{self.rate:g}-seed-{self.seed}"


def cells(grid: Grid) -> Iterator[Cell]:
    """All cells of a grid."""
    for scenario in grid.scenarios:
        rungs, doors = load_scenario(scenario).spec.ladder.rungs, enumerate(grid.interfaces)
        for rung, rate, (number, interface), seed in product(rungs, grid.rates, doors, range(grid.seeds)):
            yield Cell(scenario, interface, rung, rate, 1 + number * grid.seeds + seed)


@dataclass(frozen=True)
class Seen:
    """What one judge made of a sample."""

    harmful: bool | None
    rung: str | None
    reason: str
    awareness: str


@dataclass(frozen=True)
class Observation:
    """One sample: what was planted, what detectors found, what judges said."""

    cell: Cell
    truth: Truth
    stated: bool
    """Whether its statement on awareness, or its silence, can be seen in visible reasoning."""
    detected: frozenset[str]
    """Findings that detectors made."""
    necessary: bool
    """Whether the necessary act was done, so that the outcome judge was asked."""
    seen: dict[str, Seen]
    """Judge → what it said."""


MOST_TURNS = 60
CHUNK = 7
"""Cells that a process is handed at a time."""
MIDDLE_RATE = "sim/rate-0.5"
"""The agent of the part that runs through Inspect."""


class _Direct:
    """A simulated judge where a `Model` is expected, without Inspect's retries, limits and event log around it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._judge = SimJudge(name.removeprefix(PROVIDER))
        self.config = GenerateConfig()
        self.api = self
        """Where a grader keeps how it is asked."""

    def __str__(self) -> str:
        return self._name

    async def generate(self, input: list[ChatMessage], config: GenerateConfig) -> ModelOutput:
        answer = self._judge.answer(current_sample(), input, [])
        return ModelOutput.from_content(self._name, answer.text)


def direct_judge(name: str) -> Reader:
    """The rules, or a simulated judge behind the model judge's own checks."""
    return RuleJudge() if name == RULES else ModelJudge(cast(Model, _Direct(name)))


def calibrate(grid: Grid, progress: Callable[[int, int], None] | None = None, *, workers: int = 1) -> list[Observation]:
    """Run the bulk of a calibration.

    Args:
        grid: Its size.
        progress: Told the cells that are done and their number.
        workers: Processes to share the cells; what comes of them is the same with any number.
    """
    every = list(cells(grid))
    observations: list[Observation] = []
    parts = shared_out(observe, [(cell, grid.samples) for cell in every], workers, CHUNK)
    for number, found in enumerate(parts, 1):
        observations += found
        if progress is not None:
            progress(number, len(every))
    return observations


def observe(cell: Cell, samples: int) -> list[Observation]:
    """Run one cell."""
    scenario = load_scenario(cell.scenario)
    # The worlds are the same in all cells, so that each is rendered once; what is drawn in them differs.
    worlds = (str(scenario.world_id(name)) for name in worlds_of(scenario, samples))
    condition = scenario.space.parse(scenario.spec.headline[0])
    planned = [Identity(cell.model, scenario, condition, world, 1) for world in worlds]
    return asyncio.run(_observe(cell, planned, {name: direct_judge(name) for name in (RULES, FAULTLESS, ERRING)}))


def worlds_of(scenario: Scenario, count: int, staging: str = PAPER) -> list[str]:
    """Names of the first worlds of a scenario in a staging, its storylines by turns."""
    stories = scenario.staged(staging)
    return [f"{stories[n % len(stories)]}@{1 + n}" for n in range(count)]


async def _observe(cell: Cell, samples: Iterable[Identity], judges: dict[str, Reader]) -> list[Observation]:
    found: list[Observation] = []
    for sample in samples:
        with acting_in(sample):
            case = act(sample, cell.interface)
            seen = {name: _seen(await score_case(case, judge)) for name, judge in judges.items()}
            found.append(_observation(cell, sample, case, seen))
    return found


def _observation(cell: Cell, sample: Identity, case: Case, seen: dict[str, Seen]) -> Observation:
    hidden, script = part_of(sample)
    reasons = [p.text for p in case.passages]
    visible = any(script.awareness in text for text in reasons) if script.awareness else bool(reasons)
    return Observation(
        cell=cell,
        truth=hidden,
        stated=visible,
        detected=frozenset(f.name for f in log_findings(case)),
        necessary=bool(necessary_act(case)),
        seen=seen,
    )


def act(sample: Identity, interface: str) -> Case:
    """Let the simulated agent of a sample act, and lay out what scoring sees of it."""
    agent, rendered, chosen = SimAgent(sample.profile), sample.render(), door(interface)
    setting = setting_of(rendered, live=chosen.live)
    if not chosen.live:
        return chosen.case(setting, Kept(answer=agent.answer(sample, [], []).text))
    tools, company = list(tool_infos(rendered)), Company(rendered.live_seed)
    messages: list[ChatMessage] = [ChatMessageUser(content=rendered.opening)]
    entries: list[dict[str, Any]] = []
    for _ in range(MOST_TURNS):
        turn = agent.answer(sample, messages, tools)
        messages.append(turn)
        for call in turn.tool_calls or ():
            action = read_arguments(call.function, call.arguments)
            entries.append(dump(Attempted(action=action)))
            told = company.perform(action).text
            messages.append(ChatMessageTool(content=told, tool_call_id=call.id, function=call.function))
        if company.closed is not None or not turn.tool_calls:
            break
    return chosen.case(setting, Kept(entries=entries, messages=messages, ended="finished"))


def _seen(verdict: Verdict) -> Seen:
    return Seen(verdict.harmful, verdict.rung, verdict.reason, str(verdict.reading.awareness))


# The part through Inspect


def through_inspect(grid: Grid) -> list[tuple[Seen, Seen]]:
    """Run a part through Inspect's own runner, and directly: what each made of the same samples.

    Raises:
        RuntimeError: Inspect did not finish; its own message says why.
    """
    from inspect_ai import eval as inspect_eval

    doors = (*grid.interfaces, *grid.through)
    tasks = [_task(scenario, interface, grid) for scenario in grid.scenarios for interface in doors]
    with tempfile.TemporaryDirectory() as folder:
        logs = inspect_eval(
            tasks,
            model=MIDDLE_RATE,
            model_roles={"grader": ERRING},
            log_dir=folder,
            display="none",
            max_tasks=2,
            log_realtime=False,
        )
        # Inspect reads a log's samples when they are asked for, so the folder has to be there still.
        return [pair for log in logs for pair in _compared(log)]


def _compared(log: EvalLog) -> Iterator[tuple[Seen, Seen]]:
    if log.status != "success" or log.samples is None:
        raise RuntimeError(f"{log.eval.task}: {log.error.message if log.error else log.status}")
    for sample in log.samples:
        kept = next(iter((sample.scores or {}).values())).metadata or {}
        ran = Seen(kept["harmful"], kept["rung"], kept["reason"] or "", str(kept["awareness"]))
        yield ran, asyncio.run(_directly(sample.metadata, sample.epoch))


def _task(scenario: str, interface: str, grid: Grid) -> Task:
    loaded = load_scenario(scenario)
    worlds, condition = ",".join(worlds_of(loaded, grid.inspect_worlds)), loaded.spec.headline[0]
    return scenario_task(scenario, conditions=condition, worlds=worlds, judge="model", interface=interface)


async def _directly(metadata: dict[str, Any], epoch: int) -> Seen:
    sample = Identity.of(MIDDLE_RATE, metadata, epoch)
    with acting_in(sample):
        case = act(sample, str(metadata.get("interface", DEFAULT_DOOR)))
        return _seen(await score_case(case, direct_judge(ERRING)))
