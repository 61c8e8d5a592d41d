"""The runner: tasks × models as one Inspect eval set that the same command continues."""

from __future__ import annotations

import gc
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from inspect_ai import Task, eval_set
from inspect_ai._util.error import PrerequisiteError
from inspect_ai.log import EvalLog

from turncoat.errors import OutputError, UsageError
from turncoat.scoring.models import resolve_model

Display = Literal["full", "rich", "plain", "none"]

LOGGING: dict[str, Any] = {
    "log_realtime": False,
    "log_model_api": False,
    "log_buffer": 10,
    "score_display": False,
}
"""How runs are logged and shown. Realtime viewing, raw provider calls and running means cost much of the speed."""


@dataclass(frozen=True)
class RunResult:
    """What came of a run.

    Attributes:
        logs: One log for each task and model.
        complete: Whether every sample was finished.
    """

    logs: list[EvalLog]
    complete: bool

    @property
    def paths(self) -> list[Path]:
        """Where the logs are."""
        return [Path(str(log.location).removeprefix("file://")) for log in self.logs]


def run_tasks(
    tasks: Sequence[Task],
    models: Sequence[str],
    log_dir: Path,
    *,
    judge: str = "rules",
    epochs: int = 1,
    max_connections: int | None = None,
    display: Display = "rich",
    settings: dict[str, Any] | None = None,
) -> RunResult:
    """Run tasks on models; finished samples of an earlier run in the same folder are kept.

    Args:
        tasks: Made by `turncoat.tasks.scenario_task`.
        models: Inspect model names, such as `openai/gpt-4.1` or `sim/insider`.
        log_dir: Folder of the logs.
        judge: `rules`, or the Inspect name of the grader model.
        epochs: How often each sample is run.
        max_connections: Concurrent requests to each model's provider.
        display: How Inspect shows progress.
        settings: Further arguments of Inspect's `eval_set`, logging included.

    Raises:
        UnknownName: A model that no provider knows, or a provider's key or package is missing.
        OutputError: The folder cannot be written.
        UsageError: Inspect refused the combination.
    """
    writable(log_dir)
    targets = [resolve_model(m) for m in models]
    roles = {} if judge == "rules" else {"grader": resolve_model(judge)}
    spare_collector()
    try:
        complete, logs = eval_set(
            list(tasks),
            log_dir=str(log_dir),
            model=targets,
            model_roles=roles or None,
            epochs=epochs,
            max_connections=max_connections,
            display=display,
            fail_on_error=False,
            log_dir_allow_dirty=True,
            retry_attempts=2,
            **{**LOGGING, **(settings or {})},
        )
    except PrerequisiteError as error:
        raise UsageError(" ".join(str(error.message).split())) from None
    return RunResult(list(logs), bool(complete))


def spare_collector() -> None:
    """Take what is loaded already out of the garbage collector's rounds.

    Inspect and its libraries hold half a million objects that live as long as the process; walking them again and again
    is a seventh of the time of a run.
    """
    gc.collect()
    gc.freeze()


def writable(folder: Path) -> None:
    """Make a folder and see that files can be written there.

    Raises:
        OutputError: They cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".turncoat-{os.getpid()}"
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written ({error.strerror}); choose another folder") from None
