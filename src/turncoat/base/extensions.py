"""What plug-ins add to a room: found by entry points `turncoat.<group>`, loaded when it is asked for.

A package adds something by naming it in its metadata, for instance in `pyproject.toml`:

```
[project.entry-points."turncoat.scenarios"]
house = "our_package.scenarios:PACK"
```
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, lru_cache, partial
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from typing import Any

from turncoat.base.errors import UsageError


@lru_cache(maxsize=32)
def extensions(group: str) -> Mapping[str, Callable[[], Any]]:
    """What is installed for a room's need.

    Args:
        group: Name of the need: `scenarios`, `studies`, `doors` …

    Returns:
        Name → loader, by name. A loader imports once and gives the same object ever after; it raises UsageError where
        the plug-in is there and cannot be imported. What is declared and whose module is not there is not installed.
    """
    points = sorted(entry_points(group=f"turncoat.{group}"), key=lambda p: p.name)
    return {p.name: cache(partial(_load, p)) for p in points if _is_there(p.module)}


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError as error:
        return not f"{module}.".startswith(f"{error.name}.")
    except Exception:  # its package raises what it likes; loading it says so
        return True


def _load(point: EntryPoint) -> Any:
    try:
        return point.load()
    except Exception as error:  # as above
        why = f"{type(error).__name__}: {error}".splitlines()[0]
        raise UsageError(
            f"plug-in {point.name!r} ({point.group}): {point.value} cannot be loaded ({why}); repair or uninstall it"
        ) from error
