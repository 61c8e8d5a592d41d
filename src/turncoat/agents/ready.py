"""Whether an agent can work where it is asked to: said before anything is spent."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from inspect_ai.model import ModelAPI

from turncoat.agents.failing import unsafe
from turncoat.agents.finding import OPTIONS, scaffold_of
from turncoat.base.errors import UsageError
from turncoat.providers.sound import LOCAL

HERE = "local"
"""Inspect's sandbox that is none."""


def with_options(agent: str | None, *, own_tools: bool, unsafe_local: bool) -> str | None:
    """An agent's name with its options.

    Raises:
        UsageError: It is none that has any.
    """
    wanted = [o for o, on in zip(OPTIONS, (own_tools, unsafe_local), strict=True) if on]
    if wanted and (agent is None or scaffold_of(agent) is None):
        raise UsageError(f"--{wanted[0]} goes with a named agent, such as --agent claude-code")
    return "+".join([agent, *wanted]) if agent is not None else None


def sandbox_given(text: str) -> str | tuple[str, str]:
    """A sandbox as Inspect takes it: its kind, or kind and file of settings.

    Raises:
        UsageError: The file is not there.
    """
    kind, colon, file = text.partition(":")
    if not colon:
        return kind
    if not (path := Path(file).expanduser().resolve()).is_file():
        raise UsageError(f"--sandbox {text}: there is no file {path}")
    return kind, str(path)


def find_package(name: str) -> str | None:
    """The version of an installed Python package, or None."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def see_ready(agent: str | None, sandbox: str | None, models: Mapping[str, ModelAPI]) -> None:
    """See that a named agent has a place to work in, and a program there, as far as that can be known.

    Args:
        agent: Its name; None for the default loop.
        sandbox: Where it is to work.
        models: Name → provider of each model that it works with.

    Raises:
        UsageError: It has none, or a real model would work where nothing is isolated.
    """
    scaffold = scaffold_of(agent or "")
    if sandbox is not None:
        sandbox_given(sandbox)
    if scaffold is None:
        return
    if scaffold.needs and find_package(scaffold.needs) is None:
        raise UsageError(
            f"agent {scaffold.name!r} needs the package {scaffold.needs!r} here, which is not installed: "
            f"pip install {scaffold.needs}; the extra 'agents' has it for Claude Code, Codex and OpenCode"
        )
    if sandbox is None:
        raise UsageError(f"agent {scaffold.name!r} works in a sandbox and none is given: --sandbox docker, or local")
    if sandbox != HERE:
        return
    real = next((name for name, api in models.items() if type(api).__name__ not in LOCAL), None)
    if real is not None and OPTIONS[1] not in (agent or "").split("+"):
        raise UsageError(unsafe(scaffold.name, real))
    if shutil.which(scaffold.program) is None:
        raise UsageError(
            f"agent {scaffold.name!r}: there is no program {scaffold.program!r} here; "
            f"npm install --global {scaffold.package}"
        )
