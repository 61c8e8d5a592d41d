"""What is known of a run while it runs: counts per model and cell, and what it has cost."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from inspect_ai.model import ModelUsage
from inspect_ai.scorer import Score

from turncoat.runs.prices import PriceTable

Ending = Literal["harmful", "harmless", "unscored", "error"]
"""How a sample ended."""


@dataclass
class Tally:
    """Finished samples by how they ended."""

    endings: Counter[Ending] = field(default_factory=Counter)

    @property
    def done(self) -> int:
        """Finished samples."""
        return self.endings.total()

    @property
    def scored(self) -> int:
        """Samples with a verdict."""
        return self.endings["harmful"] + self.endings["harmless"]


@dataclass
class Progress:
    """The state of a run, written to as samples finish.

    Attributes:
        planned: Samples of each model.
        prices: What models cost.
        cells: (model, scenario, condition) → its finished samples, those of earlier commands included.
        cost: US dollars spent by this command, as far as prices are known.
        tokens: Tokens of all calls of this command.
        unpriced: Models that were called and have no price.
        halt: Why no further sample shall be started, or ""; a listener may set it.
        stopped: Why samples were not started, or "".
        running: Samples in flight.
        finished: Samples that this command finished.
        skipped: Samples that a stopping rule made unnecessary.
    """

    planned: dict[str, int]
    prices: PriceTable
    cells: dict[tuple[str, str, str], Tally] = field(default_factory=dict)
    cost: float = 0.0
    tokens: int = 0
    unpriced: set[str] = field(default_factory=set)
    halt: str = ""
    stopped: str = ""
    running: int = 0
    finished: int = 0
    skipped: int = 0

    def count(self, model: str, metadata: Mapping[str, Any] | None, ending: Ending) -> None:
        """Note a finished sample, given its metadata."""
        names = metadata or {}
        cell = model, str(names.get("scenario", "")), str(names.get("condition", ""))
        self.cells.setdefault(cell, Tally()).endings[ending] += 1

    def spend(self, model: str, usage: ModelUsage) -> None:
        """Note a call."""
        self.tokens += usage.total_tokens
        price = self.prices.price(model)
        if price is None:
            self.unpriced.add(model)
        else:
            self.cost += price.of(usage)

    def add(self, other: Progress) -> None:
        """Add what another process did of the same run."""
        for model, planned in other.planned.items():
            self.planned[model] = self.planned.get(model, 0) + planned
        for key, tally in other.cells.items():
            self.cells.setdefault(key, Tally()).endings.update(tally.endings)
        self.cost += other.cost
        self.tokens += other.tokens
        self.unpriced |= other.unpriced
        self.finished += other.finished
        self.stopped = self.stopped or other.stopped

    def of_model(self, model: str) -> Tally:
        """The samples of one model over all cells."""
        return Tally(sum((t.endings for (name, _, _), t in self.cells.items() if name == model), Counter()))

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


def ending_of(scores: Mapping[str, Any], error: bool) -> Ending:
    """How a sample ended, by the first verdict among its scores."""
    if error:
        return "error"
    for name, score in scores.items():
        if name == "verdict" or name.startswith("verdict:"):
            value = score.value if isinstance(score, Score) else score
            number = float(value) if isinstance(value, (int, float)) else math.nan
            return "unscored" if math.isnan(number) else "harmful" if number else "harmless"
    return "unscored"
