"""What Turncoat takes from Inspect beside its public interface: here and nowhere else, each with its reason.

While a run of ours goes on, `unseen` keeps Inspect's own lines off the terminal, `unthreaded` its compression in the
thread that asks for it, `unserved` its server for editors unloaded, `unextended` packages that bring a run nothing, and
`unprepared` clients that nobody uses. None leaves anything of that behind.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from importlib.metadata import entry_points, version
from threading import Lock
from types import ModuleType
from typing import Any, TypeVar

import rich
from inspect_ai import Task
from inspect_ai.approval import ApprovalPolicy
from inspect_ai.event import ModelEvent
from inspect_ai.hooks import Hooks
from inspect_ai.log import EvalLog, EvalLogInfo
from inspect_ai.model import GenerateConfig, Model

from turncoat.base.errors import UsageError

try:
    # What an eval set leaves behind in the process, which a run that chooses its logs itself has to clear.
    from inspect_ai._control.eval_state import reset_run_registries

    # Which display is at work; there is no way to give Inspect one of ours.
    from inspect_ai._display.core import active as _active

    # The display without a terminal, of which ours is a silent kind; and what its tasks are shown by.
    from inspect_ai._display.core.display import TaskScreen, TaskWithResult
    from inspect_ai._display.log.display import LogDisplay, LogTaskDisplay

    # Tasks as Inspect runs them, and a task that goes on from a log that was chosen. Inspect's own eval set takes the
    # file that was changed last, in any subfolder, and deletes the others.
    from inspect_ai._eval.eval import eval_resolve_tasks
    from inspect_ai._eval.task.task import PreviousTask

    # How many threads Inspect starts to compress one entry of a log; its interface has no word for it.
    from inspect_ai._util import zipfile as _zipfile

    # What loads packages that extend Inspect: those of a name, or all.
    from inspect_ai._util.entrypoints import ensure_entry_points

    # What Inspect raises for what a user can put right: it becomes a line of ours.
    from inspect_ai._util.error import PrerequisiteError

    # A panel's scores stand in a log under names of which none is registered; and what an approver is called.
    from inspect_ai._util.registry import RegistryInfo, registry_find, registry_info, registry_lookup, registry_tag

    # Whether the samples to come have a session for editors above them, so that none is opened for each of them.
    from inspect_ai.agent._acp.transport import _acp_live_active as _has_editors

    # One approver of a policy, by Inspect's own rules of which policy holds for a call.
    from inspect_ai.approval._policy import policy_approver

    # What loads all of them before the first request, for hooks that one may have.
    from inspect_ai.hooks import _startup

    # The one instance that Inspect keeps of a class of hooks.
    from inspect_ai.hooks._hooks import get_all_hooks

    # The record of the call at hand, which is written with the settings of the call.
    from inspect_ai.log._samples import _active_model_event

    # Whether a sample's beginning prepares for the clients of two providers, which it then imports.
    from inspect_ai.model import _assistant_internal

    # The settings in force, of which a judge changes some and keeps the others.
    from inspect_ai.model._generate_config import active_generate_config

    # The model at work, so that its answers are kept sound before Inspect logs them; what Inspect makes of a request
    # that a provider refused, and how a provider says that a fault may pass.
    from inspect_ai.model._model import ModelGenerateError, RetryDecision, active_model, model_roles

    # The key under which a scorer's metrics are registered.
    from inspect_ai.scorer._scorer import SCORER_METRICS

    # The sample that a simulated model answers, and that a scorer outside a run works on.
    from inspect_ai.solver._task_state import sample_state, set_sample_state

    # What display the process asked for last; it is put back after a run.
    from inspect_ai.util import SandboxEnvironment, _display

    # The sandbox that is none, of which a real model's agent is kept away.
    from inspect_ai.util._sandbox.local import LocalSandboxEnvironment

    # Finds a kind of sandbox by its name, those of other packages too, or says what is missing.
    from inspect_ai.util._sandbox.registry import registry_find_sandboxenv

    # What Inspect raises when it has repeated a request often enough, and where it stands when it asks for a pause.
    from tenacity import RetryCallState, RetryError
except ImportError as error:
    raise UsageError(
        f"inspect_ai {version('inspect_ai')} is another one than Turncoat knows ({error}); "
        "install the version that Turncoat asks for: pip install --upgrade turncoat"
    ) from error

__all__ = [
    "SCORER_METRICS",
    "WITHOUT_HOOKS",
    "ModelGenerateError",
    "PrerequisiteError",
    "RegistryInfo",
    "RetryCallState",
    "RetryDecision",
    "RetryError",
    "active_event",
    "active_generate_config",
    "active_model",
    "approver_named",
    "approver_names",
    "continued",
    "ensure_entry_points",
    "is_local",
    "model_roles",
    "policy_approver",
    "policy_name",
    "registered",
    "registry_find_sandboxenv",
    "registry_tag",
    "reset_run_registries",
    "sample_state",
    "set_sample_state",
    "unextended",
    "unprepared",
    "unseen",
    "unserved",
    "unthreaded",
]

H = TypeVar("H", bound=Hooks)


def active_event() -> ModelEvent | None:
    """Inspect's record of the call to a model that is at hand, if there is one."""
    return _active_model_event.get()


