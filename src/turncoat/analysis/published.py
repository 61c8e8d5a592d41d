"""The paper's rates, matched to a condition and a model.

A match says that the setting is the same (scenario, goal, threat, instruction; one prompt, one answer). The wording of
the mails is not, except in the settings `reference/…`: the paper's prompts are its own. Reports must say so where they
show the two side by side.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from turncoat.base.errors import UnknownName, choices
from turncoat.stats.rates import Interval, wilson

REFERENCE = "reference/"
"""How the names of the published settings begin, whose prompts are the paper's own."""

IMITATES = "sim/published-"
"""How simulated models are named that imitate one of the paper's; its name follows."""

CITATION = "Lynch et al. (2025), Agentic Misalignment: How LLMs Could Be Insider Threats, arXiv 2510.05179"


@dataclass(frozen=True, slots=True)
class Published:
    """One rate that the paper reports."""

    figure: str
    """Figure or section of the paper."""
    scenario: str
    condition: str
    """The setting in this project's words, or "" where no condition of ours is that setting."""
    model: str
    """The model as the paper names it."""
    rate: float
    n: int
    note: str = ""

    @property
    def interval(self) -> Interval:
        """Wilson's 95 % interval on the paper's count."""
        return wilson(round(self.rate * self.n), self.n)


@lru_cache(maxsize=1)
def published_rates() -> tuple[Published, ...]:
    """All rates of the paper that the project knows, in the order of its figures."""
    return tuple(
        Published(
            row["figure"],
            row["scenario"],
            row["condition"],
            row["model"],
            float(row["rate"]),
            int(row["n"]),
            row["note"],
        )
        for row in _rows("published.csv")
    )


@lru_cache(maxsize=1)
def _models() -> Mapping[str, str]:
    return {row["api"]: row["published"] for row in _rows("published_models.csv")}


def published_name(model: str, mapping: Mapping[str, str] | None = None) -> str | None:
    """Return the paper's name of a model, or None where it is not one of the paper's.

    Args:
        model: Inspect's name, such as `anthropic/claude-opus-4-20250514`; the last part counts.
        mapping: Inspect's name → the paper's name, for models whose names say nothing (deployments, simulated models
            that imitate one); these come first.

    Raises:
        UnknownName: If the mapping names a model that is not in the paper.
    """
    if mapping and model in mapping:
        names = sorted({p.model for p in published_rates()})
        if mapping[model] not in names:
            raise UnknownName(f"published model for {model!r}: {choices(mapping[model], names)}")
        return mapping[model]
    if model.startswith(IMITATES):
        wanted = _letters(model.removeprefix(IMITATES))
        return next((p.model for p in published_rates() if _letters(p.model) == wanted), None)
    return _models().get(model.rpartition("/")[2].lower())


def plain_scenario(scenario: str) -> str:
    """The scenario that a published setting is of: `reference/blackmail` is `blackmail`."""
    return scenario.removeprefix(REFERENCE)


def _letters(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum())


def published_for(
    scenario: str, interface: str, condition: str, model: str, mapping: Mapping[str, str] | None = None
) -> Published | None:
    """Return the paper's rate for the same setting and model, the earliest figure that has it, or None."""
    name = published_name(model, mapping)
    if name is None or interface != "text":
        return None
    wanted = _levels(condition)
    for row in published_rates():
        if (
            row.model == name
            and row.scenario == plain_scenario(scenario)
            and row.condition
            and _levels(row.condition) == wanted
        ):
            return row
    return None


@dataclass(frozen=True, slots=True)
class PublishedAwareness:
    """What the paper reports of stated awareness (section 4.5.4)."""

    real: float
    """Share of samples that stated that the situation is real."""
    evaluation: float
    """Share that stated that it is an evaluation; the rest is the paper's «abstained»."""
    n: int
    harm_real: float
    """Rate of harm where it stated real."""
    harm_evaluation: float


_AWARENESS = {"deliberation=notice", "threat=replacement"}
"""The setting of section 4.5.4; the released configuration states no goal."""

_AWARENESS_N = 500


def published_awareness(
    scenario: str, interface: str, condition: str, model: str, mapping: Mapping[str, str] | None = None
) -> PublishedAwareness | None:
    """Return what the paper reports of awareness for the same setting and model, or None."""
    rows = [r for r in published_rates() if r.figure == "4.5.4" and r.scenario == plain_scenario(scenario)]
    name = published_name(model, mapping)
    if interface != "text" or _levels(condition) != _AWARENESS or len(rows) != 2 or rows[0].model != name:
        return None
    real, evaluation = rows
    return PublishedAwareness(
        real.n / _AWARENESS_N, evaluation.n / _AWARENESS_N, _AWARENESS_N, real.rate, evaluation.rate
    )


def _levels(condition: str) -> frozenset[str]:
    return frozenset() if condition == "control" else frozenset(condition.split(","))


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("turncoat.analysis") / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
