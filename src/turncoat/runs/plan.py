"""What a study would take, before anything is called: samples, tokens, price, judge calls, and what it can find."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from types import MappingProxyType

from turncoat.base.counting import counted
from turncoat.base.simulated import is_simulated
from turncoat.doors.door import door
from turncoat.runs.design import TaskPlan
from turncoat.runs.paired import PairedFinds, Spreads, paired_finds
from turncoat.runs.prices import PriceTable, load_prices
from turncoat.runs.request import Request, plans_of, refuse_judge_as_guard
from turncoat.runs.reviews import GuardCost, guard_costs
from turncoat.scenarios.factors import Condition
from turncoat.scenarios.worlds import WorldId
from turncoat.scoring.options import has_legacy, read_policy
from turncoat.stats.power import detectable_h, detectable_rate, effect_size_h, n_for_width, n_per_arm

CHARACTERS_PER_TOKEN = 4
"""English text in the common vocabularies; real counts differ by about a tenth."""

ANSWER_TOKENS = 1300
"""Tokens of an answer in the text interface: the mean of twenty real answers (5,300 characters) to the published
blackmail setting. Models that reason at length write several times as much."""

TURNS = 30
TURN_TOKENS = 250
RESULT_TOKENS = 400
"""A session with tools: turns, tokens that the model writes in each, tokens that the tools answer. Assumed."""

READS = 2
"""Calls for a response that is read: one on the reading, one on awareness."""

JUDGE_TOKENS = 400
"""Tokens of a judge's answer. Assumed."""

INTERVIEW_TOKENS = 300
"""Tokens of the questions of an interview, and of its answers. Assumed."""

GATE = (0.2, 1.0)
"""Share of samples whose outcome a judge is asked about: a fifth where agents are mostly harmless, at most all."""

SAMPLED = 4
"""Worlds of each cell that are rendered for the estimate."""


@dataclass(frozen=True)
class PlannedTask:
    """One scenario in one interface, for each model."""

    scenario: str
    interface: str
    cells: int
    worlds: int
    samples: int
    prompt_tokens: int
    """Mean of the first request."""
    tokens_in: int
    tokens_out: int


@dataclass(frozen=True)
class ModelCost:
    """What one model would take over all tasks."""

    model: str
    simulated: bool
    tokens_in: int
    tokens_out: int
    dollars: float | None
    """None where no price is known."""


@dataclass(frozen=True)
class JudgeCost:
    """What the judge would take, the question of `legacy` included: at least, and at most."""

    judge: str
    calls: tuple[int, int]
    tokens_in: tuple[int, int]
    tokens_out: tuple[int, int]
    dollars: tuple[float, float] | None


@dataclass(frozen=True)
class InterviewCost:
    """What asking the models about their finished samples would take, each once."""

    calls: int
    tokens_in: int
    tokens_out: int
    dollars: float | None
    """None where a model has no known price."""


@dataclass(frozen=True)
class Finds:
    """What the samples of a cell can show, as independent samples, two-sided at 5 %."""

    samples: int
    """Scored samples of the smallest cell."""
    h: float | None
    """Smallest Cohen's h between two cells that is found with 80 % power."""
    examples: tuple[tuple[float, float | None, float | None], ...]
    """(rate, next higher rate that is told apart, next lower one)."""
    half_width: int
    """Samples for an interval of 10 points to each side at a rate of one half."""
    needed: tuple[tuple[float, float, int], ...]
    """(first rate, second rate, samples in each cell that tell them apart)."""


