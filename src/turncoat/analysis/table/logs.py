"""Inspect logs as files: which there are in a folder, what each says of itself, its samples' summaries.

Only what Turncoat's tasks write is relied on: the task's metadata, the samples' metadata and the scores named
`verdict`. Both of Inspect's formats are read, `.eval` (fast, in bounded memory) and `.json` (whole).
Logs in object storage are copied here first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from turncoat.analysis.table.archive import Archive
from turncoat.base.errors import LogError
from turncoat.base.text import plain

Status = Literal["success", "started", "cancelled", "error"]

SIMULATED = ("sim/", "mockllm/")
"""Providers whose models are programs: what they do is evidence about the instrument, not about a model."""

_JSON_LOG = re.compile(r"\d{4}-\d{2}-\d{2}T.*\.json")
"""How Inspect names a log; other JSON files lie beside logs too (`eval-set.json`, listings)."""

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
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The model's settings that were not left at their defaults."""
    planned: int | None = None
    """Samples times epochs, where the log says so."""
    error: str = ""
    """Why the run ended early, or ""."""

    @property
    def simulated(self) -> bool:
        """Whether the model is a program."""
        return self.model.startswith(SIMULATED)

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

    def summaries(self) -> Iterator[dict[str, Any]]:
        """Hand out the samples' summaries, one at a time; where a sample was run again, the later one comes later.

        Raises:
            LogError: If the log is damaged; what stands before the damage has been handed out by then.
        """
        if self._archive is None:
            yield from (_summary(sample) for sample in self._header.get("samples") or ())
            return
        # A run under way, or one that was cut off, has one journal entry for each flush.
        flushes = {int(m[1]): m[0] for name in self._archive.names if (m := _JOURNAL.fullmatch(name))}
        whole = "summaries.json" in self._archive
        for member in ["summaries.json"] if whole else [flushes[number] for number in sorted(flushes)]:
            for summary in self._archive.items(member):
                if not isinstance(summary, dict) or "id" not in summary or "epoch" not in summary:
                    raise LogError(f"{self.path}: {member!r} holds an entry that is no sample summary")
                yield summary

    def sample(self, sample: str, epoch: int) -> dict[str, Any]:
        """Read one sample in full.

        Raises:
            LogError: If the log does not hold it or it cannot be read.
        """
        if self._archive is not None:
            found = self._archive.json(f"samples/{sample}_epoch_{epoch}.json")
        else:
            samples = self._header.get("samples") or ()
            found = next((s for s in samples if str(s["id"]) == sample and s["epoch"] == epoch), None)
        if not isinstance(found, dict):
            raise LogError(f"{self.path}: holds no sample {sample!r} of epoch {epoch}")
        return found


def find_logs(paths: Iterable[Path]) -> list[Path]:
    """List log files: files as given, folders searched with their subfolders.

    Returns:
        Each file once, sorted by path.

    Raises:
        LogError: If a path does not exist, or there is no log in any of them.
    """
    found: dict[Path, Path] = {}
    given = list(paths)
    for path in given:
        if not path.exists():
            raise LogError(f"{path}: does not exist; give a log file or a folder of logs")
        found |= {p.resolve(): p for p in ([path] if path.is_file() else filter(_is_log, path.rglob("*")))}
    if not found:
        where = ", ".join(str(p) for p in given) or "nothing given"
        raise LogError(f"{where}: no Inspect logs (*.eval) here; run a task first, or give another folder")
    return sorted(found.values())


def _is_log(path: Path) -> bool:
    return path.is_file() and (path.suffix == ".eval" or bool(_JSON_LOG.fullmatch(path.name)))


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
    try:
        spec = header["eval"]
        metadata = spec.get("metadata") or {}
        stats, results = header.get("stats") or {}, header.get("results") or {}
        planned = results.get("total_samples")
        if planned is None and spec["dataset"].get("samples") is not None:
            planned = spec["dataset"]["samples"] * (spec["config"].get("epochs") or 1)
        if planned is not None:  # samples that a stopping rule made unnecessary were not meant to run
            planned -= len((results.get("early_stopping") or {}).get("early_stops") or ())
        manifest = metadata.get("manifest")
        return LogInfo(
            path=path,
            status=header.get("status", "started"),
            task=plain(spec["task"]),
            task_id=str(spec.get("task_id") or spec["created"]),
            model=plain(spec["model"]),
            created=str(spec["created"]),
            completed=str(stats.get("completed_at") or ""),
            version=plain(metadata.get("turncoat") or ""),
            scenario=plain(metadata.get("scenario") or ""),
            interface=plain(metadata.get("interface") or ""),
            judge=plain(metadata.get("judge") or ""),
            manifest=manifest if isinstance(manifest, dict) else {},
            study=_study(metadata, manifest),
            inspect=plain((spec.get("packages") or {}).get("inspect_ai") or ""),
            settings=spec.get("model_generate_config") or {},
            planned=planned,
            error=plain((header.get("error") or {}).get("message") or ""),
        )
    except (KeyError, TypeError, AttributeError) as e:
        raise LogError(f"{path}: not an Inspect log: its header lacks {e}") from e


def _study(metadata: Mapping[str, Any], manifest: object) -> dict[str, Any]:
    """The study's declaration, under `study` of the task's metadata or of its manifest; a name alone will do."""
    found = metadata.get("study") or (manifest.get("study") if isinstance(manifest, dict) else None)
    if isinstance(found, dict):
        return {**found, "name": plain(found["name"]) if found.get("name") else None}
    return {"name": plain(found)} if found else {}


def _summary(sample: dict[str, Any]) -> dict[str, Any]:
    """Make a full sample look like a summary."""
    error, limit = sample.get("error"), sample.get("limit")
    return {
        **{k: sample.get(k) for k in ("id", "epoch", "metadata", "scores", "model_usage", "total_time", "started_at")},
        "error": error.get("message") if error else None,
        "limit": limit.get("type") if limit else None,
        "retries": len(sample.get("error_retries") or ()),
    }
