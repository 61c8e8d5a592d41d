"""Which sample a simulated model is answering: from Inspect's sample state, never from the prompt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from turncoat.base.errors import UsageError
from turncoat.providers.inspect_private import sample_state
from turncoat.scenarios.factors import Condition
from turncoat.scenarios.loader import load_scenario
from turncoat.scenarios.rendering import Rendered
from turncoat.scenarios.scenario import Scenario


@dataclass(frozen=True)
class Identity:
    """The sample at hand."""

    model: str
    """The model under test, as Inspect names it."""
    scenario: Scenario
    condition: Condition
    world: str
    epoch: int

    def render(self) -> Rendered:
        """Its condition in its world; agent and judges of a sample share it."""
        return _rendered(self.scenario, self.condition, self.world)


@lru_cache(maxsize=64)
def _rendered(scenario: Scenario, condition: Condition, world: str) -> Rendered:
    return scenario.render(condition, world)


_ACTING: ContextVar[Identity | None] = ContextVar("sim_identity", default=None)


@contextmanager
def acting_in(identity: Identity) -> Iterator[None]:
    """Let simulated models answer for this sample, outside of a run of Inspect's (calibration)."""
    token = _ACTING.set(identity)
    try:
        yield
    finally:
        _ACTING.reset(token)


def current_sample() -> Identity:
    """The sample that is being run.

    Raises:
        UsageError: There is none, or it is not one of Turncoat's.
    """
    if acting := _ACTING.get():
        return acting
    state = sample_state()
    metadata: Mapping[str, Any] = state.metadata if state is not None else {}
    if state is None or "world" not in metadata:
        raise UsageError("sim/… models answer Turncoat's own tasks only, such as turncoat/blackmail")
    scenario = load_scenario(str(metadata["scenario"]))
    condition = scenario.space.parse(str(metadata["condition"]))
    return Identity(str(state.model), scenario, condition, str(metadata["world"]), state.epoch)
