"""Responses from files: JSON, JSONL, Inspect logs, and forms that plug-ins read (entry points of `responses`)."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

from turncoat.base.errors import DataError, TranscriptError
from turncoat.base.extensions import extensions
from turncoat.base.files import reason
from turncoat.base.reading import MAX_LINE, bounded_lines, not_json, read_bounded, refuse_irregular
from turncoat.scenarios.files import only_canary
from turncoat.scoring.responses import Read, Response, response_of

__all__ = ["Read", "Response", "read_responses", "response_of"]

_SHARDS = "shard-*-of-*"
JSON_FORMS = (".jsonl", ".json", ".ndjson")
_READS = "read are .jsonl and .json, Inspect logs (.eval or .json), folders of logs, and published results folders"


def read_responses(path: Path) -> Iterator[Read]:
    """Read the responses of a file or folder; what cannot be read comes as the error, and the rest goes on.

    Args:
        path: JSON objects with `response` and optional keys (see `response_of`), one a line or in one array; an Inspect
            log, or a folder of logs; or what a plug-in reads: a function of the path that gives such an iterator, or
            None where the path is not its own.
    """
    nothing = True
    found: Iterator[Read]
    try:
        found = _found(path)
    except OSError as error:
        found = iter([TranscriptError(f"{path}: cannot be read ({reason(error)})")])
    for read in found:
        nothing = False
        yield read if isinstance(read, TranscriptError) else replace(read, file=str(path))
    if nothing:
        yield TranscriptError(f"{path}: holds no response")


def once_each(paths: Iterable[Path]) -> list[Path]:
    """Files and folders without those that are named again, alone or as a part of a folder that is named too."""
    given: dict[Path, Path] = {}
    for path in paths:
        given.setdefault(path.resolve(), path)
    within = {log.resolve() for path in given.values() if path.is_dir() for log in logs_in(path, [])}
    shards = {real for real in given if real.parent in given and real.is_dir() and real.match(_SHARDS)}
    return [path for real, path in given.items() if real not in within | shards]


def _found(path: Path) -> Iterator[Read]:
    problems: list[TranscriptError] = []
    if path.is_dir() and ((logs := logs_in(path, problems)) or problems):
        return chain(problems, _of_logs(logs) if logs else ())
    for load in extensions("responses").values():
        found: Iterator[Read] | None = load()(path)
        if found is not None:
            return found
    if path.is_dir():
        return iter([TranscriptError(f"{path}: a folder without responses; {_READS}")])
    if _is_log(path):
        return _of_logs([path])
    if path.suffix.lower() in JSON_FORMS:
        return _json(path)
    return iter([TranscriptError(f"{path}: is of no form that can be read; {_READS}")])


def _of_logs(logs: Sequence[Path]) -> Iterator[Read]:
    from turncoat.scoring.logs import Once, read_log

    once = Once(logs)
    return chain.from_iterable(read_log(log, once) for log in logs)


def logs_in(folder: Path, problems: list[TranscriptError] | None = None) -> list[Path]:
    """The logs of a folder, those of its shards included.

    Args:
        folder: The folder.
        problems: Takes why a folder cannot be looked into; None to raise the first of these.

    Raises:
        TranscriptError: As `problems`.
    """
    found: list[Path] = []
    for place in (folder, *folder.glob(f"{_SHARDS}/")):
        try:
            found += filter(_is_log, place.iterdir())
        except OSError as error:
            problem = TranscriptError(f"{place}: cannot be looked into ({reason(error)})")
            if problems is None:
                raise problem from None
            problems.append(problem)
    return sorted(found)


_LOG_KEYS = (b'"version"', b'"status"', b'"eval"')
_HEAD = 400
"""Bytes at the beginning of a log in JSON in which its first keys stand."""


def _is_log(path: Path) -> bool:
    """Whether a file is an Inspect log, in either of its formats."""
    if path.suffix != ".json":
        return path.suffix == ".eval" and path.is_file()
    try:
        refuse_irregular(path)
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except (OSError, DataError):
        return False
    return head.lstrip().startswith(b"{") and all(key in head for key in _LOG_KEYS)


def _json(path: Path) -> Iterator[Read]:
    """The objects of a file: one a line, or all in one value, as where an array is written over many lines."""
    try:
        refuse_irregular(path)
        with path.open("rb") as file:
            if (problem := _no_text(file.read(4))) is not None:
                yield TranscriptError(f"{path}: {problem}")
                return
            file.seek(0)
            lines = (line if line is None else line.removeprefix(codecs.BOM_UTF8) for line in bounded_lines(file))
            first = next((line for line in lines if line is None or line.strip()), b"")
            file.seek(0)
            if first is None or (not first.lstrip().startswith(b"[") and _is_json(first)):
                yield from _lines(bounded_lines(file), path)
            elif first:
                yield from _whole(read_bounded(path), path)
    except OSError as error:
        yield TranscriptError(f"{path}: {error.strerror}")
    except DataError as error:
        yield TranscriptError(str(error))


def _lines(lines: Iterable[bytes | None], path: Path) -> Iterator[Read]:
    for number, line in enumerate(lines, 1):
        if line is None:
            yield TranscriptError(f"{path}:{number}: is longer than {MAX_LINE:,} bytes")
        elif line.removeprefix(codecs.BOM_UTF8).strip():
            place = f"{path}:{number}"
            data = _loaded(line, place, "of the line")
            name = f"{path.stem}:{number}"
            if only_canary(data):
                continue
            yield data if isinstance(data, TranscriptError) else response_of(data, "response", place, name)


def _whole(content: bytes, path: Path) -> Iterator[Read]:
    """The objects of a file that is one value; line by line where it is none and single lines are."""
    data = _loaded(content, str(path), "of the file")
    if isinstance(data, TranscriptError):
        lines = content.splitlines()
        whole = TranscriptError(f"{data}; one object a line is read, or all in one array")
        yield from _lines(lines, path) if any(map(_is_json, lines[1:])) else [whole]
    elif isinstance(data, list):
        for number, item in enumerate(data, 1):
            yield response_of(item, "response", f"{path}: item {number}", f"{path.stem}:{number}")
    else:
        yield response_of(data, "response", str(path), path.stem)


def _is_json(line: bytes) -> bool:
    return bool(line.strip()) and not isinstance(_loaded(line, "", ""), TranscriptError)


def _no_text(head: bytes) -> str | None:
    if head.startswith((b"PK\x03\x04", b"\x1f\x8b", b"\x28\xb5\x2f\xfd")):
        return "is compressed; unpack it, or give an Inspect log its ending .eval"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in head:
        return "is UTF-16 text; write it as UTF-8"
    return None


def _loaded(content: bytes, place: str, of: str) -> Any:
    """The JSON value, or the error."""
    try:
        return json.loads(content.removeprefix(codecs.BOM_UTF8).decode("utf-8"))
    except UnicodeDecodeError as error:
        return TranscriptError(f"{place}: not UTF-8 text (byte {error.start} {of}); write it as UTF-8")
    except (ValueError, RecursionError) as error:
        return TranscriptError(f"{place}: {not_json(error)}")
