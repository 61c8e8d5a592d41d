"""Regular expressions that are compiled when they are first used.

What reads answers and judges texts has some two hundred. A run would otherwise compile them before its first request,
which is a twentieth of its start.
"""

from __future__ import annotations

import re
from typing import Any, cast

_METHODS = ("search", "match", "fullmatch", "finditer", "findall", "split", "sub", "subn")


class _Later:
    """Stands for a compiled expression; after the first use its methods are that one's own."""

    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern, self.flags = pattern, flags

    def __getattr__(self, name: str) -> Any:
        if name not in _METHODS:
            raise AttributeError(name)
        compiled = re.compile(self.pattern, self.flags)
        vars(self).update((method, getattr(compiled, method)) for method in _METHODS)
        return getattr(compiled, name)


def later(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """An expression to be used by its methods alone; a mistake in it shows at its first use.

    Args:
        pattern: As `re.compile` takes it.
        flags: Likewise.
    """
    return cast("re.Pattern[str]", _Later(pattern, flags))
