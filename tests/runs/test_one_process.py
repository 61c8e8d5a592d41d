"""Several runs in one process: one after the other and at the same time, and nothing of theirs is left behind."""

import errno
import fcntl
import gc
import threading
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import rich
import zstandard
from inspect_ai import eval
from inspect_ai.log import write_eval_log
from inspect_ai.util import display_type

from tests.runs.provider import PRESSED, Agents, provider
from turncoat.base.errors import OutputError, UsageError
from turncoat.providers.inspect_private import registered
from turncoat.runs.design import scenario_study
from turncoat.runs.progress import Follower, Progress
from turncoat.runs.request import Request, RunResult
from turncoat.runs.runner import FROZEN_AT_START, run_study
from turncoat.scoring.options import ScoringOptions
from turncoat.tasks import scenario_task

SAMPLES = 6


def go(folder: Path, model: str = "sim/insider", listener: Any = None, **more: Any) -> RunResult:
    study = scenario_study("blackmail", (PRESSED, "control"), f"1-{SAMPLES // 2}", 1)
    return run_study(Request(study, "blackmail", (model,), folder, **more), listener)


def test_runs_at_the_same_time_count_their_own_samples_only(tmp_path: Path) -> None:
    """Each waits for the one before it; a listener of one never sees the other's models."""
    seen: dict[str, set[tuple[str, int]]] = {"sim/insider": set(), "sim/loyal": set()}

    def one(model: str) -> RunResult:
        def listener(progress: Progress) -> None:
            seen[model] |= {(name, progress.done) for name, _, _ in progress.cells}

        return go(tmp_path / model.replace("/", "-"), model, listener)

    with ThreadPoolExecutor(2) as pool:
        results = dict(zip(seen, pool.map(one, seen), strict=True))
    for model, result in results.items():
        assert (result.progress.finished, result.progress.planned) == (SAMPLES, {model: SAMPLES})
        assert seen[model] == {(model, done) for done in range(1, SAMPLES + 1)}
        assert result.logs[0].status == "success"


def test_the_same_folder_at_the_same_time_is_run_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda _: go(tmp_path), range(2)))
    assert sorted((r.progress.finished, r.kept) for r in results) == [(0, SAMPLES), (SAMPLES, 0)]


def test_a_run_compresses_in_its_own_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inspect asks for twelve threads an entry by itself; it is asked for what it asks for again after the run."""
    asked: list[int] = []
    compressor = zstandard.ZstdCompressor

    def watched(*, threads: int, **more: Any) -> Any:
        asked.append(threads)
        return compressor(threads=threads, **more)

    monkeypatch.setattr(zstandard, "ZstdCompressor", watched)
    log = go(tmp_path / "run").logs[0]
    assert len(asked) >= SAMPLES and set(asked) == {0}
    asked.clear()
    write_eval_log(log, str(tmp_path / "own.eval"))
    assert asked and 0 not in asked


def test_a_run_leaves_nothing_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The collector, the console, Inspect's display and its hooks are as before; other threads print as ever."""
    monkeypatch.setattr(rich.get_console(), "quiet", False)  # an evaluation without display silences it for good
    console, frozen, shown = rich.get_console(), gc.get_freeze_count(), display_type()
    state = console.__dict__
    during: list[int] = []

    def listener(progress: Progress) -> None:
        during.append(gc.get_freeze_count())
        other = threading.Thread(target=rich.print, args=(f"another thread, {progress.done}",))
        other.start()
        other.join()

    go(tmp_path, listener=listener)
    assert max(during) > FROZEN_AT_START >= frozen == gc.get_freeze_count()
    assert console.__dict__ is state and not console.quiet and display_type() == shown
    assert not registered(Follower).enabled()
    assert not import_module("inspect_ai.agent._acp.transport")._acp_live_active.get()
    assert hasattr(import_module("inspect_ai.agent._acp.server"), "AcpServer"), "Inspect's own, and no stand-in"
    rich.print("afterwards")
    out = capsys.readouterr().out
    assert out.splitlines() == [f"another thread, {n}" for n in range(SAMPLES + 1)] + ["afterwards"]


def test_an_evaluation_of_the_users_own_is_not_counted_and_not_mixed_up(tmp_path: Path) -> None:
    result = go(tmp_path / "ours")
    (log,) = eval(
        scenario_task("blackmail", worlds="1"), model="sim/loyal", log_dir=str(tmp_path / "own"), display="none"
    )
    assert log.status == "success" and result.progress.finished == SAMPLES

    refused: list[str] = []

    def listener(progress: Progress) -> None:
        if not progress.finished:
            return
        with pytest.raises(UsageError) as raised:
            go(tmp_path / "inside")
        refused.append(str(raised.value))

    assert go(tmp_path / "outer", listener=listener).progress.finished == SAMPLES
    assert "an event loop runs in this thread" in refused[-1]


def test_clients_of_a_provider_outlive_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections belong to an event loop; the second run of a process has another one."""
    with provider(monkeypatch, Agents(SAMPLES // 2).answer):
        results = [
            go(tmp_path / str(n), "openai/gpt-4o", scoring=ScoringOptions("openai/gpt-4o-mini")) for n in range(2)
        ]
    assert [r.logs[0].status for r in results] == ["success", "success"]
    assert [r.progress.finished for r in results] == [SAMPLES, SAMPLES]


def test_a_listener_can_end_a_run_and_the_same_command_continues(tmp_path: Path) -> None:
    def listener(progress: Progress) -> None:
        progress.halt = "enough" if progress.done >= 2 else ""

    first = go(tmp_path, listener=listener, stoppable=True, max_connections=1)
    assert first.progress.stopped == "enough" and 2 <= first.progress.finished < SAMPLES
    rest = go(tmp_path)
    assert (rest.kept, rest.progress.done) == (first.progress.finished, SAMPLES)


@pytest.mark.parametrize("number", [errno.ENOTSUP, errno.ENOSYS, errno.ENOLCK])
def test_a_file_system_without_locks_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    monkeypatch.setattr(fcntl, "flock", _failing(number))
    assert [n for n in go(tmp_path).notes if "no locks" in n and str(tmp_path) in n]


def test_a_folder_that_cannot_be_locked_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fcntl, "flock", _failing(errno.EIO))
    with pytest.raises(OutputError, match="cannot be locked"):
        go(tmp_path)


def _failing(number: int) -> Any:
    def flock(*_: object) -> None:
        raise OSError(number, "no")

    return flock
