"""Monitors by name: those that ship, other packages', a user's own, and those of Inspect Sentinel."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from turncoat.base.errors import UnknownName, UsageError, choices
from turncoat.base.extensions import extensions
from turncoat.base.functions import function_named, made_by
from turncoat.guards.monitors.model import ModelMonitor
from turncoat.guards.monitors.monitor import Cascade, Ensemble, Monitor
from turncoat.guards.monitors.rules import RuleMonitor
from turncoat.guards.monitors.view import Sees
from turncoat.guards.monitors.view import sees as view_named
from turncoat.providers.models import resolve_model

if TYPE_CHECKING:
    from inspect_ai.model import Model

GROUP = "monitors"
"""Entry points `turncoat.monitors` of other packages are monitors: each names a function that makes one."""
SHIPPED = ("rules", "model", "cascade", "ensemble", "ensemble_max")
SENTINEL = "sentinel:"
"""What stands before the name of somebody's monitor of Inspect Sentinel: `sentinel:module:function`."""


def monitor_names() -> tuple[str, ...]:
    """The names of all monitors: the shipped ones, then those of other packages. None of them is imported."""
    return (*SHIPPED, *(n for n in extensions(GROUP) if n not in SHIPPED))


def needs_model(name: str) -> bool:
    """Whether a shipped monitor of this name asks a model."""
    return name in SHIPPED and name != "rules"


def make_monitor(name: str, *, sees: str = "", model: str = "") -> Monitor:
    """A monitor by name.

    Args:
        name: `rules`; `model`; `cascade`: the rules first, the model about what they find suspicious; `ensemble`: the
            mean of both, `ensemble_max` the higher; one of another package; `module:function` of a user's own, which
            returns a monitor; or `sentinel:module:function`, which returns one of Inspect Sentinel.
        sees: `act`, `acts` or `reasoning`; the monitor's usual view if "".
        model: The model of those that ask one; the role `monitor` of the running evaluation if "".

    Raises:
        UsageError: There is none of this name, or no such view.
        UnknownName: A module, function or model that is not there.
    """
    view = view_named(sees) if sees else None
    if name in SHIPPED:
        rules = RuleMonitor(view or "act")
        if name == "rules":
            return rules
        asked: Model | None = resolve_model(model) if model else None
        reader = ModelMonitor(asked, view or "acts")
        if name == "model":
            return reader
        return Cascade(rules, reader) if name == "cascade" else Ensemble([rules, reader], _how(name))
    if name.startswith(SENTINEL):
        return _of_sentinel(name, view)
    return _checked(made_by(_factory(name), f"monitor {name!r}"), name)


def _of_sentinel(name: str, view: Sees | None) -> Monitor:
    try:
        from turncoat.guards.monitors.sentinel import from_sentinel
    except ModuleNotFoundError as error:
        raise UnknownName(f"monitor {name!r}: {error}; install it by: pip install 'turncoat[sentinel]'") from None
    make = function_named(name.removeprefix(SENTINEL), "monitor", "ours.monitors:careful")
    return from_sentinel(made_by(make, f"monitor {name!r}"), view)


def _how(name: str) -> Any:
    return "max" if name == "ensemble_max" else "mean"


def _factory(name: str) -> Callable[[], object]:
    if (load := extensions(GROUP).get(name)) is not None:
        make: Callable[[], object] = load()  # whatever the package names
        return make
    if ":" in name:
        return function_named(name, "monitor", "ours.monitors:careful")
    raise UsageError(f"monitor: {choices(name, [*monitor_names(), 'module:function', 'sentinel:module:function'])}")


def _checked(found: object, name: str) -> Monitor:
    if not isinstance(found, Monitor) or not callable(found.judge) or not found.name:
        raise UsageError(
            f"monitor {name!r}: its function gave {type(found).__name__}, which has no name, sees and judge"
        )
    view_named(str(found.sees))
    return found
