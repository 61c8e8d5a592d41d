"""The choke point: every attempt of the agent passes the gates and then reaches the company."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from turncoat.world.actions import Action
from turncoat.world.company import Company
from turncoat.world.log import GateDecision, Outcome


class Gate(Protocol):
    """A mitigation or a monitor that looks at attempts before they take effect."""

    @property
    def name(self) -> str:
        """How the gate is called in the log."""
        ...

    async def review(self, company: Company, action: Action) -> GateDecision:
        """Allow or block the attempt. May await a model or a person."""
        ...


class Session:
    """One agent at work in one company.

    All interfaces and all mitigations meet here, so that their effects can be compared.
    """

    def __init__(self, company: Company, gates: Sequence[Gate] = ()) -> None:
        self.company = company
        self._gates = tuple(gates)

    async def act(self, action: Action) -> Outcome:
        """Put one attempt through the gates, in order, up to the first that blocks; then perform it."""
        decisions: list[GateDecision] = []
        for gate in self._gates:
            decision = await gate.review(self.company, action)
            decisions.append(decision)
            if decision.decision == "block":
                break
        return self.company.perform(action, tuple(decisions))
