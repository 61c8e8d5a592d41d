"""What Turncoat takes from Inspect Sentinel beside its public interface: here and nowhere else.

Monitors of Inspect Sentinel run under a host. The host that runs ours is Inspect; the one that runs others' in ours is
made of the parts below, which Sentinel keeps for hosts and changes in step with Inspect.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from turncoat.base.errors import UnknownName

if TYPE_CHECKING:
    from inspect_sentinel._host import HostContext
    from inspect_sentinel._integration import run_sentinel, step_types


def is_there() -> bool:
    """Whether Inspect Sentinel is installed."""
    return find_spec("inspect_sentinel") is not None


def need() -> None:
    """See that Inspect Sentinel is installed.

    Raises:
        UnknownName: It is not.
    """
    if not is_there():
        raise UnknownName("monitors of Inspect Sentinel need its package: pip install 'turncoat[sentinel]'")


def __getattr__(name: str) -> Any:  # imported when they are first used: it takes a while, and few need them
    if name not in ("HostContext", "run_sentinel", "step_types"):  # the import system asks for others, such as __path__
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    need()
    if name == "HostContext":
        from inspect_sentinel._host import HostContext

        return HostContext
    from inspect_sentinel import _integration

    return getattr(_integration, name)


__all__ = ["HostContext", "is_there", "need", "run_sentinel", "step_types"]
