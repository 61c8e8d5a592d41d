"""Functions of a user's own, by name: `module:function`."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from turncoat.base.errors import UnknownName


def function_named(name: str, what: str, example: str) -> Callable[..., Any]:
    """The function of a name.

    Args:
        name: `module:function`.
        what: What it makes, for messages: `agent`, `guard`.
        example: A name of the form, for messages.

    Raises:
        UnknownName: No such module or function.
    """
    module_name, colon, attribute = name.partition(":")
    if not colon or not module_name or not attribute:
        raise UnknownName(f"{what} {name!r} is not of the form module:function, such as {example}")
    if (here := str(Path.cwd())) not in sys.path:  # a user's own module stands beside the command
        sys.path.append(here)
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise UnknownName(f"{what} {name!r}: module {module_name!r} cannot be imported: {error}") from None
    factory = getattr(module, attribute, None)
    if not callable(factory):
        raise UnknownName(f"{what} {name!r}: module {module_name!r} has no function {attribute!r}")
    return factory  # type: ignore[no-any-return]  # whatever the user's function is