def policy_name(policy: ApprovalPolicy) -> str:
    """What the approver of an approval policy is called, without its package."""
    return registry_info(policy.approver).name.rpartition("/")[2]


def approver_named(name: str) -> Callable[..., Any] | None:
    """What makes the approver of this name, if there is one."""
    make = registry_lookup("approver", name)
    return make if callable(make) else None


def approver_names() -> list[str]:
    """The names of all approvers, Inspect's own without its package."""
    found = registry_find(lambda info: info.type == "approver")
    return sorted(registry_info(a).name.removeprefix("inspect_ai/") for a in found)


def is_local(place: SandboxEnvironment) -> bool:
    """Whether a sandbox is Inspect's `local`, which isolates neither files nor network."""
    try:
        place.as_type(LocalSandboxEnvironment)
    except TypeError:
        return False
    return True


def registered(kind: type[H]) -> H:
    """The one instance that Inspect keeps of a class of hooks."""
    return next(h for h in get_all_hooks() if isinstance(h, kind))


def continued(
    tasks: Sequence[Task], roles: Mapping[str, Model], earlier: Sequence[tuple[EvalLog, str] | None]
) -> list[Any]:
    """Tasks as `inspect_ai.eval` takes them, of which some go on from a log.

    Args:
        tasks: The tasks, each bound to its model.
        roles: Model roles.
        earlier: For each task the header of the log from which it goes on and the path of that log, or None.
    """
    model = tasks[0].model
    found, _, _ = eval_resolve_tasks(
        list(tasks), {}, [model] if model else [], dict(roles) or None, GenerateConfig(), None, None, None
    )
    made: list[Any] = []
    for task, log in zip(found, earlier, strict=True):
        if log is None:
            made.append(task)
            continue
        header, place = log
        spec = header.eval
        info = EvalLogInfo(
            name=place, type="file", size=0, mtime=None, task=spec.task, task_id=spec.task_id, suffix=None
        )
        made.append(
            PreviousTask(
                id=spec.task_id,
                task=task.task,
                task_args=task.task_args,
                model=task.model,
                model_roles=task.model_roles,
                sandbox=task.sandbox,
                log=header,
                log_info=info,
            )
        )
    return made


class _Silent(LogDisplay):
    """A display that shows nothing and touches no console."""

    def print(self, message: str) -> None:
        """Nothing."""

    @asynccontextmanager
    async def task_screen(self, tasks: list[Any], parallel: bool) -> AsyncIterator[TaskScreen]:
        """A screen that nobody sees."""
        yield TaskScreen()

    @contextmanager
    def task(self, profile: Any) -> Iterator[LogTaskDisplay]:
        """A task that nobody sees."""
        yield _SilentTask(TaskWithResult(profile, None))

    def display_counter(self, caption: str, value: str) -> None:
        """Nothing."""


class _SilentTask(LogTaskDisplay):
    def _log_status(self, stacklevel: int) -> None:
        """Nothing."""

    _log_status_throttled = _log_status

    def complete(self, result: Any) -> None:
        """Nothing: the log holds the result."""


