"""Keys stay out of what is written: of logs, reports, and lines on the terminal.

A provider that refuses a key often repeats it in its answer, and clients put that answer into their errors. What this
process knows as a secret (its own key of a model, and the environment's variables that are named like keys) is
replaced wherever a provider's answer or error would carry it on.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from inspect_ai.model import ModelAPI

HIDDEN = "(secret)"

_NAMED = re.compile(r"(?i)(?:^|_|-)(?:(?:api)?keys?|secrets?|token|passwords?|passwd|credentials?|authorization|auth)$")
_GIVEN = "_turncoat_was_given"
_SHORTEST = 12
"""Characters of the shortest value that is taken as a secret: shorter ones would hit words by chance."""
_USER = re.compile(r"(?i)^([a-z][a-z0-9+.-]*://)[^/@\s]*@")

_QUERY = re.compile(r"(?<=[?&;])([^=&;#\s]+)=([^&;#\s]+)")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def is_secret(name: str) -> bool:
    """Whether an argument or a variable is named like a key."""
    return _NAMED.search(_HUMP.sub("_", name)) is not None


def known_secrets(api: ModelAPI | None = None, more: Iterable[object] = ()) -> tuple[str, ...]:
    """What must not be written, the longest first.

    Args:
        api: A model's client, whose own key counts, and what `remember` keeps with it.
        more: Further values.
    """
    values = [value for name, value in os.environ.items() if is_secret(name)]
    values += [key for value in os.environ.values() for key in _keys_in(value)]
    if api is not None:
        values += [str(key) for key in (api.api_key, getattr(api, "initial_api_key", None)) if key]
        values += getattr(api, _GIVEN, ())
    values += [value for value in more if isinstance(value, str)]
    return tuple(sorted({v for v in values if len(v) >= _SHORTEST}, key=len, reverse=True))


def secrets_in(settings: Mapping[str, Any]) -> Iterator[str]:
    """Values that are named like keys, at any depth, and their words: `Bearer` stands before many."""
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from secrets_in(value)
        elif is_secret(name) and isinstance(value, str):
            yield value
            yield from value.split()
        elif isinstance(value, str):
            yield from _keys_in(value)


def remember(api: ModelAPI, settings: Mapping[str, Any]) -> None:
    """Keep the secrets among a client's arguments, such as headers, with the client: its provider may repeat them."""
    setattr(api, _GIVEN, tuple(secrets_in(settings)))


def without_secrets(text: str, secrets: Iterable[str]) -> str:
    """The text with every secret replaced."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return text


def public_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as they may be written, without what is named like a key and a URL's user, password and keys."""
    return {name: HIDDEN if is_secret(name) else _public(value) for name, value in settings.items()}


def has_password(url: str | None) -> bool:
    """Whether a URL carries a user, a password, or a key in its query."""
    return bool(url and (_USER.match(url) or _keys_in(url)))


def _keys_in(text: str) -> list[str]:
    """Values of what is named like a key in a URL's query."""
    return [m[2] for m in _QUERY.finditer(text) if is_secret(unquote(m[1]))] if "://" in text else []


def silence(error: BaseException, secrets: Iterable[str]) -> None:
    """Take secrets out of an error, its notes, and all errors that it came from or holds.

    The message of a group of errors is fixed, and is of the code that made the group: it stays.
    """
    secrets = tuple(secrets)
    waiting: list[BaseException | None] = [error] if secrets else []
    seen: set[int] = set()
    while waiting:
        if (one := waiting.pop()) is None or id(one) in seen:
            continue
        seen.add(id(one))
        one.args = tuple(_quiet(a, secrets) for a in one.args)
        for name in ("body", "__notes__") if isinstance(one, BaseExceptionGroup) else ("message", "body", "__notes__"):
            if isinstance(value := getattr(one, name, None), str | dict | list):
                setattr(one, name, _quiet(value, secrets))
        waiting += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]


def _quiet(value: Any, secrets: tuple[str, ...]) -> Any:
    match value:
        case str():
            return without_secrets(value, secrets)
        case dict():
            return {k: _quiet(v, secrets) for k, v in value.items()}
        case list():
            return [_quiet(v, secrets) for v in value]
    return value


def _public(value: Any) -> Any:
    match value:
        case str():
            return without_secrets(_USER.sub(rf"\1{HIDDEN}@", value), _keys_in(value))
        case Mapping():
            return public_settings(value)
        case list() | tuple():
            return [_public(v) for v in value]
    return value
