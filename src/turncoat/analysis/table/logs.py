"""Inspect logs as files: which there are in a folder, what each says of itself, its samples' summaries.

Only what Turncoat's tasks write is relied on: the task's metadata, the samples' metadata and the scores named
`verdict`. Both of Inspect's formats are read, `.eval` (fast, in bounded memory) and `.json` (whole).
Logs in object storage are copied here first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from turncoat.analysis.table.archive import Archive
from turncoat.analysis.table.schema import Header, Metadata, Status, Summary, checked
from turncoat.base.errors import LogError
from turncoat.base.files import reason
from turncoat.base.reading import walked
from turncoat.base.simulated import is_simulated
from turncoat.base.text import plain

_JSON_LOG = re.compile(r"\d{4}-\d{2}-\d{2}T.*\.json")
"""How Inspect names a log; other JSON files lie beside logs too (`eval-set.json`, listings)."""

MAX_SAMPLES = 5_000_000
"""Samples of one log that are read."""

_JOURNAL = re.compile(r"_journal/summaries/(\d+)\.json")


@dataclass(frozen=True, slots=True)
class LogInfo:
    """What one log says of itself, from its header alone."""

    path: Path
    status: Status
    task: str
    task_id: str
    model: str
    created: str
    """When the run began, ISO 8601."""
    completed: str
    """When it ended, ISO 8601, or ""."""
    version: str
    """Turncoat's version that wrote it, or "" where the log is not of a Turncoat task."""
    scenario: str
    interface: str
    judge: str
    """The judge that was asked for."""
    manifest: Mapping[str, Any] = field(default_factory=dict)
    study: Mapping[str, Any] = field(default_factory=dict)
    """What the study declared, its `name` at least; empty where the task was run by itself."""
    inspect: str = ""
    """Inspect's version."""
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Model role → the models that had it: judges, colleagues, and those that guards asked."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The model's settings that were not left at their defaults."""
    endpoint: str = ""
    """Address that the model was asked at, without keys; "" where the log names none: the provider's own."""
    planned: int | None = None
    """Samples times epochs, where the log says so."""
    stopped: int = 0
    """Samples that a stopping rule made unnecessary."""
    error: str = ""
    """Why the run ended early, or ""."""
    wrong: tuple[str, ...] = ()
    """Fields of the header that were not as Inspect writes them and count as missing."""

    @property
    def simulated(self) -> bool:
        """Whether the model is a program."""
        return is_simulated(self.model)

    @property
    def ours(self) -> bool:
        """Whether a Turncoat task wrote it."""
        return bool(self.version)

    def listed(self, name: str) -> list[Any]:
        """What the manifest lists under a name; nothing where it has no such list."""
        found = self.manifest.get(name)
        return found if isinstance(found, list) else []


