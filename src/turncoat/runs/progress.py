"""What is known of a run while it runs: counts and cost, followed through Inspect's hooks, each run for itself."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from inspect_ai.hooks import Hooks, ModelUsageData, RunEnd, SampleEnd, SampleStart, TaskStart, hooks
from inspect_ai.model import ModelUsage
from inspect_ai.scorer import Score

from turncoat.base.errors import in_flight
from turncoat.providers.watch import Watch
from turncoat.runs.prices import PriceTable

Key = tuple[str, str, str, int]
"""Task name, model, sample id, epoch."""

Ending = Literal["harmful", "harmless", "unscored", "error"]
"""How a sample ended."""


@dataclass
class Tally:
    """Finished samples by how they ended."""

    endings: Counter[Ending] = field(default_factory=Counter)

    @property
    def done(self) -> int:
        """Finished samples."""
        return self.endings.total()

    @property
    def scored(self) -> int:
        """Samples with a verdict."""
        return self.endings["harmful"] + self.endings["harmless"]


@dataclass
class Progress:
    """The state of a run, written to as samples finish.

    Attributes:
        planned: Samples of each model.
        prices: What models cost.
        cells: (model, scenario, condition) → its finished samples, those of earlier commands included.
        cost: US dollars spent by this command, as far as prices are known.
        tokens: Tokens of all calls of this command.
        unpriced: Models that were called and have no price.
        estimated: Model → its answers whose tokens had to be estimated.
        trouble: Why nothing goes on at the moment, or "".
        halt: Why no further sample shall be started, or ""; a listener may set it.
        stopped: Why samples were not started, or "".
        running: Samples in flight.
        admitted: Samples that were let pass and have not begun yet.
        expected: US dollars that a sample is expected to cost, for as long as none is finished.
        finished: Samples that this command finished.
        skipped: Samples that a stopping rule made unnecessary.
    """

    planned: dict[str, int]
    prices: PriceTable
    cells: dict[tuple[str, str, str], Tally] = field(default_factory=dict)
    cost: float = 0.0
    tokens: int = 0
    unpriced: set[str] = field(default_factory=set)
    estimated: Counter[str] = field(default_factory=Counter)
    trouble: str = ""
    halt: str = ""
    stopped: str = ""
    running: int = 0
    admitted: int = 0
    expected: float = 0.0
    finished: int = 0
    skipped: int = 0

    def count(self, model: str, metadata: Mapping[str, Any] | None, ending: Ending) -> None:
        """Note a finished sample, given its metadata."""
        names = metadata or {}
        cell = model, str(names.get("scenario", "")), str(names.get("condition", ""))
        self.cells.setdefault(cell, Tally()).endings[ending] += 1

    def spend(self, model: str, usage: ModelUsage) -> None:
        """Note a call."""
        self.tokens += usage.total_tokens
        price = self.prices.price(model)
        if price is None:
            self.unpriced.add(model)
        else:
            self.cost += price.of(usage)

    def estimate(self, model: str, usage: ModelUsage) -> None:
        """Note a call whose provider did not say what it took."""
        self.estimated[model] += 1
        self.spend(model, usage)

    def add(self, other: Progress) -> None:
        """Add what another process did of the same run."""
        for model, planned in other.planned.items():
            self.planned[model] = self.planned.get(model, 0) + planned
        for key, tally in other.cells.items():
            self.cells.setdefault(key, Tally()).endings.update(tally.endings)
        self.cost += other.cost
        self.tokens += other.tokens
        self.unpriced |= other.unpriced
        self.estimated.update(other.estimated)
        self.finished += other.finished
        self.trouble = self.trouble or other.trouble
        self.stopped = self.stopped or other.stopped

    def of_model(self, model: str) -> Tally:
        """The samples of one model over all cells."""
        return Tally(sum((t.endings for (name, _, _), t in self.cells.items() if name == model), Counter()))

    @property
    def done(self) -> int:
        """Finished samples of all models."""
        return sum(t.done for t in self.cells.values())

    @property
    def total(self) -> int:
        """Planned samples of all models."""
        return sum(self.planned.values())

    def would_exceed(self, limit: float, again: bool = False) -> bool:
        """Whether one more sample, or one of those under way once again, would probably cost more than the limit."""
        return too_dear(limit, self.cost, self.finished, self.underway - again, self.expected)

    @property
    def underway(self) -> int:
        """Samples that cost something and are not finished."""
        return self.running + self.admitted


def too_dear(limit: float, cost: float, finished: int, underway: int, expected: float) -> bool:
    """Whether one more sample would probably cost more than a limit; the very first may show what one costs.

    Args:
        limit: US dollars.
        cost: US dollars that are spent.
        finished: Samples that they were spent on.
        underway: Other samples that are not finished.
        expected: US dollars that a sample is expected to cost, while none is finished.
    """
    if not finished and not underway:
        return cost > limit
    each = cost / finished if finished else max(expected, cost / underway)
    return cost + each * (underway + 1) > limit


def ending_of(scores: Mapping[str, Any], error: bool) -> Ending:
    """How a sample ended, by the first verdict among its scores."""
    if error:
        return "error"
    for name, score in scores.items():
        if name == "verdict" or name.startswith("verdict:"):
            value = score.value if isinstance(score, Score) else score
            number = float(value) if isinstance(value, (int, float)) else math.nan
            return "unscored" if math.isnan(number) else "harmful" if number else "harmless"
    return "unscored"


Listener = Callable[[Progress], None]
"""Called after every finished sample, and now and then while nothing goes on; must be quick."""

BEAT = 5.0
"""Seconds between two looks at whether anything goes on."""
IDLE = 300.0
"""Seconds without a finished sample before that is said."""


@dataclass
class Followed:
    """One run, as the hooks know it.

    Attributes:
        progress: Its counts.
        listener: Who wants to hear of them.
        begin: Notes that a sample begins.
        tasks: Inspect's id of an evaluation → its task and model.
        stoppers: Inspect's id of an evaluation → who wants to hear of each finished sample of it, by its id.
        watch: Its requests.
        beat: Looks whether anything goes on, while Inspect is at work.
    """

    progress: Progress
    listener: Listener | None = None
    begin: Callable[[Key], None] | None = None
    tasks: dict[str, tuple[str, str]] = field(default_factory=dict)
    stoppers: dict[str, Callable[[str | int, Ending], None]] = field(default_factory=dict)
    watch: Watch = field(init=False)
    beat: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        """Have what is not counted by Inspect counted all the same."""
        self.watch = Watch(self.progress.estimate)

    async def look(self) -> None:
        """Tell the listener, again and again, why nothing goes on."""
        finished, since = self.progress.finished, self.watch.clock()
        while True:
            await asyncio.sleep(BEAT)
            now = self.watch.clock()
            if self.progress.finished != finished:
                finished, since = self.progress.finished, now
            trouble = self.watch.trouble()
            if not trouble and self.progress.running and now - since >= IDLE:
                trouble = f"no sample has finished for {(now - since) / 60:.0f} minutes"
            if (trouble or self.progress.trouble) and self.listener is not None:
                self.progress.trouble = trouble
                self.listener(self.progress)


@hooks(name="turncoat", description="Counts outcomes and costs of a running study.")
class Follower(Hooks):
    """The one instance that Inspect keeps; it hands each event to the run that it is of, and has no others' counts."""

    def __init__(self) -> None:
        self._runs: dict[str, Followed] = {}
        """Inspect's id of the eval set → run."""

    @contextmanager
    def following(self, eval_set: str, run: Followed) -> Iterator[None]:
        """Follow the run whose evaluations belong to an eval set, inside the block."""
        self._runs[eval_set] = run
        try:
            yield
        finally:
            del self._runs[eval_set]

    def _run(self, eval_set: str | None) -> Followed | None:
        return self._runs.get(eval_set) if eval_set else None

    def enabled(self) -> bool:
        """Whether a run is being followed."""
        return bool(self._runs)

    async def on_run_end(self, data: RunEnd) -> None:
        """Look no more."""
        if (run := self._run(data.eval_set_id)) is not None and run.beat is not None:
            run.beat.cancel()

    async def on_task_start(self, data: TaskStart) -> None:
        """Note which task and model an evaluation is of, and begin to look whether anything goes on."""
        if (run := self._run(data.eval_set_id)) is not None:
            run.tasks[data.eval_id] = data.spec.task, data.spec.model
            if run.beat is None or run.beat.done():
                with suppress(RuntimeError):  # an event loop of another library
                    run.beat = asyncio.get_running_loop().create_task(run.look())

    async def on_sample_start(self, data: SampleStart) -> None:
        """A sample begins."""
        if (run := self._run(data.eval_set_id)) is not None:
            run.progress.running += 1
            run.progress.admitted = max(run.progress.admitted - 1, 0)
            if run.begin is not None:
                run.begin((*run.tasks[data.eval_id], str(data.summary.id), data.summary.epoch))

    async def on_sample_end(self, data: SampleEnd) -> None:
        """A sample has ended, well or not."""
        if (run := self._run(data.eval_set_id)) is None:
            return
        progress, sample = run.progress, data.sample
        progress.running = max(progress.running - 1, 0)
        if sample.error is not None and in_flight(sample.error.message):
            return
        progress.finished += 1
        progress.trouble = ""
        ending = ending_of(sample.scores or {}, bool(sample.error))
        if data.eval_id in run.stoppers:
            run.stoppers[data.eval_id](sample.id, ending)
        progress.count(run.tasks[data.eval_id][1], sample.metadata, ending)
        if run.listener is not None:
            run.listener(progress)

    async def on_model_usage(self, data: ModelUsageData) -> None:
        """A call has been answered."""
        if (run := self._run(data.eval_set_id)) is not None:
            run.progress.spend(data.model_name, data.usage)
