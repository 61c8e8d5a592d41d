"""A folder of logs: one command at a time, may this study go on here, and what is there or was begun already?"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inspect_ai import Task
from inspect_ai.log import (
    EvalLog,
    EvalSampleSummary,
    list_eval_logs,
    read_eval_log,
    read_eval_log_sample_summaries,
)

from turncoat.base.errors import OutputError, UsageError
from turncoat.providers.patience import meant
from turncoat.providers.secrets import hide
from turncoat.runs.progress import Ending, Key, Progress, ending_of

ELSEWHERE = "choose another folder with --log-dir"

LEDGER = ".turncoat-begun"
PATIENCE = 5.0
"""Seconds to wait for another command to let go: the workers of a killed one need a moment to see that it is gone."""

NO_LOCKS = (errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.ENOLCK)
"""What a file system answers that has no locks, such as some network and cluster storage."""


@dataclass(frozen=True)
class Ledger:
    """What a command has begun in a folder of logs, so that the next one knows what a kill took."""

    file: int
    locked: bool
    """Whether no other command can be at work here; False where the file system has no locks."""
    begun: set[Key]
    """What an earlier command had begun when it was cut off."""

    def begin(self, key: Key) -> None:
        """Note that a sample begins. A full disk is no reason to stop here: the log will say it."""
        with suppress(OSError):
            os.write(self.file, (json.dumps(key) + "\n").encode())


@contextmanager
def ledger(folder: Path, patience: float = PATIENCE) -> Iterator[Ledger]:
    """Hold the ledger of a folder inside the block; a block that ends without an error leaves it empty.

    A line is added when a sample begins. What a killed command has begun and did not log is thus known. The operating
    system lets go of the lock when the process ends, however it ends.

    Args:
        folder: Folder of logs; it must exist.
        patience: Seconds to wait for the folder.

    Raises:
        UsageError: Another command is at work in the folder.
        OutputError: The folder cannot be locked, though its file system has locks.
    """
    file = os.open(folder / LEDGER, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
    try:
        yield Ledger(file, _lock(file, folder, patience), _read(file))
        os.ftruncate(file, 0)
    finally:
        os.close(file)


def _lock(file: int, folder: Path, patience: float) -> bool:
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > until:
                raise UsageError(
                    f"{folder}: another command is at work here; wait for it, or choose another folder"
                ) from None
            time.sleep(0.1)
        except OSError as error:
            if error.errno in NO_LOCKS:
                return False
            raise OutputError(f"{folder}: cannot be locked ({error.strerror}); choose another folder") from None


def _read(file: int) -> set[Key]:
    found: set[Key] = set()
    text = os.pread(file, os.fstat(file).st_size, 0).decode(errors="replace")
    for line in text.splitlines():
        try:
            task, model, sample, epoch = json.loads(line)
            found.add((str(task), str(model), str(sample), int(epoch)))
        except (ValueError, TypeError):
            continue  # cut off in the middle of the line
    return found


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


_CODES = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO)
_WRITING = re.compile(rf"(?:OSError|PermissionError)\(({'|'.join(map(str, _CODES))}),")


def refuse_unwritten(logs: Iterable[EvalLog], folder: Path) -> None:
    """See that no log of a run ended because it could not be written.

    Raises:
        OutputError: One did. What was written before is whole: a log is written beside its old form and then renamed.
    """
    for log in logs:
        found = _WRITING.match(log.error.message) if log.error else None
        # A log whose end could not be written either still says that it is running.
        if found is not None or log.status == "started":
            why = os.strerror(int(found[1])) if found else "is the disk full?"
            raise OutputError(
                f"{folder}: logs could not be written ({why}); what was written before is safe, and the same command "
                "continues from there once there is room"
            )


@dataclass(frozen=True)
class Earlier:
    """A log that an earlier command left."""

    path: Path
    header: EvalLog
    summaries: Sequence[EvalSampleSummary]

    @property
    def key(self) -> tuple[str, str]:
        """Task name and model."""
        return self.header.eval.task, self.header.eval.model

    @property
    def manifest(self) -> Mapping[str, Any]:
        """The manifest of its task; empty where it is not one of ours."""
        found = (self.header.eval.metadata or {}).get("manifest")
        return found if isinstance(found, dict) else {}


def earlier_logs(folder: Path) -> tuple[list[Earlier], list[Path]]:
    """Read the logs in a folder: headers and summaries, not the samples.

    What a killed command was writing when it died is removed: a log is written beside its old form and then renamed.

    Returns:
        The logs, and those that cannot be read: they are renamed to `….unreadable`, so that their samples run again.
    """
    for piece in folder.glob(".inspect_tmp_*.writing"):
        piece.unlink(missing_ok=True)
    found, aside = [], []
    for info in list_eval_logs(str(folder)):
        path = Path(info.name.removeprefix("file://"))
        try:
            found.append(Earlier(path, read_eval_log(info, header_only=True), read_eval_log_sample_summaries(info)))
        except Exception:  # whatever a damaged archive makes Inspect raise
            moved = path.with_name(path.name + ".unreadable")
            path.rename(moved)
            aside.append(moved)
    return found, aside


def refuse_another_study(logs: Iterable[Earlier], tasks: Iterable[tuple[Task, str]], epochs: int) -> None:
    """See that what is in the folder is a part of what is asked for now.

    A study may grow: more models, worlds, epochs, cells. What is there must have been asked for again, with the same
    prompts, settings, judge and stopping rule. The instrument may have changed: logs can be scored again.

    Args:
        logs: What is there.
        tasks: The tasks, with the model of each.
        epochs: Epochs that are asked for.

    Raises:
        UsageError: Naming the log and what differs.
    """
    planned = {(task.name, model): task for task, model in tasks}
    for log in logs:
        task = planned.get(log.key)
        if task is None or not log.manifest:
            continue
        now: Mapping[str, Any] = (task.metadata or {})["manifest"]
        where = f"{log.path}: was run"
        for key, words in (("study", "for study"), ("judge", "with judge"), ("stopping", "with the stopping rule")):
            if key in log.manifest and log.manifest[key] != now.get(key):
                raise UsageError(f"{where} {words} {log.manifest[key]}, not {now.get(key)}; {ELSEWHERE}")
        if log.manifest.get("run", now.get("run")) != now.get("run") and _differ(log.manifest, now):
            raise UsageError(f"{where} with other model settings ({_changed(log.manifest, now)}); {ELSEWHERE}")
        if (log.header.eval.config.epochs or 1) > epochs:
            raise UsageError(f"{where} with {log.header.eval.config.epochs} epochs, not {epochs}; {ELSEWHERE}")
        _compare_samples(log, task, now)


def _differ(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether settings differ that are meant to matter; old logs' hashes hold those of operation, too."""
    old, new = before.get("settings"), now.get("settings")
    return not isinstance(old, dict) or not isinstance(new, dict) or meant(hide(old)) != meant(new)


