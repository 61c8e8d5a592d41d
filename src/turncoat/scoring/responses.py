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
from turncoat.doors.tools.turns import Turn, Turns, kept_of_chat, kept_of_turns
from turncoat.evidence.endings import ending, stop_of
from turncoat.scenarios.loader import told
from turncoat.scoring.provided import calls_beside, turns_in, whole_answer


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

    Instead of either it may hold a provider's whole answer, or a chat (see `turns_in`). Beside it are read, where they
    stand there: `reasoning`, `id`, `scenario`, `condition`, `world`, `interface`, and how the output ended (see
    `stop_of`). What else stands there is left alone.

    Args:
        data: The object.
        key: Where the answer stands.
        place: File and line, for messages.
        name: Its name where it has neither `id` nor `custom_id`.
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
    known = next((data[n] for n in ("id", "custom_id") if data.get(n) is not None), name)
    return Response(
        id=str(known),
        kept=_session(data, chosen) if chosen.live else kept_of_data(data, key),
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


def kept_of_data(data: Mapping[str, Any], key: str) -> Kept:
    """The answer that a JSON object holds under a key, or the conversation that stands there or beside it.

    Raises:
        ValueError: Nothing that can be read as one.
    """
    response = data.get(key)
    if isinstance(response, str) and (whole := whole_answer(response)) is not None:
        response, data = whole, {**data, key: whole}
    stop = stop_of(data)
    if isinstance(response, str):
        if calls := calls_beside(data):
            return kept_of_chat(_validated([{"content": response, "reasoning": _reasoning(data), **calls}], key), stop)
        return Kept(answer=response, reasoning=_reasoning(data), stop=stop)
    if turns := _validated(turns_in(data if response is None else response) or (), key):
        return kept_of_chat(turns, stop, _limit(data))
    if ending(stop) is not None:  # withheld, cut off in its thoughts, or broken off: there is no text
        return Kept(stop=stop)
    found = "nothing" if response is None else type(response).__name__
    raise ValueError(f"key {key!r}: expected text, found {found}{_hint(data, key)}")


def _limit(data: Mapping[str, Any]) -> str:
    """The limit that ended a sample which Inspect exported, as `Kept.ended` says it; or ""."""
    limit = data.get("limit")
    return f"limit:{limit.get('type')}" if isinstance(limit, Mapping) and limit.get("type") else ""


_REASONING = ("reasoning", "reasoning_content", "thinking")


def _reasoning(data: Mapping[str, Any]) -> str:
    """The provider's thinking beside an answer, as text or as a list of parts."""
    key = next((n for n in _REASONING if data.get(n) is not None), "")
    said = data.get(key, "")
    if not isinstance(said, str | list):
        raise ValueError(f"key {key!r}: expected text, found {type(said).__name__}")
    return said if isinstance(said, str) else _validated([{"reasoning": said}], key)[0].reasoning


def _hint(data: Mapping[str, Any], key: str) -> str:
    """What would do, where an object holds its response in a form that is not read."""
    if data.get("turns"):
        return '; it has \'turns\': say "interface": "tools" beside them'
    there = ", ".join(repr(str(n)[:40]) for n in list(data)[:6])
    seen = f"; the keys are {there or 'none'}" if key not in data else ""
    return f"{seen}; give the answer's text under {key!r}"


def _session(data: Mapping[str, Any], chosen: Door) -> Kept:
    turns = data.get("turns") or (None if data.get("response") is not None else turns_in(data))
    if data.get("response") is not None or not turns:
        raise ValueError(f"key 'turns': is needed, and no response, with interface {chosen.name!r}")
    return kept_of_turns(_validated(turns, "turns"), stop_of(data), _limit(data))


def _validated(turns: Any, key: str) -> tuple[Turn, ...]:
    try:
        return _TURNS.validate_python(turns)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(p) for p in (key, *first["loc"]))
        raise ValueError(f"key {where!r}: {first['msg']}") from None
