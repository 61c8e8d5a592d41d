"""What models, gateways and chat templates do to native tool calls and to stop reasons, mended before anybody reads it.

Arguments come encoded twice, or packed into one more object; names come with the marks of a chat template or the name
of a server before them; the arguments of a tool that does not exist get lost; Inspect's `unknown` hides the provider's
own word for how an output ended. All of it is taken from the provider's answer as it came.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inspect_ai.tool import ToolCall, ToolInfo, ToolParam

STOP = "provider_stop"
"""Key of an output's metadata: the provider's word where Inspect has `unknown` or says less than the answer does."""
RAW = "unread"
"""Argument under which the text of arguments stands that nobody could read."""
_STOPS = ("finish_reason", "stop_reason", "finishReason", "stopReason", "done_reason")
_DEPTH = 6
_SAID = {"true": True, "yes": True, "false": False, "no": False}
SERVER = "company"
"""What the server of our tools is called; some agents write its name before a tool's with one underscore."""
_MARKS = re.compile(
    rf"^(?:functions?|tools?|default_api)[.:]|(?:<\|).*$|^.*(?:__|[.:/])(?=\w+$)|^(?:mcp_)?{SERVER}_(?=\w+$)", re.S
)


def mend_calls(answer: Any, tools: Sequence[ToolInfo] = ()) -> None:
    """Mend the calls and the stop reason of an answer in place.

    Args:
        answer: What a provider's `generate` returned: an output, or a pair of it and the raw request and answer.
        tools: The tools that the model was offered.
    """
    from inspect_ai.model import ModelCall, ModelOutput

    parts = answer if isinstance(answer, tuple) else (answer,)
    output = next((p for p in parts if isinstance(p, ModelOutput)), None)
    if output is None or not output.choices:
        return
    raw = next((p.response for p in parts if isinstance(p, ModelCall) and p.response), {})
    if word := _stop_beside(raw) or (_stop_in(raw) if output.stop_reason == "unknown" else ""):
        output.metadata = {**(output.metadata or {}), STOP: word}
    offered = {t.name: t.parameters.properties for t in tools}
    for call in output.message.tool_calls or ():
        _mend(call, offered, raw)


def decoded(arguments: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """Arguments without a second encoding or an object around them.

    Args:
        arguments: As they came.
        names: The arguments that the tool has.
    """
    found = dict(arguments)
    for _ in range(3):
        if len(found) != 1:
            break
        ((name, value),) = found.items()
        inner = object_in(value)
        if inner is None or not set(inner) & set(names) or (name in names and not set(inner) <= set(names)):
            break
        found = inner
    return {name: _list(value) if name in names else value for name, value in found.items()}


def plain_name(function: str, offered: Collection[str]) -> str:
    """The tool's name without what a chat template or a server puts around it, where it is then one that is offered."""
    bare = function.strip()
    while bare and bare not in offered:
        shorter = _MARKS.sub("", bare, count=1).strip()
        if shorter == bare:
            return function
        bare = shorter
    return bare or function


def _mend(call: ToolCall, offered: Mapping[str, Mapping[str, ToolParam]], raw: Any) -> None:
    call.function = plain_name(call.function, offered)
    if not call.arguments and not call.parse_error:
        text = next(_texts(raw, call.id), "").strip()
        inner = object_in(text)
        call.arguments = inner if inner is not None else {RAW: text} if text.strip("\"'{} ") else {}
    params = offered.get(call.function, {})
    given = decoded(call.arguments, params)
    call.arguments = {n: _typed(n, v, params[n].type) if n in params else v for n, v in given.items()}


def _typed(name: str, value: Any, wanted: object) -> Any:
    """An id or a code that was given as a number, and a word where yes or no is wanted, as what is wanted."""
    numbered = wanted == "string" and name.endswith(("_id", "code"))
    if numbered and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if wanted == "boolean" and isinstance(value, str):
        return _SAID.get(value.strip().lower(), value)
    return value


def object_in(value: Any) -> dict[str, Any] | None:
    """The object that a value is, or that a text is the encoding of, however often."""
    for _ in range(3):
        if isinstance(value, dict):
            return value
        if not isinstance(value, str) or value.lstrip()[:1] not in ("{", '"'):
            return None
        try:
            value = json.loads(value, strict=False)
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, dict) else None


def _list(value: Any) -> Any:
    """A list of texts in place of its encoding."""
    if isinstance(value, str) and value.strip().startswith("[") and value.strip().endswith("]"):
        try:
            found = json.loads(value, strict=False)
        except (ValueError, RecursionError):
            return value
        return found if isinstance(found, list) and all(isinstance(f, str) for f in found) else value
    return value


def _stop_beside(raw: Any) -> str:
    """What an answer says of its end beside its reason: an error, or the reason of the provider behind a gateway."""
    choices = raw.get("choices") if isinstance(raw, Mapping) else None
    if not isinstance(choices, list) or not choices:
        return ""  # an error alone is no answer; what Inspect made of it stands in the reason
    for holder in (raw, choices[0] if isinstance(choices[0], Mapping) else {}):
        error = holder.get("error")
        if any(error.values()) if isinstance(error, Mapping) else error:
            return "error"
        if isinstance(native := holder.get("native_finish_reason"), str):
            return native
    return ""


def _stop_in(raw: Any, depth: int = 0) -> str:
    if isinstance(raw, list):
        return _stop_in(raw[0], depth + 1) if raw else ""
    if not isinstance(raw, Mapping) or depth > _DEPTH:
        return ""
    own = next((raw[name] for name in _STOPS if isinstance(raw.get(name), str)), "")
    within = (_stop_in(raw[name], depth + 1) for name in ("choices", "candidates", "output") if name in raw)
    return str(own) or next((found for found in within if found), "")


def _texts(raw: Any, id: str, depth: int = 0) -> Iterator[str]:
    """Arguments as text, of the call with this id, wherever it stands in a raw answer."""
    if isinstance(raw, list):
        for item in raw:
            yield from _texts(item, id, depth + 1)
    elif isinstance(raw, Mapping) and depth <= _DEPTH:
        if id and id in (raw.get("id"), raw.get("call_id")):
            function = raw.get("function")
            for holder in (function if isinstance(function, Mapping) else {}, raw):
                if isinstance(text := holder.get("arguments"), str):
                    yield text
        for value in raw.values():
            if isinstance(value, list | Mapping):
                yield from _texts(value, id, depth + 1)
