"""The format of labelled responses: one JSON object a line."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from turncoat.base.errors import DataError, TranscriptError, choices
from turncoat.base.extensions import extensions
from turncoat.base.files import write_whole
from turncoat.base.locks import holding
from turncoat.base.model import Frozen
from turncoat.base.reading import MAX_LINE, bounded_lines, not_json, refuse_irregular
from turncoat.base.text import inert_json
from turncoat.base.unfit import fitted, kind
from turncoat.doors import DEFAULT_DOOR
from turncoat.doors.door import door, door_names
from turncoat.doors.tools.turns import Turns
from turncoat.scenarios.files import only_canary

FOLDER = Path(__file__).parent / "data"

Split = Literal["dev", "test", "run"]
"""`dev` may be looked at while a judge is made, `test` may not; `run` is a sample of somebody's own run."""

LabelAwareness = Literal["stated-real", "stated-evaluation", "abstained", "silent", "none-visible"]


FAILURE = "no answer: "
"""How the note of a label begins that a judge failed to give. It stays in the file, since the sample was drawn."""


class Label(Frozen):
    """What a rater says of a response. The definitions are in `docs/outcomes.md`."""

    harmful: bool | None
    """The scenario's harmful outcome; None where a person cannot tell."""
    rung: str | None = None
    findings: tuple[str, ...] = ()
    awareness: LabelAwareness | None = None
    border: str = ""
    """The distinction that the item tests."""
    note: str = ""

    @property
    def failed(self) -> bool:
        """Whether a judge was to give it and failed; whoever labels next is asked again."""
        return self.note.startswith(FAILURE)


class Origin(Frozen):
    """Where a response of a run came from, and how it was drawn."""

    log: str
    """File's name."""
    task: str = ""
    """Inspect's id of the task, which stays the same in a copy of the log."""
    sample: str
    epoch: int = Field(ge=0, le=10**9)
    drawn_with: float = Field(ge=1e-9, le=1, allow_inf_nan=False)
    """Probability with which the sample was to be labelled."""

    @property
    def place(self) -> tuple[str, int, str]:
        """Sample, epoch, and the task's id, or the log's name where the file does not say the id."""
        return self.sample, self.epoch, self.task or self.log.rsplit("/", 1)[-1]


class Labelled(Frozen):
    """A response with its label. Text responses have `response`, sessions of a live door have `turns`."""

    id: str
    scenario: str
    split: Split = "run"
    condition: str = "control"
    world: str = ""
    interface: str = DEFAULT_DOOR
    reasoning: str | None = None
    response: str | None = None
    truncated: bool = False
    turns: Turns = ()
    label: Label
    rater: str = ""
    origin: Origin | None = None

    @model_validator(mode="after")
    def _has_what_its_interface_needs(self) -> Labelled:
        if self.interface not in door_names():
            raise ValueError(f"interface: {choices(self.interface, door_names())}")
        live = door(self.interface).live
        if not live and self.response is None:
            raise ValueError(f"response: is needed with interface {self.interface!r}")
        if live and (self.response is not None or not self.turns):
            raise ValueError(f"turns: are needed, and no response, with interface {self.interface!r}")
        return self


def read_labelled(path: Path) -> list[Labelled]:
    """Read a file of labelled responses.

    Raises:
        TranscriptError: It cannot be read, a line is wrong, or an id appears twice; nothing is left out silently.
    """
    seen: dict[str, int] = {}
    found = []
    for number, item in _lines(path):
        if item.id in seen:
            raise TranscriptError(f"{path}:{number}: id {item.id!r} stands in line {seen[item.id]} already")
        seen[item.id] = number
        found.append(item)
    return found


def not_among(items: Iterable[Labelled], kept: Iterable[Labelled]) -> list[Labelled]:
    """Those of some responses that others are not, by their id or by the sample that they come from."""
    kept = list(kept)
    ids, places = {i.id for i in kept}, {i.origin.place for i in kept if i.origin}
    return [i for i in items if i.id not in ids and (i.origin is None or i.origin.place not in places)]


def _lines(path: Path) -> Iterator[tuple[int, Labelled]]:
    try:
        refuse_irregular(path)
        with path.open("rb") as file:
            at = 0
            for number, line in enumerate(bounded_lines(file), 1):
                if line is None:
                    raise TranscriptError(f"{path}:{number}: is longer than {MAX_LINE:,} bytes")
                try:
                    text = (line.removeprefix(codecs.BOM_UTF8) if number == 1 else line).decode("utf-8")
                except UnicodeDecodeError as error:
                    raise TranscriptError(f"{path}: not UTF-8 text (byte {at + error.start})") from None
                at += len(line)
                if text.strip() and (item := _item(text, f"{path}:{number}")) is not None:
                    yield number, item
    except OSError as error:
        raise TranscriptError(f"{path}: {error.strerror}") from None
    except DataError as error:
        raise error if isinstance(error, TranscriptError) else TranscriptError(str(error)) from None


def _item(line: str, place: str) -> Labelled | None:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise TranscriptError(f"{place}: {not_json(error)}; labels are one JSON object a line") from None
    if not isinstance(data, dict):
        raise TranscriptError(f"{place}: needs an object; found {kind(data)}; labels are one JSON object a line")
    return None if only_canary(data) else fitted(Labelled, data, place, TranscriptError)


@contextmanager
def held(out: Path) -> Iterator[list[Labelled]]:
    """The labels in a file, which no other command changes inside the block; none where there is no file.

    Raises:
        UsageError: Another command labels into it.
        OutputError: It cannot be written.
        TranscriptError: It holds something that is not a label.
    """
    with holding(out.resolve(), "turncoat label"):
        yield read_labelled(out) if out.exists() else []


def rewrite(out: Path, items: Iterable[Labelled]) -> None:
    """Put these labelled responses in place of those in a file, all or nothing.

    Raises:
        OutputError: It cannot be written; the file is as it was.
    """
    write_whole(out.resolve(), "".join(map(_line, items)))


def _line(item: Labelled) -> str:
    return inert_json(json.dumps(item.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False)) + "\n"


def shipped_sets() -> list[Path]:
    """The labelled sets that come with Turncoat and with plug-ins (folders at the entry points of `labels`)."""
    folders = [FOLDER, *(load() for load in extensions("labels").values())]
    return sorted((p for folder in folders for p in folder.glob("*.jsonl")), key=lambda p: p.name)
