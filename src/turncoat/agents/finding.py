"""Agents by name: a registered one, `module:function`, or `file.py:function`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from inspect_ai.agent import as_solver, is_agent
from inspect_ai.solver import Solver
from inspect_ai.tool import Tool, ToolDef

from turncoat.agents.scaffolds import SCAFFOLDS, Scaffold
from turncoat.agents.working import program_agent
from turncoat.base.errors import UnknownName, choices
from turncoat.base.extensions import extensions
from turncoat.base.functions import function_named

GROUP = "agents"
"""Entry points `turncoat.agents` of other packages are command-line agents: each names a `Scaffold`."""
OPTIONS = ("own-tools", "unsafe-local")
"""What can stand behind a registered agent's name, after a plus."""


def named_agent(name: str, tools: Sequence[Tool | ToolDef]) -> Solver:
    """Make the agent that a name means.

    Args:
        name: See `find_agent`.
        tools: What the agent is given.
    """
    factory = find_agent(name)
    made = factory(tools=tools) if "tools" in inspect.signature(factory).parameters else factory()
    if not callable(made):
        raise UnknownName(f"agent {name!r}: gave {type(made).__name__}, which is no Inspect agent or solver")
    return as_solver(made) if is_agent(made) else made


def agent_names() -> tuple[str, ...]:
    """The names of command-line agents: those that are known here, then those of other packages."""
    return (*SCAFFOLDS, *(n for n in extensions(GROUP) if n not in SCAFFOLDS))


def scaffold_of(name: str) -> Scaffold | None:
    """The command-line agent that a name means, without its options; None if it means none."""
    bare = name.partition("+")[0]
    if (found := SCAFFOLDS.get(bare)) is not None:
        return found
    load = extensions(GROUP).get(bare)
    return load() if load is not None else None


def acting_tools(name: str | None) -> frozenset[str]:
    """Names of a registered agent's own tools that do something, where they are on."""
    found = scaffold_of(name or "")
    return found.acting if found is not None and OPTIONS[0] in (name or "").split("+") else frozenset()


def find_agent(name: str) -> Callable[..., Any]:
    """The function that makes an agent or a solver.

    Args:
        name: A registered agent (`claude-code`, `claude-code+own-tools`), `module:function`, or `file.py:function`. The
            function returns an Inspect agent or solver. It is given the session's tools as `tools`, if it takes such an
            argument; a solver also finds them in the state.

    Raises:
        UnknownName: No such agent, module, file or function, or one that needs more than `tools`.
    """
    if (scaffold := scaffold_of(name)) is not None:
        options = name.split("+")[1:]
        for option in options:
            if option not in OPTIONS:
                raise UnknownName(f"agent {name!r}: option {choices(option, OPTIONS)}")
        own, unsafe = (option in options for option in OPTIONS)
        return partial(program_agent, scaffold, own_tools=own, unsafe_local=unsafe)
    if ":" not in name:
        raise UnknownName(f"agent: {choices(name, agent_names())}; or module:function, or file.py:function")
    found = function_named(name, "agent", "inspect_ai.agent:react")
    if needed := [n for n in _needed(found) if n != "tools"]:
        raise UnknownName(
            f"agent {name!r}: needs {', '.join(needed)}, and is given nothing but tools: give it a default"
        )
    return found


def _needed(function: Callable[..., Any]) -> Sequence[str]:
    """Names of the arguments that a function cannot do without."""
    free = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    parameters = inspect.signature(function).parameters.values()
    return [p.name for p in parameters if p.default is p.empty and p.kind not in free]
