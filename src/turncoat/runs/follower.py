"""Following runs through Inspect's hooks: every finished sample and every call is noted by the run that it is of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from inspect_ai.hooks import EvalSetStart, Hooks, ModelUsageData, SampleEnd, SampleStart, TaskStart, hooks

from turncoat.runs.ledger import Ledger
from turncoat.runs.progress import Ending, Progress, ending_of

Listener = Callable[[Progress], None]
"""Called after every finished sample; must be quick."""


class Noting(Protocol):
    """Something that wants to hear of the finished samples of one task."""

    def note(self, sample_id: str | int, ending: Ending) -> None:
        """A sample has finished, well or not."""
        ...


@dataclass
class Followed:
    """One run, as the hooks know it.

    Attributes:
        progress: Its counts.
        listener: Who wants to hear of them.
        ledger: Where it is noted what has begun.
        tasks: Inspect's id of an evaluation → its task and model.
        stoppers: Inspect's id of an evaluation → what decides on stopping it.
    """

    progress: Progress
    listener: Listener | None = None
    ledger: Ledger | None = None
    tasks: dict[str, tuple[str, str]] = field(default_factory=dict)
    stoppers: dict[str, Noting] = field(default_factory=dict)


@hooks(name="turncoat", description="Counts outcomes and costs of a running study.")
class Follower(Hooks):
    """The one instance that Inspect keeps; it hands each event to the run that it is of, and has no others' counts."""

    def __init__(self) -> None:
        self._runs: dict[str, Followed] = {}
        """Folder of logs, or Inspect's id of the eval set → run."""

    @contextmanager
    def following(self, folder: Path, run: Followed) -> Iterator[None]:
        """Follow the run whose logs go into a folder, inside the block."""
        self._runs[str(folder.resolve())] = run
        try:
            yield
        finally:
            self._runs = {key: other for key, other in self._runs.items() if other is not run}

    def _run(self, eval_set: str | None) -> Followed | None:
        return self._runs.get(eval_set) if eval_set else None

    def enabled(self) -> bool:
        """Whether a run is being followed."""
        return bool(self._runs)

    async def on_eval_set_start(self, data: EvalSetStart) -> None:
        """Note which run an eval set is of, by its folder."""
        run = self._runs.get(str(Path(data.log_dir.removeprefix("file://")).resolve()))
        if run is not None:
            self._runs[data.eval_set_id] = run

    async def on_task_start(self, data: TaskStart) -> None:
        """Note which task and model an evaluation is of."""
        if (run := self._run(data.eval_set_id)) is not None:
            run.tasks[data.eval_id] = data.spec.task, data.spec.model

    async def on_sample_start(self, data: SampleStart) -> None:
        """A sample begins."""
        if (run := self._run(data.eval_set_id)) is not None:
            run.progress.running += 1
            if run.ledger is not None:
                run.ledger.begin((*run.tasks[data.eval_id], str(data.summary.id), data.summary.epoch))

    async def on_sample_end(self, data: SampleEnd) -> None:
        """A sample has ended, well or not."""
        if (run := self._run(data.eval_set_id)) is None:
            return
        progress, sample = run.progress, data.sample
        progress.running = max(progress.running - 1, 0)
        progress.finished += 1
        ending = ending_of(sample.scores or {}, bool(sample.error))
        if data.eval_id in run.stoppers:
            run.stoppers[data.eval_id].note(sample.id, ending)
        progress.count(run.tasks[data.eval_id][1], sample.metadata, ending)
        if run.listener is not None:
            run.listener(progress)

    async def on_model_usage(self, data: ModelUsageData) -> None:
        """A call has been answered."""
        if (run := self._run(data.eval_set_id)) is not None:
            run.progress.spend(data.model_name, data.usage)
