"""A folder of logs: one command at a time, what was begun there, and may this study go on here?"""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from inspect_ai import Task
from inspect_ai.log import EvalLog

from turncoat.base.counting import counted
from turncoat.base.errors import OutputError, UsageError
from turncoat.base.files import reason
from turncoat.base.locks import LOCK, PATIENCE, holding, lines
from turncoat.base.stores import Shelf
from turncoat.providers.patience import meant
from turncoat.providers.secrets import hide
from turncoat.runs.earlier import Earlier
from turncoat.runs.progress import Key
from turncoat.runs.shards.pin import PIN, pinned

ELSEWHERE = "choose another folder with --log-dir"

LEDGER = LOCK
"""A run notes what it has begun in the file that it locks."""


@dataclass
class Ledger:
    """What a command has begun in a folder of logs, so that the next one knows what a kill took."""

    file: int
    alone: bool
    """Whether no other command can be at work here."""
    doubt: str
    """Why one may be, or ""."""
    begun: set[Key]
    """What an earlier command had begun when it was cut off."""
    cut_off: bool = False
    """Whether this command is cut off as well, so that what it has begun stays noted."""

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
    with holding(folder, "turncoat run", patience, keep=True) as held:
        found = Ledger(held.file, held.alone, held.doubt, _read(held.file))
        yield found
        if not found.cut_off:
            os.ftruncate(held.file, 0)


def _read(file: int) -> set[Key]:
    found: set[Key] = set()
    for line in lines(file):
        with suppress(ValueError, TypeError, RecursionError):  # cut off, or who holds the folder
            task, model, sample, epoch = json.loads(line)
            found.add((str(task), str(model), str(sample), int(epoch)))
    return found


def writable(folder: Path) -> None:
    """Make a folder and see that files can be written there.

    Raises:
        OutputError: They cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written ({reason(error)}); choose another folder") from None


def refuse_other_number(folder: Path, workers: int) -> None:
    """See that a folder was not begun with another number of processes or shards.

    Raises:
        UsageError: It was.
    """
    begun = {int(m[1]) for p in folder.glob("shard-*") if (m := re.fullmatch(r"shard-\d+-of-(\d+)", p.name))}
    if not begun and workers > 1 and any(folder.glob("*.eval")):
        begun = {1}
    if (folder / PIN).is_file():
        begun |= {there.shards} if (there := pinned(Shelf(folder))) else set()
        if workers == 1 and begun == {1}:
            raise UsageError(f"{folder}: was begun with --shard 1/1; give it again, or choose another folder")
    if begun and begun != {workers}:
        number = min(begun - {workers})
        raise UsageError(
            f"{folder}: was begun with --workers {number} or --shard K/{number}; give the same number, or choose "
            "another folder"
        )


_CODES = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO)
_WRITING = re.compile(rf"(?:OSError|PermissionError)\(({'|'.join(map(str, _CODES))}),")


def refuse_unwritten(logs: Iterable[EvalLog], folder: Path) -> None:
    """See that no log of a run ended because it could not be written, and that none is gone.

    Raises:
        OutputError: One did. What was written before is whole: a log is written beside its old form and then renamed.
            Or something removed one while the run was at work.
    """
    for log in logs:
        found = _WRITING.match(log.error.message) if log.error else None
        if found is None and not os.path.lexists(log.location):
            raise OutputError(
                f"{folder}: {Path(log.location).name} was written there and is gone, which something else removed; the "
                "same command runs it again"
            )
        # A log whose end could not be written either still says that it is running.
        if found is not None or log.status == "started":
            why = os.strerror(int(found[1])) if found else "is the disk full?"
            raise OutputError(
                f"{folder}: logs could not be written ({why}); what was written before is safe, and the same command "
                "continues from there once there is room"
            )


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
    guards = {str(s.id): (s.metadata or {}).get("guards", []) for s in task.dataset}
    known = (s for s in log.summaries.values() if str(s.id) in guards)
    for sample in known:
        if (had := (sample.metadata or {}).get("guards", [])) != guards[str(sample.id)]:
            then, asked = (" + ".join(names) or "no guard" for names in (had, guards[str(sample.id)]))
            raise UsageError(f"{log.path}: {sample.id} was run with {then}, not with {asked}; {ELSEWHERE}")
    if log.manifest.get("stimulus") == now.get("stimulus") and all(
        str(i) in guards for i in log.header.eval.dataset.sample_ids or ()
    ):
        return
    stimuli = {str(s.id): (s.metadata or {}).get("stimulus") for s in task.dataset}
    left_out = [str(i) for i in log.header.eval.dataset.sample_ids or () if str(i) not in stimuli]
    if left_out:
        raise UsageError(
            f"{log.path}: holds {counted(len(left_out), 'sample that is', 'samples that are')} "
            f"not asked for now, such as {left_out[0]}; {ELSEWHERE}"
        )
    for sample in log.summaries.values():
        stimulus = (sample.metadata or {}).get("stimulus")
        if stimulus != stimuli[str(sample.id)]:
            raise UsageError(
                f"{log.path}: {sample.id} was shown another text than it would be now (stimulus {stimulus}, now "
                f"{stimuli[str(sample.id)]}); the scenario's files or Turncoat's version changed; {ELSEWHERE}"
            )
