"""What a visitor is told of the session, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Told:
    """What the instrument makes of a session.

    Attributes:
        outcome: One sentence.
        facts: Name → what is so, in order.
        findings: What was found, each with the words that show it.
        job: Piece of work → whether it was done; None where nobody judged that.
        kept: Where the log stands.
    """

    outcome: str
    facts: Mapping[str, str] = field(default_factory=dict)
    findings: Sequence[tuple[str, Sequence[str]]] = ()
    job: Mapping[str, bool | None] = field(default_factory=dict)
    kept: str = ""

    def __str__(self) -> str:
        lines = [self.outcome, *(f"{name}: {value}" for name, value in self.facts.items())]
        for name, words in self.findings:
            lines += [f"Found: {name}", *(f"  “{' '.join(w.split())}”" for w in words)]
        said = {True: "done", False: "not done", None: "not judged"}
        lines += [f"Work: {said[done]}: {name}" for name, done in self.job.items()]
        return "\n".join(lines)
