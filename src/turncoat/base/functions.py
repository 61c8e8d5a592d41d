"""Functions of a user's own, by name: `module:function`, or `file.py:function`."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from turncoat.base.errors import TurncoatError, UnknownName, UsageError
from turncoat.base.text import plain

T = TypeVar("T")


def function_named(name: str, what: str, example: str) -> Callable[..., Any]:
    """The function of a name.

    Args:
        name: `module:function`, or `file.py:function`.
        what: What it makes, for messages: `agent`, `guard`.
        example: A name of the form, for messages.

    Raises:
        UnknownName: No such module, file or function, or the module cannot be imported.
    """
    place, colon, attribute = name.rpartition(":")
    if not colon or not place or not attribute:
        raise UnknownName(f"{what} {name!r} is not of the form module:function, such as {example}")
    kind = "file" if place.endswith(".py") else "module"
    try:
        module = _of_file(Path(place).expanduser().resolve()) if kind == "file" else _of_name(place)
    except Exception as error:  # whatever the user's code raises while it is imported
        why = f"{type(error).__name__}: {error}".splitlines()[0]
        raise UnknownName(f"{what} {name!r}: {kind} {place!r} cannot be imported ({why})") from error
    factory: Callable[..., Any] | None = getattr(module, attribute, None)
    if not callable(factory):
        raise UnknownName(f"{what} {name!r}: {kind} {place!r} has no function {attribute!r}")
    return factory


def made_by(make: Callable[..., T], named: str, **options: Any) -> T:
    """What a function of somebody else's makes.

    Args:
        make: The function.
        named: What it is, for the message: `guard 'ours:strict'`.
        options: Its arguments.

    Raises:
        UsageError: It raises something that is none of ours.
    """
    try:
        return make(**options)
    except TurncoatError:
        raise
    except Exception as error:  # whatever the user's code raises
        why = f"{type(error).__name__}: {error}".splitlines()[0]
        raise UsageError(f"{named}: its function raised {plain(why, 200)}") from error


def misfit(make: Callable[..., Any], options: Iterable[str], more: Iterable[str] = ()) -> str:
    """Why a function cannot be called with these options, and which it has; "" if it can, or says nothing of them.

    Args:
        make: The function.
        options: Their names.
        more: Further options that there are beside the function's.
    """
    try:
        known = inspect.signature(make).parameters
    except ValueError:  # a callable that says nothing of its arguments
        return ""
    named = [n for n, p in known.items() if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)]
    needed = [n for n in named if known[n].default is inspect.Parameter.empty]
    takes_any = any(p.kind is p.VAR_KEYWORD for p in known.values())
    its = f"its options are: {', '.join([*named, *more])}"
    if unknown := [n for n in options if n not in named and not takes_any]:
        return f"has no option {unknown[0]!r}; {its}"
    if missing := [n for n in needed if n not in options]:
        return f"needs the option {missing[0]!r}; {its}"
    return ""


def _of_name(name: str) -> ModuleType:
    if (here := str(Path.cwd())) not in sys.path:  # a user's own module stands beside the command
        sys.path.append(here)
    return importlib.import_module(name)


def _of_file(path: Path) -> ModuleType:
    """A file as a module, made once in a process."""
    known = f"turncoat_file:{path}"
    if known in sys.modules:
        return sys.modules[known]
    if (spec := importlib.util.spec_from_file_location(known, path)) is None or spec.loader is None:
        raise ImportError("it is no Python")
    module = sys.modules[known] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[known]
        raise
    return module