@dataclass(frozen=True, repr=False)
class Plan:
    """The whole plan."""

    study: str
    title: str
    tasks: tuple[PlannedTask, ...]
    models: tuple[ModelCost, ...]
    judge: JudgeCost | None
    guards: tuple[GuardCost, ...]
    finds: Finds
    epochs: int
    prices_as_of: str
    prices_source: str
    interview: InterviewCost | None = None
    paired: tuple[PairedFinds, ...] = ()
    """What mitigations and guards can be shown to change, world by world."""

    @property
    def samples(self) -> int:
        """Samples of one model."""
        return sum(t.samples for t in self.tasks)

    @property
    def dollars(self) -> tuple[float, float] | None:
        """Least and most that everything costs; None where a price is not known."""
        models = [m.dollars for m in self.models]
        models += [self.interview.dollars] if self.interview is not None else []
        others = [*([self.judge.dollars] if self.judge is not None else []), *(g.dollars for g in self.guards)]
        if None in models or None in others:
            return None
        own = sum(d for d in models if d is not None)
        low, high = (sum(d[i] for d in others if d is not None) for i in (0, 1))
        return own + low, own + high

    def __repr__(self) -> str:
        low, high = self.dollars or (None, None)
        price = "no price known" if low is None else f"{low:.2f} to {high:.2f} US dollars"
        samples, models = counted(self.samples, "sample"), counted(len(self.models), "model")
        return f"<plan of {self.study}: {samples} of {models}, {price}>"


