"""The logs that earlier commands left in a folder: reading them, choosing one for each task, and what may go.

A run writes new logs beside the old ones. Of the old ones it goes on from exactly one for each task and model; it never
looks into subfolders, and it removes nothing but a log that it went on from and that the new one holds byte for byte.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping, Set
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from inspect_ai.log import EvalLog, EvalSampleSummary, read_eval_log, read_eval_log_sample_summaries

from turncoat.base.archives import NO_ARCHIVE, bomb_in
from turncoat.base.errors import LogError, in_flight
from turncoat.base.files import UNFINISHED, plainly, reason
from turncoat.runs.progress import Ending, Key, Progress, ending_of

TaskKey = tuple[str, str]
"""Task name and model."""

Planned = Mapping[TaskKey, Set[tuple[str, int]]]
"""Task and model → sample id and epoch of all that is asked for."""

_NAMED = re.compile(r"\d{4}-\d{2}-\d{2}T.*\.json|[^.].*\.eval", re.DOTALL)
"""How logs are called; other JSON files lie beside logs too, and hidden files are unfinished."""

_WRITING = (".inspect_tmp_*.writing", f".*{UNFINISHED}", ".*.part.eval")
"""What Inspect and we write before it is renamed; the last is the form of version 0.2."""

_PIECE = re.compile(r"\.(.+?)(?:\.[0-9a-f]{8}\.part|\.part(\.eval))", re.DOTALL)


@dataclass(frozen=True)
class Earlier:
    """A log that an earlier command left.

    Attributes:
        path: The file.
        place: The path by which Inspect reads it.
        header: Its header.
        summaries: (sample id, epoch) → summary.
        seen: What the system said of the file when it was read.
    """

    path: Path
    place: str
    header: EvalLog
    summaries: Mapping[tuple[str, int], EvalSampleSummary]
    seen: os.stat_result

    @property
    def key(self) -> TaskKey:
        """Task name and model."""
        return self.header.eval.task, self.header.eval.model

    @property
    def manifest(self) -> Mapping[str, Any]:
        """The manifest of its task; empty where it is not one of ours."""
        found = (self.header.eval.metadata or {}).get("manifest")
        return found if isinstance(found, dict) else {}

    @property
    def ours(self) -> bool:
        """Whether a run of ours wrote it, so that one may go on from it."""
        return bool(self.manifest.get("study"))

    @property
    def finished(self) -> set[tuple[str, int]]:
        """Sample id and epoch of what ended without an error."""
        return {key for key, sample in self.summaries.items() if not sample.error}

    @property
    def placed(self) -> EvalLog:
        """Its header, with the path of the file."""
        return self.header.model_copy(update={"location": os.fspath(self.path)})

    def complete(self, planned: Set[tuple[str, int]], epochs: int) -> bool:
        """Whether nothing of what is planned is left to do; a stopping rule may have made samples unnecessary."""
        results = self.header.results
        if self.header.status != "success" or self.header.invalidated or results is None:
            return False
        stops = results.early_stopping.early_stops if results.early_stopping else ()
        left = planned - self.finished - {(str(s.id), s.epoch) for s in stops}
        return not left and (self.header.eval.config.epochs or 1) == epochs


@dataclass
class Folder:
    """What is in a folder of logs, subfolders apart.

    Attributes:
        logs: Those that can be read.
        notes: What the user should know, one line each.
    """

    logs: list[Earlier] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def earlier_logs(folder: Path, names: ExitStack) -> Folder:
    """Read the logs in a folder: headers and summaries, not the samples.

    A log whose bytes are damaged is renamed to `….unreadable`, so that its samples run again. One that is whole and
    that Inspect does not understand stays where it is.

    Args:
        folder: The folder.
        names: Keeps the names by which Inspect reads the logs.

    Raises:
        LogError: A log's bytes cannot be read at all, which does not mean that they are damaged.
    """
    found = Folder()
    plain = names.enter_context(plainly(folder))
    for path in sorted(p for p in folder.iterdir() if _NAMED.fullmatch(p.name) and p.is_file()):
        place = names.enter_context(plainly(plain / path.name))
        if why := bomb_in(path):
            found.notes.append(f"{path} is not read, since {why}; it stays as it is")
            continue
        try:
            seen = path.stat()
            header = read_eval_log(str(place), header_only=True)
            summaries = read_eval_log_sample_summaries(str(place))
        except FileNotFoundError:
            continue  # gone meanwhile
        except Exception as error:  # whatever a damaged archive makes Inspect raise
            found.notes.append(_not_read(path, error))
        else:
            samples = {(str(s.id), s.epoch): s for s in summaries}
            found.logs.append(Earlier(path, str(place), header, samples, seen))
    return found


def _not_read(path: Path, error: Exception) -> str:
    """Set a log aside if its bytes are damaged, and say what became of it."""
    try:
        data = path.read_bytes()
    except OSError as unread:
        raise LogError(f"{path}: cannot be read ({reason(unread)}); nothing was run, since it may be whole") from None
    if not (why := damage_of(data, path.suffix)):
        return f"{path} is whole, but not a log that can be continued ({type(error).__name__}); it stays as it is"
    aside = path.with_name(f"{path.name}.unreadable")
    number = 1
    while aside.exists() or aside.is_symlink():
        number += 1
        aside = path.with_name(f"{path.name}.unreadable-{number}")
    path.rename(aside)
    return f"{aside} could not be read and was set aside ({why}); its samples ran again"


def damage_of(data: bytes, ending: str) -> str:
    """What is broken in the bytes of a log, or ""."""
    try:
        if ending == ".json":
            return "" if isinstance(json.loads(data), dict) else "its JSON is no object"
        with ZipFile(BytesIO(data)) as archive:
            names = archive.namelist()
            if not {"header.json", "_journal/start.json"} & set(names):
                return "it has no header"
            for name in names:
                if not name.startswith("samples/"):
                    json.loads(archive.read(name))
    except Exception as error:  # whatever a damaged archive raises
        return " ".join(str(error).split()) or type(error).__name__
    return ""


def clear_unfinished(folder: Path) -> list[str]:
    """Remove what killed commands were writing; call it only while no other command can be at work in the folder.

    A log whose unfinished form is all that is left of it, and can be read, gets its name back.

    Returns:
        What the user should know, one line each.
    """
    notes = []
    for piece in sorted(p for pattern in _WRITING for p in folder.glob(pattern) if p.is_file()):
        named = _PIECE.fullmatch(piece.name)
        log = folder / f"{named[1]}{named[2] or ''}" if named else None
        if log is not None and not _NAMED.fullmatch(log.name):
            continue  # a report or a table that another command may be writing
        if named is None and piece.name.endswith(UNFINISHED):
            continue  # no name that we give
        with suppress(OSError):
            if bomb_in(piece):
                continue  # nothing of ours: it stays as it is
            if log is not None and not log.exists() and not damage_of(piece.read_bytes(), log.suffix):
                piece.rename(log)
                notes.append(f"{log} was brought back from {piece.name}, which a killed command had left")
            elif named is None or named[2] is None:  # what version 0.2 left beside a log may be more than the log
                piece.unlink()
    return notes


def chosen(logs: Iterable[Earlier], planned: Planned) -> dict[TaskKey, Earlier]:
    """The log from which each task goes on: the one with most finished samples, then with most scores.

    Neither when a file was changed nor when its run began says what it holds.
    """
    found: dict[TaskKey, Earlier] = {}
    for log in logs:
        if log.ours and log.key in planned:
            other = found.get(log.key)
            if other is None or _worth(log, planned[log.key]) > _worth(other, planned[log.key]):
                found[log.key] = log
    return found


def _worth(log: Earlier, planned: Set[tuple[str, int]]) -> tuple[int, int, bool, str, str]:
    kept = log.finished & planned
    scores = sum(len(log.summaries[key].scores or {}) for key in kept)
    return len(kept), scores, log.header.status == "success", log.header.eval.created, log.path.name


Finished = dict[TaskKey, dict[str, Ending]]
"""Task name and model → sample id → how it ended (its last epoch)."""


def count_finished(logs: Iterable[Earlier], progress: Progress, *, errors: bool = False) -> tuple[set[Key], Finished]:
    """Count what stands finished in logs.

    Args:
        logs: The log of each task and model from which it goes on.
        progress: Where they are counted.
        errors: Whether samples with errors, which run again, are counted as such; those in flight never are.

    Returns:
        The samples counted, and how they ended.
    """
    kept: set[Key] = set()
    finished: Finished = {}
    for log in logs:
        for (name, epoch), sample in log.summaries.items():
            ending = ending_of(sample.scores or {}, bool(sample.error))
            if ending != "error":
                kept.add((*log.key, name, epoch))
                finished.setdefault(log.key, {})[name] = ending
                progress.count(log.key[1], sample.metadata, ending)
            elif errors and not in_flight(sample.error or ""):
                progress.count(log.key[1], sample.metadata, ending)
    return kept, finished


def errors_of(logs: Iterable[Earlier]) -> set[Key]:
    """The samples that ended in an error: they will run again, but no kill took them."""
    ended = ((log, key, sample.error) for log in logs for key, sample in log.summaries.items())
    return {(*log.key, *key) for log, key, error in ended if error and not in_flight(error)}


def remove_continued(old: Earlier, new: Path) -> bool:
    """Remove a log that was continued, if it is proven that nothing is lost by it.

    That is so if a run named it, nobody touched it since it was read, nobody edited it, and each of its finished
    samples stands in the new log with the same bytes, scores included.

    Returns:
        Whether it was removed.
    """
    spec = old.header.eval
    named = old.path.name.startswith(re.sub(r"[:+.]", "-", spec.created)[:19]) and old.path.name.endswith(
        f"_{spec.task_id}.eval"
    )
    if not named or old.header.log_updates or old.path.is_symlink() or new.resolve() == old.path.resolve():
        return False
    try:
        there, here = _members(new), _members(old.path)
        names = [f"samples/{name}_epoch_{epoch}.json" for name, epoch in old.finished]
        if any(name not in here or there.get(name) != here[name] for name in names):
            return False
        now = old.path.stat()
        if (now.st_ino, now.st_size, now.st_mtime_ns) != (old.seen.st_ino, old.seen.st_size, old.seen.st_mtime_ns):
            return False
        old.path.unlink()
    except (OSError, ValueError):
        return False
    return True


def _members(path: Path) -> dict[str, tuple[int, int]]:
    """Check sum and size of each member of a log; `BadZipFile` counts as a `ValueError` here."""
    try:
        with ZipFile(path) as archive:
            return {m.filename: (m.CRC, m.file_size) for m in archive.infolist()}
    except NO_ARCHIVE as error:
        raise ValueError(str(error)) from None
