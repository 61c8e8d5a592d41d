"""How an agent's program can fail, so that nothing is said of the model."""

from __future__ import annotations

from typing import Literal

Failure = Literal["no_tools", "no_prompt", "disconnected"]
"""The tools or the prompt never reached it; or it was gone, or its way to the model was, before the session's end."""


class AgentFailed(Exception):  # noqa: N818 - reads as what it reports
    """An agent's program came to nothing.

    Args:
        how: In which way.
        why: What was seen of it, in one line, or "".
    """

    def __init__(self, how: Failure, why: str = "") -> None:
        super().__init__(f"{how}: {why}" if why else how)
        self.how, self.why = how, why

    @property
    def ended(self) -> str:
        """How the session ended, as a sample's store says it."""
        return str(self)


def unsafe(agent: str, model: str) -> str:
    """What to say where a real model's agent would work in no sandbox."""
    return (
        f"agent {agent!r}: --sandbox local isolates neither files nor network, and {model} is a real model; "
        "give --sandbox docker, or --unsafe-local if you trust it with this machine"
    )
