"""Which sample a simulated model is answering: from Inspect's sample state, never from the prompt."""

from __future__ import annotations

from dataclasses import dataclass

from inspect_ai.solver._task_state import sample_state

from turncoat.errors import UsageError


@dataclass(frozen=True)
class Identity:
    """The sample at hand."""

    scenario: str
    condition: str
    levels: dict[str, str]
    world: str
    epoch: int


def current_sample() -> Identity:
    """The sample that is being run.

    Raises:
        UsageError: There is none, or it is not one of Turncoat's.
    """
    state = sample_state()
    metadata = state.metadata if state is not None else {}
    if state is None or "world" not in metadata:
        raise UsageError("sim/… models answer Turncoat's own tasks only, such as turncoat/blackmail")
    return Identity(
        scenario=str(metadata["scenario"]),
        condition=str(metadata["condition"]),
        levels=dict(metadata.get("levels", {})),
        world=str(metadata["world"]),
        epoch=state.epoch,
    )
