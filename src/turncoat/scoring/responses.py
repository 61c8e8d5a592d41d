"""One response to be scored, and how a JSON object of a file becomes one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from turncoat.base.errors import TranscriptError, UsageError
from turncoat.doors import DEFAULT_DOOR
from turncoat.doors.door import Door, door_of
from turncoat.doors.kept import Kept
from turncoat.doors.tools.turns import Turns, kept_of_turns
from turncoat.evidence.endings import stop_of
from turncoat.scenarios.loader import told


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
        metadata: What the file says about the sample (scenario, condition, world), as far as it does.
        shown: What the agent was shown, of other programs' logs; "" where it is not known or not needed.
        file: The file or folder that was named.
    """

    id: str
    kept: Kept
    place: str
    interface: str = DEFAULT_DOOR
    metadata: Mapping[str, Any] | None = None
    sample: str | int = ""
    epoch: int = 1
    shown: str = ""
    file: str = ""


class Unread(TranscriptError):  # noqa: N818 - reads as what it reports
    """A response that cannot be scored, with its place apart from the reason, so that many alike make one line."""

    def __init__(self, place: str, why: str) -> None:
        super().__init__(f"{place}: {why}")
        self.place, self.why = place, why


Read = Response | TranscriptError

_TURNS: TypeAdapter[Turns] = TypeAdapter(Turns)
_TEXTS = ("scenario", "condition", "interface")


def response_of(data: Any, key: str, place: str, name: str, said: Mapping[str, Any] | None = None) -> Read:
    """The response that a JSON object holds: an answer under a key, or the `turns` of a session of a live interface.

    Beside it are read, where they stand there: `reasoning`, `id`, `scenario`, `condition`, `world`, `interface`, and
    how the output ended (see `stop_of`). What else stands there is left alone.

    Args:
        data: The object.
        key: Where the answer stands.
        place: File and line, for messages.
        name: Its name where it has no `id`.
        said: What is known from elsewhere, such as a folder's name: scenario, condition, world.
    """
    try:
        return _response(data, key, place, name, said or {})
    except (UsageError, ValueError) as error:
        return Unread(place, str(error))


def _response(data: Any, key: str, place: str, name: str, said: Mapping[str, Any]) -> Response:
    if not isinstance(data, dict):
        raise ValueError(f"expected an object, found {type(data).__name__}")
    metadata = told({**_said(data), **said})
    chosen = door_of(metadata)
    return Response(
        id=name if data.get("id") is None else str(data["id"]),
        kept=_session(data, chosen) if chosen.live else _answer(data, key),
        place=place,
        interface=chosen.name,
        metadata=metadata,
    )


def _said(data: Mapping[str, Any]) -> dict[str, Any]:
    """What an object says besides its response, without what it leaves open."""
    short = {n: v for n, v in data.items() if isinstance(v, str | int) and len(str(v)) < _MAX_SAID and v != ""}
    for name in (*_TEXTS, "world"):
        value = data.get(name)
        if value is not None and not isinstance(value, (str,) if name in _TEXTS else (str, int)):
            raise ValueError(f"key {name!r}: expected text, found {type(value).__name__}")
    return short


_MAX_SAID = 2000
"""Longest text of an object that says something of its response."""


def _answer(data: Mapping[str, Any], key: str) -> Kept:
    response = data.get(key)
    if not isinstance(response, str):
        found = "nothing" if response is None else type(response).__name__
        raise ValueError(f"key {key!r}: expected text, found {found}{_hint(data, key)}")
    reasoning = data.get("reasoning")
    if reasoning is not None and not isinstance(reasoning, str):
        raise ValueError(f"key 'reasoning': expected text, found {type(reasoning).__name__}")
    return Kept(answer=response, reasoning=reasoning or "", stop=stop_of(data))


def _hint(data: Mapping[str, Any], key: str) -> str:
    """What would do, where an object holds its response in a form that is not read."""
    if data.get("turns"):
        return '; it has \'turns\': say "interface": "tools" beside them'
    there = ", ".join(repr(str(n)[:40]) for n in list(data)[:6])
    return f"; the keys are {there or 'none'}" if key not in data else ""


def _session(data: Mapping[str, Any], chosen: Door) -> Kept:
    if data.get("response") is not None or not data.get("turns"):
        raise ValueError(f"key 'turns': is needed, and no response, with interface {chosen.name!r}")
    try:
        return kept_of_turns(_TURNS.validate_python(data["turns"]), stop_of(data))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(p) for p in ("turns", *first["loc"]))
        raise ValueError(f"key {where!r}: {first['msg']}") from None