def _changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    old, new = meant(before.get("settings") or {}), meant(now.get("settings") or {})
    names = [n for n in sorted({*old, *new}) if old.get(n) != new.get(n)]
    return ", ".join(f"{n} {old.get(n)} instead of {new.get(n)}" for n in names) or "they were not recorded"


def _compare_samples(log: Earlier, task: Task, now: Mapping[str, Any]) -> None:
    if log.manifest.get("stimulus") == now.get("stimulus"):
        return
    stimuli = {str(s.id): (s.metadata or {}).get("stimulus") for s in task.dataset}
    left_out = [str(i) for i in log.header.eval.dataset.sample_ids or () if str(i) not in stimuli]
    if left_out:
        raise UsageError(
            f"{log.path}: holds {len(left_out)} samples that are not asked for now, such as {left_out[0]}; {ELSEWHERE}"
        )
    for sample in log.summaries:
        stimulus = (sample.metadata or {}).get("stimulus")
        if stimulus != stimuli[str(sample.id)]:
            raise UsageError(
                f"{log.path}: {sample.id} was shown another text than it would be now (stimulus {stimulus}, now "
                f"{stimuli[str(sample.id)]}); the scenario's files or Turncoat's version changed; {ELSEWHERE}"
            )


Finished = dict[tuple[str, str], dict[str, Ending]]
"""Task name and model → sample id → how it ended (its last epoch)."""


def count_finished(logs: Iterable[Earlier], progress: Progress) -> tuple[set[Key], Finished]:
    """Count what earlier commands finished; samples with errors run again and do not count.

    Args:
        logs: The newest log of each task and model that is asked for.
        progress: Where they are counted.

    Returns:
        The samples counted, and how they ended.
    """
    kept: set[Key] = set()
    finished: Finished = {}
    for log in logs:
        for sample in log.summaries:
            ending = ending_of(sample.scores or {}, bool(sample.error))
            if ending != "error":
                kept.add((*log.key, str(sample.id), sample.epoch))
                finished.setdefault(log.key, {})[str(sample.id)] = ending
                progress.count(log.key[1], sample.metadata, ending)
    return kept, finished


def newest(logs: Iterable[Earlier]) -> list[Earlier]:
    """The newest log of each task and model."""
    return list({log.key: log for log in sorted(logs, key=lambda log: log.header.eval.created)}.values())


def errors_of(logs: Iterable[Earlier]) -> set[Key]:
    """The samples that ended in an error: they will run again, but no kill took them."""
    return {(*log.key, str(s.id), s.epoch) for log in logs for s in log.summaries if s.error}
