"""What callers from Python give: each argument is held against its annotation before anything is done."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, wraps
from inspect import Parameter, getdoc, isclass, isfunction, signature
from numbers import Integral, Real
from pathlib import Path
from types import NoneType, SimpleNamespace, UnionType
from typing import Annotated, Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from turncoat.base.errors import UsageError, did_you_mean
from turncoat.base.text import unbroken

F = TypeVar("F", bound=Callable[..., Any])
SHOWN = 60
"""Characters of a value that a message shows."""
_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]+:)/(?!/)")
_SENTENCE = re.compile(r"(?<=[.]) (?=[A-Z])")
_WORDS = {
    str: ("a text", "texts"),
    Path: ("a path", "paths"),
    int: ("a whole number", "whole numbers"),
    float: ("a number", "numbers"),
    bool: ("True or False", "truth values"),
    NoneType: ("None", "None"),
}


class _Unfit(Exception):  # noqa: N818 - it never leaves this file
    """What was found where something else was expected; `inside` says that it stands among others, which fit."""

    def __init__(self, found: str, inside: bool = False) -> None:
        self.found, self.inside = found, inside


def checked(function: F) -> F:
    """Have a function refuse what it cannot mean, in one line that names the argument and what would do.

    The annotations say what fits: texts, paths, numbers (numpy's too), truth values, lists or other iterables of these,
    mappings, functions, objects of a class or of a protocol. Iterables come as lists, `~` in a path as the folder
    of the user. None is as good as nothing where the default is that nothing is named.

    Raises:
        UsageError: When called: an argument that is unknown, missing or of another kind.
    """
    parameters = signature(function).parameters

    @cache
    def hints() -> dict[str, Any]:  # at the first call: an annotation may name what stands further down
        told = {p.name: p.annotation for p in parameters.values() if p.annotation is not Parameter.empty}
        return get_type_hints(SimpleNamespace(__annotations__=told), getattr(function, "__globals__", {}))

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            bound = signature(function).bind(*args, **kwargs)
        except TypeError as error:
            strange = next((k for k in kwargs if k not in parameters), None)
            said = error if strange is None else f"there is no argument {strange!r}{did_you_mean(strange, parameters)}"
            raise UsageError(f"{function.__name__}: {said}") from None
        for name, kind in hints().items():
            if name not in bound.arguments:
                continue
            given = bound.arguments[name]
            if parameters[name].kind is Parameter.VAR_KEYWORD:
                fitting: Any = {k: _fitted(function, k, v, kind, parameters[name]) for k, v in given.items()}
            else:
                fitting = _fitted(function, name, given, kind, parameters[name])
            bound.arguments[name] = fitting
        return function(*bound.args, **bound.kwargs)

    return cast(F, call)


def _fitted(function: Callable[..., Any], name: str, value: Any, kind: Any, parameter: Parameter) -> Any:
    if value is None and parameter.default is not Parameter.empty and not parameter.default:
        return parameter.default
    try:
        if isinstance(value, str) and value != unbroken(value):
            raise _Unfit(f"{_shown(value)} (half of a character, which nothing can be called)")
        if isinstance(value, str) and not value and parameter.default is Parameter.empty and Path in _kinds(kind):
            raise _Unfit("''")
        return _fit(value, kind)
    except _Unfit as unfit:
        place, said = f"{function.__name__}: {name}", _said(function, parameter.name)
        raise UsageError(f"{place}: expected {_expected(kind)}, found {unfit.found}{said}") from None


def _fit(value: Any, kind: Any) -> Any:
    """The value as its kind has it."""
    kinds = _kinds(kind)
    if Path in kinds and isinstance(value, str | os.PathLike):
        return _place(value)
    deepest = _Unfit(_shown(value))
    for one in kinds:
        try:
            return _fit_one(value, one)
        except _Unfit as unfit:
            deepest = unfit if unfit.inside else deepest
    raise deepest


def _fit_one(value: Any, kind: Any) -> Any:
    origin = get_origin(kind) or kind
    if origin is Any:
        return value
    if origin is bool and type(value).__name__ in ("bool", "bool_"):  # numpy's has no base of Python's
        return bool(value)
    if origin in (int, float) and isinstance(value, Integral if origin is int else Real):
        if not isinstance(value, bool) and value == value:  # not: not a number
            return origin(value)
    elif origin is str and isinstance(value, str):
        return str(value)
    elif origin is Callable or origin is NoneType:
        if callable(value) if origin is Callable else value is None:
            return value
    elif isclass(origin) and issubclass(origin, Mapping):
        if isinstance(value, Mapping) or (hasattr(value, "keys") and getattr(value, "ndim", 1) == 1):
            return {_inside(k, get_args(kind)[0], k): _inside(v, get_args(kind)[1], k) for k, v in value.items()}
    elif isclass(origin) and issubclass(origin, Iterable) and get_args(kind):
        if _several(value):
            return [_inside(v, get_args(kind)[0], n) for n, v in enumerate(value)]
    elif getattr(origin, "_is_protocol", False):
        if not isclass(value) and all(callable(getattr(value, n, None)) for n in _methods(origin)):
            return value
    elif origin not in _WORDS and isinstance(value, origin):
        return value
    raise _Unfit(_shown(value))


def _inside(value: Any, kind: Any, at: object) -> Any:
    try:
        return _fit(value, kind)
    except _Unfit as unfit:
        raise _Unfit(unfit.found if unfit.inside else f"{unfit.found} at [{at!r}]", inside=True) from None


def _several(value: Any) -> bool:
    """Whether it is values one after another: not a text, not a mapping, not a frame, whose columns it would name."""
    single = isinstance(value, str | bytes | Mapping) or isclass(value) or getattr(value, "ndim", 1) != 1
    return isinstance(value, Iterable) and not single


def _place(value: str | os.PathLike[str]) -> str | Path:
    """A path, or a text that may be one."""
    path = os.path.expanduser(os.fspath(value))
    if not isinstance(value, str) and (address := _ADDRESS.match(path)):
        raise _Unfit(f"{_shown(value)} (as a path it has lost a slash: give the address {address[1]}//… as a text)")
    try:
        if isinstance(path, str) and b"\0" not in os.fsencode(path):
            return path if isinstance(value, str) else Path(path)
    except UnicodeError:
        pass
    raise _Unfit(f"{_shown(value)} (no name of a file)")


def _kinds(kind: Any) -> list[Any]:
    """What any of which fits: the members of a union, however deep, or the kind alone."""
    origin = get_origin(kind)
    if origin is Annotated:
        return _kinds(get_args(kind)[0])
    return [k for inner in get_args(kind) for k in _kinds(inner)] if origin in (Union, UnionType) else [kind]


def _methods(protocol: type) -> list[str]:
    return [n for n, value in vars(protocol).items() if isfunction(value) and not n.startswith("_")]


def _expected(kind: Any, many: bool = False) -> str:
    """The kinds in words."""
    kinds = _kinds(kind)
    words = list(dict.fromkeys(_word(k, many) for k in kinds[:8]))
    if len(kinds) > 8:  # such as all actions
        return f"{', '.join(words[:3])} …"
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _word(kind: Any, many: bool) -> str:
    origin = get_origin(kind) or kind
    if origin in _WORDS:
        return _WORDS[origin][many]
    if origin is Callable:
        return "a function"
    if isclass(origin) and issubclass(origin, Mapping):
        return "a mapping"
    if isclass(origin) and issubclass(origin, Iterable) and get_args(kind):
        return f"a list of {_expected(get_args(kind)[0], many=True)}"
    name = origin.__name__
    with_methods = (
        f" (an object with `{'`, `'.join(_methods(origin))}`)" if getattr(origin, "_is_protocol", False) else ""
    )
    return f"{name}s{with_methods}" if many else f"{'an' if name[0] in 'AEIOU' else 'a'} {name}{with_methods}"


def _shown(value: Any) -> str:
    """A value for a message: plain ones as they stand, others by their kind."""
    if isclass(value):
        return f"the class {value.__name__}"
    if isinstance(value, str | bytes | bool | Real | NoneType | os.PathLike) and not hasattr(value, "ndim"):
        text = repr(value) if not isinstance(value, os.PathLike) else f"the path {os.fspath(value)!r}"
        return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
    if isinstance(value, Real):
        return f"{value!s} ({type(value).__name__})"
    return type(value).__name__


def _said(function: Callable[..., Any], name: str) -> str:
    """What the documentation says of an argument, in its first sentence."""
    text = re.search(rf"^ +\*{{0,2}}{name}: (.+(?:\n {{8,}}.+)*)", getdoc(function) or "", re.MULTILINE)
    return f" ({_SENTENCE.split(' '.join(text[1].split()))[0].rstrip('.')})" if text else ""


__all__ = ["checked"]
