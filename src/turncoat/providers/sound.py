"""Broken Unicode and keys out of what providers answer, before Inspect logs it, and out of all else that is written.

A model can answer with half of a surrogate pair: JSON can spell it, and no text in UTF-8 can hold it. Inspect's log
writer fails the whole run over some of them, and spells others out, which moves every offset behind them. So each half
becomes U+FFFD, one character for one, at the only place that comes before everything else: the provider's own answer.

A provider that refuses a key often repeats it in its answer, and clients put that answer into their errors. What this
process knows as a secret (its own key of a model, and the environment's variables that are named like keys) is
replaced wherever a provider's answer or error would carry it on: to logs, reports, and lines on the terminal.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any
from urllib.parse import unquote

from inspect_ai.model import Model, ModelAPI
from pydantic import BaseModel
from pydantic_core import PydanticSerializationError, to_json

from turncoat.base.text import unbroken
from turncoat.providers.inspect_private import active_model, model_roles

_KEPT = "_turncoat_keeps_sound"

MAX_DEPTH = 50
"""Deepest nesting of lists and objects that is kept; log writers give up at some greater depth."""
TOO_DEEP = "(nested too deeply)"

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


def _public(value: Any) -> Any:
    match value:
        case str():
            return without_secrets(_USER.sub(rf"\1{HIDDEN}@", value), _keys_in(value))
        case Mapping():
            return public_settings(value)
        case list() | tuple():
            return [_public(v) for v in value]
    return value


def keep_active_sound() -> None:
    """As `keep_sound`, for the model at work and every model that has a role in the run."""
    model = active_model()
    keep_sound(m for m in (model, *model_roles().values()) if m is not None)


def keep_sound(models: Iterable[Any]) -> None:
    """From now on these models' outputs hold no half of a surrogate pair, in any text, name or argument.

    Args:
        models: Models, or lists of them; what is none is passed over. A model that is kept sound already stays so.
    """
    for model in models:
        if isinstance(model, list | tuple):
            keep_sound(model)
        elif isinstance(model, Model) and not getattr(model.api, _KEPT, False):
            _wrap(model.api)


def _wrap(api: ModelAPI) -> None:
    async def soundly(*args: Any, **kwargs: Any) -> Any:
        secrets = known_secrets(api)
        try:
            answer = await type(api).generate(api, *args, **kwargs)
        except Exception as error:
            silence(error, secrets)
            raise
        for part in answer if isinstance(answer, tuple) else ():
            if isinstance(part, Exception):  # how some providers hand on a request that was refused
                silence(part, secrets)
        return sound(answer, secrets)

    api.generate = soundly  # type: ignore[method-assign]
    setattr(api, _KEPT, True)


def sound(value: Any, secrets: Collection[str] = ()) -> Any:
    """The value without halves of surrogate pairs, bottomless nesting, and secrets.

    Args:
        value: What a provider returned: a `ModelOutput`, or a pair of it and a `ModelCall`.
        secrets: What it must not hold.

    Returns:
        The very same value where it holds none of these.
    """
    try:
        written = to_json(value, fallback=lambda _: None)
    except (PydanticSerializationError, UnicodeError, ValueError):
        return _mended(value, secrets)
    if any(to_json(secret)[1:-1] in written for secret in secrets):
        return _mended(value, secrets)
    return value


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
        one.args = tuple(_mended(a, secrets) for a in one.args)
        for name in ("body", "__notes__") if isinstance(one, BaseExceptionGroup) else ("message", "body", "__notes__"):
            if isinstance(value := getattr(one, name, None), str | dict | list):
                setattr(one, name, _mended(value, secrets))
        waiting += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]


def _text(text: str, secrets: Collection[str]) -> str:
    return without_secrets(unbroken(text), secrets)


def _mended(value: Any, secrets: Collection[str], depth: int = 0) -> Any:
    if depth > MAX_DEPTH:
        return _text(value, secrets) if isinstance(value, str) else TOO_DEEP
    match value:
        case str():
            return _text(value, secrets)
        case BaseModel():
            _mend_fields(value, type(value).model_fields, secrets, depth)
        case dict():
            return {_mended(k, secrets): _mended(v, secrets, depth + 1) for k, v in value.items()}
        case list():
            return [_mended(v, secrets, depth + 1) for v in value]
        case tuple():
            return tuple(_mended(v, secrets, depth + 1) for v in value)
        case _ if is_dataclass(value) and not isinstance(value, type):
            _mend_fields(value, [f.name for f in fields(value)], secrets, depth)
    return value


def _mend_fields(thing: Any, names: Iterable[str], secrets: Collection[str], depth: int) -> None:
    for name in names:
        value = getattr(thing, name)
        if value is not None:
            object.__setattr__(thing, name, _mended(value, secrets, depth + 1))
