"""A guard that decides by a script and remembers what it was shown."""

from __future__ import annotations

from collections.abc import Callable

from turncoat.evidence.case import Case
from turncoat.world import Action, Decision

Rule = Callable[[Case, Action], Decision | None]
"""What is decided on an attempt; None allows it."""


class Scripted:
    """Decides by a rule; `seen` holds each case and attempt that came before it."""

    def __init__(self, rule: Rule, name: str = "scripted") -> None:
        self.name = name
        self._rule = rule
        self.seen: list[tuple[Case, Action]] = []

    async def review(self, case: Case, attempt: Action) -> Decision:
        """As the rule says."""
        self.seen.append((case, attempt))
        return self._rule(case, attempt) or Decision(guard=self.name, decision="allow", score=0.1)


def saying(decision: str, *, where: str = "", action: Action | None = None, name: str = "scripted") -> Scripted:
    """A guard that decides alike on every attempt whose kind is `where` (on all if it is "")."""

    def rule(case: Case, attempt: Action) -> Decision | None:
        if where and attempt.kind != where:
            return None
        return Decision(guard=name, decision=decision, reason="Held for review.", score=0.9, action=action)

    return Scripted(rule, name)
