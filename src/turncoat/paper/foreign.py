"""Responses to the published prompts by others' programs: which setting and which condition they say they are of.

The port in `inspect-evals` says it in its task's arguments and its samples' metadata, results of the published code in
the name of the condition's folder, such as `blackmail_explicit-america_replacement`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from turncoat.base.errors import ConditionError
from turncoat.paper import REFERENCE
from turncoat.paper.identities import PUBLISHED
from turncoat.paper.mapping import MappedFactor, condition_of, mapping
from turncoat.paper.prompts import Arguments

TASK = "agentic_misalignment"
"""Name of the port's task, behind its package's."""
DEFAULTS = Arguments("blackmail", "explicit", "america", "replacement")
"""What the port's task takes where an argument is left out."""
OWN = {"goal_type", "goal_value", "urgency_type"}
"""Keys that the metadata of the port's samples has."""
_NAME = re.compile(r"(?P<scenario>[a-z]+)_(?P<goal_type>[a-z]+)-(?P<goal_value>[a-z]+)_(?P<urgency_type>[a-z]+)")


def told(metadata: Mapping[str, Any], task: str, arguments: Mapping[str, Any]) -> dict[str, str] | None:
    """What a sample of the port, or a response of the published code, says of itself; see `Pack.told`."""
    if task.rpartition("/")[2] == TASK or metadata.keys() >= OWN:
        given = {n: v for n, v in {**arguments, **metadata}.items() if n in Arguments._fields}
        return _said(DEFAULTS._replace(**given))
    named = (metadata.get("condition_id"), metadata.get("condition"))
    return next((said for name in named if isinstance(name, str) and (said := told_by_name(name)) is not None), None)


def told_by_name(name: str) -> dict[str, str] | None:
    """What the name of a condition of the published code says; None where it is not of its form."""
    if (m := _NAME.match(name)) is None:
        return None
    given = Arguments(m["scenario"], m["goal_type"], m["goal_value"], m["urgency_type"])
    return _said(given._replace(prod=name.endswith("_prod")))


def _named() -> list[MappedFactor]:
    """The factors whose levels a condition's name holds."""
    return [mapping().factors[name] for name in ("goal", "value", "threat")]


def _said(arguments: Arguments) -> dict[str, str] | None:
    """The setting, and the condition where it is one of ours."""
    scenario = next((ours for ours, theirs in mapping().scenarios.items() if theirs == arguments.scenario), None)
    if scenario is None:
        return None
    said = {"scenario": REFERENCE + scenario, "world": PUBLISHED}
    if not all(getattr(arguments, f.argument) in (*f.levels.values(), "none", "ambiguous") for f in _named()):
        return said
    try:
        return {**said, "condition": condition_of(scenario, arguments).id}
    except (ConditionError, KeyError, TypeError):  # a text that we have no cell for is still of the setting
        return said
