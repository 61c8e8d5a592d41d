"""Whether an agent can work where it is asked to: said before anything is spent."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from inspect_ai.model import ModelAPI

from turncoat.agents.failing import unsafe
from turncoat.agents.finding import OPTIONS, scaffold_of
from turncoat.base.errors import UsageError
from turncoat.base.files import reason
from turncoat.base.text import plain
from turncoat.providers.inspect_private import registry_find_sandboxenv
from turncoat.providers.sound import LOCAL

HERE, DOCKER = "local", "docker"
"""Inspect's sandbox that is none; the one of containers."""
_DOCKER_NEEDS = {"a running Docker Engine": ("docker", "version"), "Docker Compose": ("docker", "compose", "version")}
_ANSWERS_WITHIN = 60.0
"""Seconds in which Docker has to say that it is there."""


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


def _see_sandbox(given: str) -> None:
    """See that a sandbox can be had.

    Raises:
        UsageError: Inspect has none of this kind, or its file, Docker's engine or Docker's Compose is not there.
    """
    kind = given.partition(":")[0]
    try:
        registry_find_sandboxenv(kind)
    except ValueError as error:
        why = plain(str(error)).removesuffix(".")
        raise UsageError(f"--sandbox {given}: {why}; give docker, local, or another that Inspect knows") from None
    sandbox_given(given)
    for what, command in _DOCKER_NEEDS.items() if kind == DOCKER else ():
        if wrong := _not_answered(command):
            raise UsageError(
                f"--sandbox docker needs {what}, and `{' '.join(command)}` says: {wrong}; install or start it, or give "
                "--sandbox local, which isolates nothing, for a simulated model"
            )


def _not_answered(command: Sequence[str]) -> str:
    """What a command says where it fails, in one line; "" where it does not."""
    try:
        done = subprocess.run(  # noqa: S603 - words of ours
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_ANSWERS_WITHIN, check=False
        )
    except subprocess.TimeoutExpired:
        return f"nothing for {_ANSWERS_WITHIN:.0f} seconds"
    except OSError as error:
        return reason(error)
    said = " ".join((done.stderr.strip() or done.stdout).split())
    return plain(said, 200).rstrip(".") or f"exit code {done.returncode}" if done.returncode else ""


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
        _see_sandbox(sandbox)
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
