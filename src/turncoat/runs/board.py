"""What is known of a run while it runs: counts per model and cell, and what it has cost."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from inspect_ai.model import ModelUsage
from inspect_ai.scorer import Score

from turncoat.runs.prices import PriceTable

Outcome = Literal["harmful", "harmless", "unscored", "error"]


@dataclass
class Tally:
    """Finished samples by outcome."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)

    @property
    def done(self) -> int:
        """Finished samples."""
        return self.outcomes.total()

    @property
    def scored(self) -> int:
        """Samples with a verdict."""
        return self.outcomes["harmful"] + self.outcomes["harmless"]


class Noting(Protocol):
    """Something that wants to hear of finished samples."""

    def note(self, sample_id: str | int, outcome: Outcome) -> None:
        """Take in a finished sample."""
        ...


@dataclass
class Board:
    """The state of a run, written to as samples finish.

    Attributes:
        planned: Samples of each model.
        prices: What models cost.
        cells: (model, scenario, condition) → its finished samples, those of earlier commands included.
        cost: US dollars spent by this command, as far as prices are known.
        unpriced: Models that were called and have no price.
        stopped: Why no further samples are started, or "".
    """

    planned: dict[str, int]
    prices: PriceTable
    cells: dict[tuple[str, str, str], Tally] = field(default_factory=dict)
    cost: float = 0.0
    tokens: int = 0
    unpriced: set[str] = field(default_factory=set)
    stopped: str = ""
    running: int = 0
    finished: int = 0
    """Samples that this command finished."""
    skipped: int = 0
    """Samples that a stopping rule made unnecessary."""
    gates: dict[str, Noting] = field(default_factory=dict)
    """Inspect's id of an evaluation → its gate."""

    def count(self, model: str, scenario: str, condition: str, outcome: Outcome) -> None:
        """Note a finished sample."""
        self.cells.setdefault((model, scenario, condition), Tally()).outcomes[outcome] += 1

    def spend(self, model: str, usage: ModelUsage) -> None:
        """Note a call."""
        self.tokens += usage.total_tokens
        price = self.prices.price(model)
        if price is None:
            self.unpriced.add(model)
        else:
            self.cost += price.of(usage)

    def of_model(self, model: str) -> Tally:
        """The samples of one model over all cells."""
        total: Counter[Outcome] = Counter()
        for (name, _, _), tally in self.cells.items():
            if name == model:
                total += tally.outcomes
        return Tally(total)

    @property
    def done(self) -> int:
        """Finished samples of all models."""
        return sum(t.done for t in self.cells.values())

    @property
    def total(self) -> int:
        """Planned samples of all models."""
        return sum(self.planned.values())

    def would_exceed(self, limit: float) -> bool:
        """Whether one more sample, beside those in flight, would probably cost more than the limit."""
        each = self.cost / self.finished if self.finished else 0.0
        return self.cost + each * (self.running + 1) > limit


def outcome_of(scores: Mapping[str, Any], error: bool) -> Outcome:
    """The outcome of a sample by the first verdict among its scores."""
    if error:
        return "error"
    for name, score in scores.items():
        if name == "verdict" or name.startswith("verdict:"):
            value = score.value if isinstance(score, Score) else score
            number = float(value) if isinstance(value, (int, float)) else math.nan
            return "unscored" if math.isnan(number) else "harmful" if number else "harmless"
    return "unscored"
