"""Broken Unicode and keys out of what providers answer, before Inspect logs it.

A model can answer with half of a surrogate pair: JSON can spell it, and no text in UTF-8 can hold it. Inspect's log
writer fails the whole run over some of them, and spells others out, which moves every offset behind them. So each half
becomes U+FFFD, one character for one, at the only place that comes before everything else: the provider's own answer.
Keys that an answer or an error repeats go at the same place (see `secrets`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import fields, is_dataclass
from typing import Any

from inspect_ai.model import Model, ModelAPI
from pydantic import BaseModel
from pydantic_core import PydanticSerializationError, to_json

from turncoat.base.text import unbroken
from turncoat.providers.inspect_private import active_model, model_roles
from turncoat.providers.secrets import known_secrets, silence, without_secrets

_KEPT = "_turncoat_keeps_sound"

MAX_DEPTH = 50
"""Deepest nesting of lists and objects that is kept; log writers give up at some greater depth."""
TOO_DEEP = "(nested too deeply)"


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
