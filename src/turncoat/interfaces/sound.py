"""Broken Unicode out of what models write, before Inspect logs it.

A model can answer with half of a surrogate pair: JSON can spell it, and no text in UTF-8 can hold it. Inspect's log
writer fails the whole run over some of them, and spells others out, which moves every offset behind them. So each half
becomes U+FFFD, one character for one, at the only place that comes before everything else: the provider's own answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from typing import Any

from inspect_ai.model import Model, ModelAPI
from inspect_ai.model._model import active_model, model_roles
from pydantic import BaseModel
from pydantic_core import PydanticSerializationError, to_json

_HALF = re.compile("[\ud800-\udfff]")
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
        return sound(await type(api).generate(api, *args, **kwargs))

    api.generate = soundly  # type: ignore[method-assign]
    setattr(api, _KEPT, True)


def sound(value: Any) -> Any:
    """The value without halves of surrogate pairs and bottomless nesting; the very same value where it holds none.

    Args:
        value: What a provider returned: a `ModelOutput`, or a pair of it and a `ModelCall`.
    """
    try:
        to_json(value, fallback=lambda _: None)
    except (PydanticSerializationError, UnicodeError, ValueError):
        return _mended(value)
    return value


def _mended(value: Any, depth: int = 0) -> Any:
    if depth > MAX_DEPTH:
        return _HALF.sub("\ufffd", value) if isinstance(value, str) else TOO_DEEP
    match value:
        case str():
            return _HALF.sub("\ufffd", value)
        case BaseModel():
            _mend_fields(value, type(value).model_fields, depth)
        case dict():
            return {_mended(k): _mended(v, depth + 1) for k, v in value.items()}
        case list():
            return [_mended(v, depth + 1) for v in value]
        case tuple():
            return tuple(_mended(v, depth + 1) for v in value)
        case _ if is_dataclass(value) and not isinstance(value, type):
            _mend_fields(value, [f.name for f in fields(value)], depth)
    return value


def _mend_fields(thing: Any, names: Iterable[str], depth: int) -> None:
    for name in names:
        value = getattr(thing, name)
        if value is not None:
            object.__setattr__(thing, name, _mended(value, depth + 1))