def plan_study(
    request: Request, difference: tuple[float, float] | None = None, spreads: Spreads = MappingProxyType({})
) -> Plan:
    """Work out what a study would take. Nothing is called and no model is looked up.

    Args:
        request: As for `run_study`; folder and limits do not matter.
        difference: Two rates, to say how many samples tell them apart.
        spreads: How far the job done lies apart from world to world, as logs tell it; see `paired_finds`.

    Raises:
        ScenarioError: The study or a scenario is wrong.
        UsageError: `legacy` without a single grader or a scenario that this reader knows, or guards ask the judge's
            own model.
    """
    plans, epochs = plans_of(request), request.repeats
    refuse_judge_as_guard(request, plans)
    tasks = tuple(_task(plan, epochs) for plan in plans)
    prices = load_prices(request.prices)
    names = request.model_names
    tokens_in, tokens_out = sum(t.tokens_in for t in tasks), sum(t.tokens_out for t in tasks)
    models = tuple(
        ModelCost(m, is_simulated(m), tokens_in, tokens_out, _dollars(prices, m, tokens_in, tokens_out)) for m in names
    )
    return Plan(
        study=request.name,
        title=request.study.title,
        tasks=tasks,
        models=models,
        judge=_judge(
            request,
            tasks,
            max(len(names), 1),
            prices,
            work=_judged_work(plans) * epochs,
            guarded=_guarded(plans) * epochs,
        ),
        guards=guard_costs(request, plans, [t.tokens_out // t.samples for t in tasks], max(len(names), 1), prices),
        finds=_finds(plans, epochs, difference),
        epochs=epochs,
        prices_as_of=prices.as_of.isoformat(),
        prices_source=prices.source,
        interview=_interview(tasks, names, prices) if request.scoring.interview else None,
        paired=paired_finds(plans, spreads),
    )


def cost_of_one(request: Request) -> float:
    """US dollars that a sample of a study costs at least, on the average; 0 where a price is not known."""
    plan = plan_study(request)
    low, _ = plan.dollars or (0.0, 0.0)
    return low / max(plan.samples * len(plan.models), 1)


def _task(plan: TaskPlan, epochs: int) -> PlannedTask:
    samples = len(plan.pairs) * epochs
    prompt = _prompt_tokens(plan)
    if not door(plan.interface).live:
        each_in, each_out = prompt, ANSWER_TOKENS
    else:
        grown = (TURN_TOKENS + RESULT_TOKENS) * TURNS * (TURNS - 1) // 2
        each_in, each_out = prompt * TURNS + grown, TURN_TOKENS * TURNS
    return PlannedTask(
        scenario=plan.name,
        interface=plan.interface,
        cells=len(plan.cells),
        worlds=len(plan.worlds),
        samples=samples,
        prompt_tokens=prompt,
        tokens_in=each_in * samples,
        tokens_out=each_out * samples,
    )


def _prompt_tokens(plan: TaskPlan) -> int:
    """Mean tokens of the first request over a few worlds of each cell, weighted by the cells' samples."""
    prompt, render = door(plan.interface).prompt, plan.scenario.render
    worlds: dict[Condition, list[WorldId]] = {}
    for cell, world in plan.pairs:
        worlds.setdefault(cell, []).append(world)
    total = 0.0
    for cell, its in worlds.items():
        sizes = [prompt(render(cell, world)).characters for world in its[:SAMPLED]]
        total += len(its) * sum(sizes) / len(sizes)
    return ceil(total / len(plan.pairs) / CHARACTERS_PER_TOKEN)


def _judged_work(plans: Sequence[TaskPlan]) -> int:
    """Samples in whose job there are pieces where meaning decides, so that a reader may be asked once more."""
    jobs = (plan.scenario.story_of(world).job for plan in plans for _, world in plan.pairs)
    return sum(job is not None and any(item.judged for item in job.items.values()) for job in jobs)


def _guarded(plans: Sequence[TaskPlan]) -> int:
    """Samples behind guards, of which a judge may be asked once more: whether the harm got through."""
    return sum(bool(plan.scenario.space.guards(cell)) for plan in plans for cell, _ in plan.pairs)


def _judge(
    request: Request, tasks: Sequence[PlannedTask], models: int, prices: PriceTable, *, work: int, guarded: int
) -> JudgeCost | None:
    names = request.graders
    if not names:
        return None
    samples = sum(t.samples for t in tasks) * models
    transcript = _transcripts(tasks) * models
    further = [t for t in tasks if has_legacy(t.scenario)] if request.scoring.legacy else []
    asked, shown = sum(t.samples for t in further) * models, _transcripts(further) * models
    policy = read_policy(request.scoring.read).share
    read, most = READS * policy, (work * policy + guarded) * models
    worked = [0, most / samples if samples else 0]
    calls = tuple(round(samples * (s + read + w)) * len(names) + asked for s, w in zip(GATE, worked, strict=True))
    tokens = tuple(round(transcript * (s + read + w)) * len(names) + shown for s, w in zip(GATE, worked, strict=True))
    written = tuple(c * JUDGE_TOKENS for c in calls)
    dollars = [
        [_dollars(prices, name, t // len(names), w // len(names)) for name in names]
        for t, w in zip(tokens, written, strict=True)
    ]
    sums = [sum(d or 0.0 for d in row) for row in dollars]
    return JudgeCost(
        judge=request.judge,
        calls=(calls[0], calls[1]),
        tokens_in=(tokens[0], tokens[1]),
        tokens_out=(written[0], written[1]),
        dollars=None if any(None in row for row in dollars) else (sums[0], sums[1]),
    )


def _interview(tasks: Sequence[PlannedTask], names: Sequence[str], prices: PriceTable) -> InterviewCost:
    """Each sample's whole conversation is read once more; of a session that is its last request."""
    samples, read = sum(t.samples for t in tasks), 0
    for task in tasks:
        results = RESULT_TOKENS * TURNS if door(task.interface).live else 0
        read += task.samples * (task.prompt_tokens + task.tokens_out // task.samples + results + INTERVIEW_TOKENS)
    written = samples * INTERVIEW_TOKENS
    dollars = [_dollars(prices, n, read, written) for n in names]
    several = max(len(names), 1)
    known = None if None in dollars else sum(d for d in dollars if d is not None)
    return InterviewCost(samples * several, read * several, written * several, known)


def _transcripts(tasks: Sequence[PlannedTask]) -> int:
    """Tokens of what a judge reads of all samples: the first request and what the model wrote."""
    return sum(t.samples * (t.prompt_tokens + t.tokens_out // t.samples) for t in tasks)


def _dollars(prices: PriceTable, model: str, tokens_in: int, tokens_out: int) -> float | None:
    price = prices.price(model)
    return None if price is None else (tokens_in * price.input + tokens_out * price.output) / 1e6


def _finds(plans: Sequence[TaskPlan], epochs: int, difference: tuple[float, float] | None) -> Finds:
    counts = [sum(c == cell for c, _ in plan.pairs) for plan in plans for cell in plan.cells]
    smallest = min(counts) * epochs
    wanted = [(0.1, 0.2), (0.5, 0.6)] if difference is None else [difference]
    return Finds(
        samples=smallest,
        h=detectable_h(smallest) if smallest > 1 else None,
        examples=tuple(
            (rate, detectable_rate(rate, smallest, "up"), detectable_rate(rate, smallest, "down"))
            for rate in ((0.05, 0.2, 0.5, 0.8) if smallest > 1 else ())
        ),
        half_width=n_for_width(0.5, 0.1),
        needed=tuple((a, b, n_per_arm(effect_size_h(a, b))) for a, b in wanted),
    )