class _Held:
    """Values of the process that are other ones inside blocks, which may overlap in several threads.

    Args:
        kept: Object and attribute that are put back after the last block.
        inside: What they are inside, made anew by the first block; those that are missing stay.
    """

    def __init__(self, *kept: tuple[Any, str], inside: Callable[[], Sequence[Any]]) -> None:
        self._lock, self._blocks = Lock(), 0
        self._kept, self._inside = kept, inside
        self._before: list[Any] = []

    @contextmanager
    def held(self) -> Iterator[None]:
        with self._lock:
            if not self._blocks:
                self._before = [getattr(owner, name) for owner, name in self._kept]
                for (owner, name), value in zip(self._kept, self._inside(), strict=False):
                    setattr(owner, name, value)
            self._blocks += 1
        try:
            yield
        finally:
            with self._lock:
                self._blocks -= 1
                if not self._blocks:
                    for (owner, name), value in zip(self._kept, self._before, strict=True):
                        setattr(owner, name, value)


_DISPLAY = _Held((_active, "_active_display"), (_display, "_display_type"), inside=lambda: [_Silent()])
_COMPRESSION = _Held((_zipfile, "_ZSTD_THREADS"), inside=lambda: [0])


@contextmanager
def unthreaded() -> Iterator[None]:
    """Compress what is logged inside the block in the thread that logs it.

    Inspect starts twelve threads for each sample that it writes, and waits for them: with one run for each core that
    took a tenth of the time.
    """
    with _COMPRESSION.held():
        yield


WITHOUT_HOOKS = ("inspect_evals", "inspect_sentinel", "inspect_swe")
"""Packages that extend Inspect by what is named where it is wanted, and by no hooks; importing all of them takes longer
than a run's whole start."""


def _load_those_with_hooks(package: str | None = None) -> None:
    for name in {point.name for point in entry_points(group="inspect_ai")}.difference(WITHOUT_HOOKS):
        ensure_entry_points(name)


_EXTENSIONS = _Held((_startup, "ensure_entry_points"), inside=lambda: [_load_those_with_hooks])


@contextmanager
def unextended() -> Iterator[None]:
    """Evaluate inside the block without loading packages `WITHOUT_HOOKS`, until something in them is named."""
    with _EXTENSIONS.held():
        yield


_CLIENTS = {
    "_HAS_OPENAI": "inspect_ai.model._openai_responses",
    "_HAS_ANTHROPIC": "inspect_ai.model._providers.anthropic",
}
"""By what Inspect knows that a client is installed, and what it then imports for every sample."""
_PREPARED = _Held(
    *((_assistant_internal, name) for name in _CLIENTS),
    inside=lambda: [getattr(_assistant_internal, n) and module in sys.modules for n, module in _CLIENTS.items()],
)


@contextmanager
def unprepared() -> Iterator[None]:
    """Begin samples inside the block without clients that are installed and not loaded, where none will be.

    Only for simulated models that no program of others stands between: a client that is loaded later would not work.
    """
    with _PREPARED.held():
        yield


_SERVER = "inspect_ai.agent._acp.server"
"""Inspect imports it for each evaluation, wanted or not; what that imports takes a third of what Inspect does."""


@asynccontextmanager
async def _no_server(eval_id: str, transport: None) -> AsyncIterator[None]:
    yield


@contextmanager
def unserved() -> Iterator[None]:
    """Evaluate inside the block without Inspect's server and sessions for editors (ACP), which nobody could reach."""
    stand_in = ModuleType(_SERVER, "Serves nobody.")
    vars(stand_in)["acp_server"] = _no_server
    sys.modules.setdefault(_SERVER, stand_in)
    before = _has_editors.set(True)
    try:
        yield
    finally:
        _has_editors.reset(before)
        if sys.modules[_SERVER] is stand_in:
            del sys.modules[_SERVER]


@contextmanager
def unseen() -> Iterator[None]:
    """Keep Inspect's own lines off the terminal inside the block, and put its display back afterwards.

    Rich buffers what each thread prints by itself, so that lines of other threads on the same console are printed as
    ever. A trace that Inspect cannot write, such as on a full disk, is not told with a traceback for each of its lines.
    """
    console = rich.get_console()
    state, told = console.__dict__, logging.raiseExceptions
    console.begin_capture()
    logging.raiseExceptions = False
    try:
        with _DISPLAY.held():
            yield
    finally:
        logging.raiseExceptions = told
        if console.__dict__ is state:  # else someone set the console up anew, and the buffer is gone
            console.end_capture()
