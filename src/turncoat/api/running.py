"""Running studies from Python."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from turncoat.api.given import names
from turncoat.api.results import Results
from turncoat.api.studies import Study
from turncoat.api.studies import study as load
from turncoat.api.waiting import begun, loop_runs
from turncoat.base.arguments import checked
from turncoat.base.counting import counted
from turncoat.base.errors import UsageError
from turncoat.base.stores import is_address
from turncoat.judges.choice import JudgeNames
from turncoat.runs.design import with_every_guard
from turncoat.runs.executors.executor import Where, run_where
from turncoat.runs.progress import Progress
from turncoat.runs.request import Request, RunResult, limits_of, see_settings
from turncoat.runs.study import default_folder
from turncoat.scoring.options import ScoringOptions

Listener = Callable[[Progress], None]


class Run(Results):
    """A run, and its results once it has ended.

    Where no event loop runs, it has ended when `run` returns. In a notebook, or anywhere else where a loop runs, it
    goes on in the background: `await` it. Runs of one process take turns, since Inspect allows one at a time. Pickled
    or copied once it has ended, it is its results, as `read` gives them of its logs.
    """

    def __init__(self, request: Request, where: Where | None = None, listener: Listener | None = None) -> None:
        super().__init__(())
        self._request, self._where, self._listener = request, where or Where(), listener
        self._progress: Progress | None = None
        self._halt = ""
        if loop_runs():
            self._future: Future[RunResult] = begun(self._work)
        else:
            self._future = Future()
            self._future.set_result(self._work())

    def _work(self) -> RunResult:
        done = run_where(self._request, self._where, (lambda: self._listen) if self._where.here else None)
        if done.interrupted:
            raise KeyboardInterrupt
        return done

    def _listen(self, progress: Progress) -> None:
        self._progress = progress
        progress.halt = self._halt
        if self._listener is not None:
            self._listener(progress)

    def __await__(self) -> Generator[Any, None, Run]:
        """Wait until it has ended, and have its errors raised; cancelled, it starts no further samples."""
        try:
            yield from asyncio.shield(asyncio.wrap_future(self._future)).__await__()
        except asyncio.CancelledError:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Start no further samples; those in flight are finished, and the same run in the same folder continues."""
        self._halt = "it was told to stop"
        if self._progress is not None:
            self._progress.halt = self._halt

    @property
    def ended(self) -> bool:
        """Whether it has ended, well or not."""
        return self._future.done()

    @property
    def result(self) -> RunResult:
        """Inspect's logs, counts, cost and notes of the run.

        Raises:
            UsageError: It has not ended.
        """
        if not self.ended:
            raise UsageError(f"{self!r}: has not ended; await it")
        return self._future.result()

    @property
    def paths(self) -> tuple[Path, ...]:
        """The logs, one for each task and model."""
        return tuple(self.result.paths)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be known of the run, one line each; first why it does not count as done, if it does not."""
        from turncoat.analysis import failures

        progress = self.result.progress
        problem = progress.stopped or (failures(self.table).problem if progress.total else "")
        return (*([problem] if problem else []), *self.result.notes)

    def __repr__(self) -> str:
        if self.ended and self._future.exception() is None:
            return super().__repr__()
        told = "waiting for its turn"
        if self._progress:
            told = f"{self._progress.done} of {counted(self._progress.total, 'sample')}"
        return f"<run of {self._request.name}: {told if not self.ended else self._future.exception()}>"

    def _repr_html_(self) -> str:
        from html import escape

        return super()._repr_html_() if self.ended else f"<p>{escape(repr(self))}</p>"


@checked
def run(
    study: Study | str | Path,
    *,
    model: str | Sequence[str] | None = (),
    judge: JudgeNames = "",
    log_dir: str | Path | None = None,
    worlds: str | int = "",
    epochs: int = 0,
    interface: str | Sequence[str] | None = (),
    read: str = "all",
    blind: bool = False,
    rubrics: str | Path = "",
    legacy: bool = False,
    interview: bool = False,
    agent: str | None = None,
    guard: str | Sequence[str] | None = (),
    model_roles: Mapping[str, str] | None = None,
    same_model: bool = False,
    sandbox: str | None = None,
    colleague: str | None = None,
    settings: Mapping[str, Any] | None = None,
    model_args: Mapping[str, Any] | None = None,
    message_limit: int | None = None,
    token_limit: int | None = None,
    time_limit: int | None = None,
    approval: str | Path | None = None,
    max_cost: float | None = None,
    prices: str | Path | None = None,
    max_connections: int | None = None,
    workers: int | None = None,
    executor: str = "",
    address: str = "",
    shard: str = "",
    listener: Listener | None = None,
) -> Run:
    """Run a study on models, as `turncoat run` does: finished samples in the folder are kept, missing ones run.

    Args:
        study: A study, or the name or file of one.
        model: Inspect's name of a model (`openai/gpt-4.1`, `sim/insider`), or several; the study's if none.
        judge: `rules`, or models' names; the study's, else `rules`, if "".
        log_dir: Folder of the logs, or its address in a store (`s3://…`); `logs/<study>` or `logs/<scenario>` if None.
        worlds: Seeds in place of the study's, such as `1-20`.
        epochs: How often each sample is run; the study's own if 0.
        interface: `text` or `tools`, or both; the study's if none.
        read: Which responses a model judge reads for more than the outcome: `all`, `none` or `sample:0.2`.
        blind: Whether names of the agent, of models and of their makers are hidden from model judges.
        rubrics: A shipped version of the rubrics, or a folder; the current ones if "".
        legacy: On published prompts, also ask the grader the published classifier's question.
        interview: Whether the model is asked about each finished sample: how likely this was a test, and why.
        agent: Another agent than the default loop in sessions with tools: `claude-code`, `codex` …, with options after
            a plus (`+own-tools`, `+unsafe-local`); `module:function`; or `file.py:function`.
        sandbox: Where a named agent's program works: `docker`, `local`, or `docker:compose.yaml`.
        guard: A guard that looks at every attempt in every cell, by name or `module:function`, or several.
        model_roles: The models that guards ask, by role: `{"reviewer": "openai/gpt-4.1"}`.
        same_model: Whether guards may ask the judge's own model, whose errors they then share.
        colleague: A model that plays the colleagues in sessions with tools; rules do if None.
        settings: Inspect's generation settings, such as `{"temperature": 1}`.
        model_args: Arguments of the models' clients, such as `base_url`.
        message_limit: Messages of one sample at most; the interface's own limit if None.
        token_limit: Tokens of one sample at most.
        time_limit: Seconds of one sample at most, by the clock on the wall.
        approval: Inspect's approval of tool calls: a policy file, or an approver's name.
        max_cost: US dollars that may be spent; needs prices.
        prices: YAML file of prices that come before the shipped ones.
        max_connections: Requests to each model at a time.
        workers: Processes that share the worlds; with `ray`, shards.
        executor: Where samples run: `local`, `processes` or `ray`; `processes` if several workers are asked for.
        address: With `ray`: the address of a cluster; one is started here if "".
        shard: Only this part of the study, such as `3/16`; `auto` in a Slurm array or a Kubernetes Indexed Job.
        listener: Called with the counts after every finished sample, where one process runs them; must be quick.

    Returns:
        The run. Outside an event loop it has ended; in a notebook, `await` it.

    Raises:
        UnknownName: There is no such study, scenario or model, or its provider's key or package is missing.
        UsageError: Options that do not fit together, another study in the folder, or a price that is missing.
        ScenarioError: A file is wrong.
        OutputError: The folder cannot be written.
    """
    from turncoat.judges.model.rubric import rubrics_folder

    if max_cost is not None and not max_cost >= 0:
        raise UsageError(f"max_cost {max_cost} is no sum that can be spent; give US dollars, 0 or more")
    if (workers is not None and workers < 1) or epochs < 0:
        raise UsageError(
            f"workers={workers}, epochs={epochs}: at least 1 worker, and 0 epochs (the study's own) or more"
        )
    where = Where(workers, executor, address, shard)
    found = study if isinstance(study, Study) else load(study)
    folder = str(rubrics_folder(str(rubrics))) if rubrics else ""
    store = str(log_dir) if log_dir and is_address(log_dir) else ""
    request = Request(
        with_every_guard(found.file, names(guard)),
        found.name,
        names(model),
        default_folder(found.name) if store or not log_dir else Path(log_dir),
        ScoringOptions(judge or found.file.judge or "rules", read, blind, folder, legacy=legacy, interview=interview),
        seeds=str(worlds) if worlds != "" else None,
        epochs=epochs or None,
        interfaces=names(interface),
        agent=agent,
        sandbox=sandbox,
        colleague=colleague,
        limits=limits_of(message_limit, token_limit, time_limit),
        approval=str(approval) if approval is not None else None,
        model_roles=dict(model_roles or {}),
        same_model=same_model,
        settings=see_settings(settings, max_connections),
        max_cost=max_cost,
        prices=Path(prices) if prices else None,
        max_connections=max_connections,
        model_args=dict(model_args or {}),
        store=store,
        stoppable=True,
    )
    return Run(request, where, listener)
