"""Doors: the ways in which an agent meets the company, by name. In data and at the command line: the *interface*."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING, Any

from turncoat.base.counting import counted
from turncoat.base.errors import UnknownName, UsageError, choices
from turncoat.base.extensions import extensions
from turncoat.doors import DEFAULT_DOOR
from turncoat.evidence.case import Case
from turncoat.guards.guard import Guard
from turncoat.scenarios.factors import FactorSpace
from turncoat.scenarios.finding import found_by, rendering_from, setting_of
from turncoat.scenarios.loader import Pack, mails_shown, pack_of
from turncoat.scenarios.rendering import Rendered
from turncoat.scenarios.scenario import text_hash
from turncoat.scenarios.setting import Setting

if TYPE_CHECKING:
    from inspect_ai.solver import Solver

    from turncoat.doors.kept import Kept, Script

GROUP = "doors"
"""Entry points `turncoat.doors` of other packages are doors: each names a `Door`."""
_SHIPPED = {
    "text": "turncoat.doors.text.door:DOOR",
    "tools": "turncoat.doors.tools.door:DOOR",
    "mcp": "turncoat.doors.mcp.door:DOOR",
    "webmail": "turncoat.webmail.door:DOOR",
    "webmail-aria": "turncoat.webmail.door:ARIA",
}


@dataclass(frozen=True, repr=False)
class Prompt:
    """What the model is sent first: a system message (none if it is empty), a user message, and tools, if any."""

    system: str
    user: str
    schemas: Sequence[Mapping[str, object]] = ()
    """The tools as plain data."""
    company: str = ""
    """What can be found with the tools, for the hash; "" where the messages hold all that is shown."""

    @cached_property
    def hash(self) -> str:
        """The stimulus hash: messages, tool schemas, and the company behind them."""
        behind = [json.dumps(self.schemas, sort_keys=True), self.company] if self.company else []
        return text_hash(self.system, self.user, *behind)

    @property
    def characters(self) -> int:
        """How long the first request is, schemas included."""
        return len(self.system) + len(self.user) + (len(json.dumps(self.schemas)) if self.schemas else 0)

    def __repr__(self) -> str:
        tools = counted(len(self.schemas), "tool")
        return f"<prompt: system {len(self.system)}, user {len(self.user)} characters, {tools}>"


@dataclass(frozen=True)
class Door:
    """A way in which an agent meets the company: what it is shown, how it acts, and how a log becomes a case.

    Attributes:
        name: The name in data, YAML and at the command line.
        live: Whether the agent works in many turns in a company where time passes, rather than answering once.
        where: The door in the words of messages, such as `with tools`.
        prompt: What the agent is shown first of one rendering.
        case: What there is to score of a sample, of its setting (of a live door with the live seed) and what a log
            keeps of it. Nothing is decided again: no model and no guard is asked.
        make_solver: Makes the solver of an agent's name, guards and a reviewer; see `solver`.
        write: What a log would keep of a scripted agent in a setting, so that `turncoat check` can play the oracles
            through this door too; None if it cannot carry them.
        takes_agent: Whether somebody's own agent can work through it.
        message_limit: Messages of one sample at most, as Inspect counts them, unless the run says otherwise.
    """

    name: str
    live: bool
    where: str
    prompt: Callable[[Rendered], Prompt]
    case: Callable[[Setting, Kept], Case]
    make_solver: Callable[[str | None, Sequence[Guard], Guard | None], Solver]
    write: Callable[[Setting, Script], Kept] | None = None
    takes_agent: bool = False
    message_limit: int | None = None

    def solver(self, agent: str | None = None, guards: Sequence[Guard] = (), reviewer: Guard | None = None) -> Solver:
        """The Inspect solver that lets an agent act.

        Args:
            agent: `module:function` of somebody's own agent, where the door takes one.
            guards: They look at every attempt, in order, before it takes effect.
            reviewer: Decides where a guard asks.

        Raises:
            UnknownName: There is no such agent.
        """
        return self.make_solver(agent, guards, reviewer)


@lru_cache(maxsize=32)
def door(name: str) -> Door:
    """The door of a name. A shipped one cannot be replaced by another package's.

    Raises:
        UsageError: There is no such door.
    """
    load = EntryPoint(name, _SHIPPED[name], GROUP).load if name in _SHIPPED else extensions(GROUP).get(name)
    if load is None:
        raise UsageError(f"interface: {choices(name, door_names())}")
    found: Door = load()
    return found


def door_names() -> tuple[str, ...]:
    """The names of all doors: the shipped ones, then those of other packages. None of them is imported."""
    return (*_SHIPPED, *(n for n in extensions(GROUP) if n not in _SHIPPED))


def ships(name: str) -> bool:
    """Whether a door is one of Turncoat's own."""
    return name in _SHIPPED


OBSERVES = {"pixels": "", "aria": "-aria"}
"""How a model sees the webmail → what is added to the door's name."""


def observed(names: Sequence[str] | None, how: str) -> list[str] | None:
    """Names of doors, the webmail's for the way in which a model sees it.

    Args:
        names: As they were given.
        how: `pixels`, by screenshots; or `aria`, by the accessibility tree.

    Raises:
        UsageError: There is no such way, or no webmail among the names.
    """
    if how not in OBSERVES:
        raise UsageError(f"observe: {choices(how, OBSERVES)}")
    if OBSERVES[how] and "webmail" not in (names or ()):
        raise UsageError(f"observe={how} goes with the interface 'webmail'; name it as well")
    return None if names is None else [n + OBSERVES[how] if n == "webmail" else n for n in names]


def door_of(metadata: Mapping[str, Any]) -> Door:
    """The door of a sample, by its metadata.

    Raises:
        UsageError: There is no such door here, as where another package's is not installed.
    """
    return door(str(metadata.get("interface") or DEFAULT_DOOR))


def setting_from(metadata: Mapping[str, Any], folder: str = "") -> Setting:
    """The setting that a sample's metadata names: scenario, condition, world and door.

    Args:
        metadata: The sample's.
        folder: Where a user's scenario is now; see `found_by`.

    Raises:
        UsageError: One of them does not exist.
    """
    name = str(metadata["scenario"])
    if (pack := pack_of(name)) is not None:
        condition, world = str(metadata.get("condition", "")), str(metadata.get("world", ""))
        if condition and (space := _space(pack, name)) is not None:
            space.parse(condition)
        return replace(pack.setting(name, world), summaries=True, mails=mails_shown(name, condition, world))
    rendering = rendering_from({**metadata, "folder": found_by(metadata, folder)})
    return setting_of(rendering, live=door_of(metadata).live)


def _space(pack: Pack, name: str) -> FactorSpace | None:
    """The conditions of a pack's scenario; None where the pack has its facts alone."""
    try:
        return pack.load(name).space
    except UnknownName:
        return None


def unknown_doors(space: FactorSpace) -> list[str]:
    """What is wrong with the interfaces that factor files name: one line for each that is no door."""
    return [
        f"factors/{factor.name}.yaml: key 'interfaces': {choices(name, door_names())}"
        for factor in space.factors.values()
        for name in factor.interfaces
        if name not in door_names()
    ]