class LogFile(AbstractContextManager["LogFile"]):
    """One log, open for reading. Use it as a context manager.

    Args:
        path: A local log file, `.eval` or `.json`.

    Raises:
        LogError: If the file is not a readable log.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._archive = None if path.suffix == ".json" else Archive(path)
        try:
            self._header: Any = _read_json(path) if self._archive is None else _header(self._archive)
            self.info = _info(path, self._header)
        except LogError:
            self.close()
            raise

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        if self._archive is not None:
            self._archive.close()

    def summaries(self) -> Iterator[tuple[Summary, tuple[str, ...]] | LogError]:
        """Hand out the samples' summaries, one at a time; where a sample was run again, the later one comes later.

        Yields:
            A summary, and its fields that were wrong and count as missing; or why one cannot be used.

        Raises:
            LogError: If the log is damaged; what stands before the damage has been handed out by then.
        """
        for number, found in enumerate(self._raw(), 1):
            if number > MAX_SAMPLES:
                raise LogError(f"{self.path}: holds more than {MAX_SAMPLES:,} samples")
            try:
                yield checked(Summary, found, f"{self.path}: sample {_name(found, number)} is left out")
            except LogError as error:
                yield error

    def _raw(self) -> Iterator[Any]:
        if self._archive is None:
            samples = self._header.get("samples")
            if not isinstance(samples, list | None):
                raise LogError(f"{self.path}: its samples are no list")
            yield from (_summary(sample) for sample in samples or ())
            return
        # A run under way, or one that was cut off, has one journal entry for each flush.
        flushes = {int(m[1]): m[0] for name in self._archive.names if (m := _JOURNAL.fullmatch(name))}
        whole = "summaries.json" in self._archive
        for member in ["summaries.json"] if whole else [flushes[number] for number in sorted(flushes)]:
            yield from self._archive.items(member)

    def sample(self, sample: str, epoch: int, only: Sequence[str] = ()) -> dict[str, Any]:
        """Read one sample.

        Args:
            sample: Its id.
            epoch: Its epoch.
            only: The keys that are wanted, all if none; of a log in JSON all are there anyway.

        Raises:
            LogError: If the log does not hold it or it cannot be read.
        """
        if self._archive is not None:
            found = self._archive.json(f"samples/{sample}_epoch_{epoch}.json", only)
        else:
            samples = (s for s in self._header.get("samples") or () if isinstance(s, dict))
            found = next((s for s in samples if str(s.get("id")) == sample and s.get("epoch") == epoch), None)
        if not isinstance(found, dict):
            raise LogError(f"{self.path}: holds no sample {sample!r} of epoch {epoch}")
        return found


def find_logs(paths: Iterable[Path], shut: dict[Path, str] | None = None) -> list[Path]:
    """List log files: files as given, folders searched with their subfolders.

    Args:
        paths: Files and folders.
        shut: Takes the subfolders that cannot be looked into, each with the reason.

    Returns:
        Each file once, sorted by path.

    Raises:
        LogError: If a path does not exist or cannot be looked into, or there is no log in any of them.
    """
    found: dict[Path, Path] = {}
    closed: dict[Path, str] = {} if shut is None else shut
    given = list(paths)
    for path in given:
        try:
            is_there = path.exists()
        except OSError as error:
            raise LogError(f"{path}: cannot be read ({reason(error)})") from None
        if not is_there:
            raise LogError(f"{path}: does not exist; give a log file or a folder of logs")
        there, closed_here = ([path], {}) if path.is_file() else walked(path)
        if path in closed_here:
            raise LogError(f"{path}: cannot be read ({closed_here[path]})")
        closed |= closed_here
        found |= {p.resolve(): p for p in there if p == path or _is_log(p)}
    if not found:
        where = ", ".join(str(p) for p in given) or "nothing given"
        unseen = "".join(f"; {folder} cannot be looked into ({why})" for folder, why in list(closed.items())[:1])
        raise LogError(f"{where}: no Inspect logs (*.eval) here; run a task first, or give another folder{unseen}")
    return sorted(found.values())


def _is_log(path: Path) -> bool:
    """Whether a file is called a log; a link into a folder that is shut is one that cannot be read."""
    if path.suffix != ".eval" and not _JSON_LOG.fullmatch(path.name):
        return False
    try:
        return path.is_file()
    except PermissionError:
        return True


def _header(archive: Archive) -> Any:
    return archive.json("header.json" if "header.json" in archive else "_journal/start.json")


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as e:
        raise LogError(f"{path}: not a readable Inspect log ({e})") from e
    if not isinstance(found, dict):
        raise LogError(f"{path}: not an Inspect log: its JSON is no object")
    return found


def _info(path: Path, header: Any) -> LogInfo:
    found, wrong = checked(Header, header, f"{path}: not an Inspect log: its header")
    spec, stats = found.eval, found.stats
    about = spec.metadata or Metadata()
    study = about.study or about.manifest.study
    manifest = about.manifest.model_dump(exclude_none=True, exclude={"study"})
    return LogInfo(
        path=path,
        status=found.status,
        task=spec.task,
        task_id=spec.task_id or spec.created,
        model=spec.model,
        created=spec.created,
        completed=stats.completed_at if stats else "",
        version=about.turncoat,
        scenario=about.scenario,
        interface=about.interface,
        judge=about.judge,
        manifest={**manifest, **{name: list(v) for name, v in manifest.items() if isinstance(v, tuple)}},
        study={"name": study.name or None} if study else {},
        inspect=(spec.packages or {}).get("inspect_ai", ""),
        roles={role: tuple(m.model for m in found) for role, found in (spec.model_roles or {}).items()},
        settings={name: _setting(v) for name, v in (spec.model_generate_config or {}).items()},
        endpoint=_endpoint(spec.model_base_url, spec.model_args),
        planned=found.planned,
        stopped=found.stopped,
        error=found.error.message if found.error else "",
        wrong=wrong,
    )


def _endpoint(base_url: str | None, args: Mapping[str, Any] | None) -> str:
    address = base_url or (args or {}).get("base_url") or (args or {}).get("azure_endpoint")
    if not isinstance(address, str) or not address:
        return ""
    from turncoat.providers.secrets import hide  # takes Inspect in: only where there is an address

    return plain(hide(address))


def _setting(value: Any) -> Any:
    return value if isinstance(value, bool | float) or value is None else plain(value)


def _name(summary: Any, number: int) -> str:
    named = summary.get("id") if isinstance(summary, dict) else None
    return plain(named, 100) if isinstance(named, str | int) and named else f"number {number}"


def _summary(sample: Any) -> Any:
    """Make a full sample look like a summary."""
    if not isinstance(sample, dict):
        return sample
    error, limit, tries = (sample.get(name) for name in ("error", "limit", "error_retries"))
    return {
        **{k: sample.get(k) for k in ("id", "epoch", "metadata", "scores", "model_usage", "total_time", "started_at")},
        "error": error.get("message") if isinstance(error, dict) else error,
        "limit": limit.get("type") if isinstance(limit, dict) else limit,
        "retries": len(tries) if isinstance(tries, list) else 0,
    }
