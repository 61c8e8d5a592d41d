"""Responses from files: JSONL, Inspect logs, and forms that plug-ins read (entry points of `responses`)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from turncoat.base.errors import TranscriptError, UsageError
from turncoat.base.extensions import extensions
from turncoat.doors import DEFAULT_DOOR
from turncoat.doors.door import door_of
from turncoat.doors.kept import Kept, kept_of
from turncoat.evidence.endings import stop_of


@dataclass(frozen=True)
class Response:
    """One model response to be scored.

    Attributes:
        id: Its name in the output.
        kept: The answer, or the session, with what is known of how it ended.
        place: File and line or sample, for messages.
        interface: The door's name.
        sample: The sample's id in its log, which decides with the epoch whether it is read; `id` elsewhere.
        epoch: From 1.
        metadata: What a log says about the sample (scenario, condition, world), if it says so.
    """

    id: str
    kept: Kept
    place: str
    interface: str = DEFAULT_DOOR
    metadata: dict[str, Any] | None = None
    sample: str | int = ""
    epoch: int = 1


Read = Response | TranscriptError


def read_responses(path: Path) -> Iterator[Read]:
    """Read the responses of a file or folder; what cannot be read comes as the error, and the rest goes on.

    Args:
        path: A JSONL file with `response` and optional `reasoning` and `id`; an Inspect `.eval` log, or a folder of
            logs; or what a plug-in reads: a function of the path that gives such an iterator, or None where the path is
            not its own.
    """
    if path.is_dir() and (logs := sorted(path.glob("*.eval"))):
        for log in logs:
            yield from _inspect_log(log)
        return
    for load in extensions("responses").values():
        if (found := load()(path)) is not None:
            yield from found
            return
    if path.suffix == ".eval":
        yield from _inspect_log(path)
    elif path.suffix in (".jsonl", ".json", ".ndjson"):
        yield from _jsonl(path)
    else:
        yield TranscriptError(f"{path}: not a .jsonl file, an Inspect .eval log, or a results folder that can be read")


def _jsonl(path: Path) -> Iterator[Read]:
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield _line(line, path, number)
    except OSError as error:
        yield TranscriptError(f"{path}: {error.strerror}")


def _line(line: bytes, path: Path, number: int) -> Read:
    place = f"{path}:{number}"
    try:
        data = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        return TranscriptError(f"{place}: not UTF-8 text (byte {error.start} of the line)")
    except (ValueError, RecursionError) as error:
        return TranscriptError(f"{place}: not JSON: {str(error).splitlines()[0]}")
    return response_of(data, "response", place, f"{path.stem}:{number}")


def response_of(data: Any, key: str, place: str, name: str) -> Read:
    """The response that a JSON object holds under a key, beside `reasoning`, `id` and how it ended (see `stop_of`).

    Args:
        data: The object.
        key: Where the answer stands.
        place: File and line, for messages.
        name: Its name where it has no `id`.
    """
    if not isinstance(data, dict):
        return TranscriptError(f"{place}: expected an object, found {type(data).__name__}")
    response = data.get(key)
    if not isinstance(response, str):
        found = "nothing" if response is None else type(response).__name__
        return TranscriptError(f"{place}: key {key!r}: expected text, found {found}")
    reasoning = data.get("reasoning")
    if reasoning is not None and not isinstance(reasoning, str):
        return TranscriptError(f"{place}: key 'reasoning': expected text, found {type(reasoning).__name__}")
    kept = Kept(answer=response, reasoning=reasoning or "", stop=stop_of(data))
    return Response(id=name if data.get("id") is None else str(data["id"]), kept=kept, place=place)


def _inspect_log(path: Path) -> Iterator[Read]:
    from inspect_ai.log import read_eval_log_sample, read_eval_log_sample_summaries

    try:
        summaries = read_eval_log_sample_summaries(str(path))
    except Exception as error:  # a corrupt archive raises whatever its reader raises
        yield TranscriptError(f"{path}: not a readable Inspect log: {type(error).__name__}")
        return
    for summary in summaries:
        place = f"{path}: sample {summary.id} epoch {summary.epoch}"
        try:
            sample = read_eval_log_sample(str(path), id=summary.id, epoch=summary.epoch, resolve_attachments="core")
        except Exception as error:  # as above
            yield TranscriptError(f"{place}: {type(error).__name__}")
            continue
        try:
            its_door = door_of(sample.metadata)
        except UsageError as error:
            yield TranscriptError(f"{place}: {error}")
            continue
        if sample.error is not None or not (its_door.live or sample.output.choices):
            yield TranscriptError(f"{place}: has no output ({sample.error.message if sample.error else 'empty'})")
            continue
        yield Response(
            id=f"{summary.id}#{summary.epoch}",
            kept=kept_of(sample),
            place=place,
            interface=its_door.name,
            metadata=dict(sample.metadata),
            sample=sample.id,
            epoch=sample.epoch,
        )
