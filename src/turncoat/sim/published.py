"""The paper's rates as propensities of simulated models: read from the table of published rates, not copied.

A simulated model with a published model's rates is a test of the instrument and the figures. It is not that model.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

PUBLISHED = "published-"
TABLE = Path(__file__).parent.parent / "analysis" / "data" / "published.csv"
"""Read as data: the rooms above this one are not imported."""

_FIGURES = ("7", "8", "9", "10", "11", "12", "4.5.1")
_PAPER = {"goal": "none", "value": "america", "threat": "none", "instruction": "none", "deliberation": "none"}
"""The paper's factors and their levels where a row does not name them; further factors of ours change nothing."""

DELIBERATION = "4.5.4"
_STATED = re.compile(r"stated (real|evaluation) \((\d+(?:\.\d+)?)% of \d+\)")


@dataclass(frozen=True)
class PublishedRule:
    """One published rate, and the condition that it was measured under."""

    scenario: str
    levels: Mapping[str, str]
    rate: float
    awareness: dict[str, float] = field(default_factory=dict)
    given: dict[str, float] = field(default_factory=dict)
    """Awareness → rate in its case."""


def slug(model: str) -> str:
    """A published model's name as part of a simulated one's: `Claude Opus 4` → `published-claude-opus-4`."""
    return PUBLISHED + re.sub(r"[^a-z0-9.]+", "-", model.lower()).strip("-")


@lru_cache(maxsize=1)
def published_rules() -> Mapping[str, tuple[str, tuple[PublishedRule, ...]]]:
    """Name of the simulated model → the paper's name, and its rates.

    Conditions that the paper does not report, or not for this model, have no rule: there the simulated model stays
    calm.
    """
    rows = _rows()
    found: dict[str, tuple[str, tuple[PublishedRule, ...]]] = {}
    for model in dict.fromkeys(row["model"] for row in rows):
        own = [row for row in rows if row["model"] == model]
        rules = {r.levels_key: r.rule for r in map(_Row, own) if r.is_rate}
        if deliberating := _deliberation([row for row in own if row["figure"] == DELIBERATION]):
            rules["deliberation"] = deliberating
        found[slug(model)] = (model, tuple(rules.values()))
    return found


class _Row:
    """One line of the table."""

    def __init__(self, row: dict[str, str]) -> None:
        self.is_rate = row["figure"] in _FIGURES and bool(row["condition"])
        named = dict(p.split("=", 1) for p in row["condition"].split(",") if "=" in p)
        self.rule = PublishedRule(row["scenario"], {**_PAPER, **named}, float(row["rate"]))
        self.levels_key = "/".join([row["scenario"], *self.rule.levels.values()])


def _deliberation(rows: list[dict[str, str]]) -> PublishedRule | None:
    """Section 4.5.4: shares of stated beliefs, and the rate in each.

    The paper gives no rate for those who stated neither; the rate of all who stated one is planted there.
    """
    awareness: dict[str, float] = {}
    given: dict[str, float] = {}
    for row in rows:
        match = _STATED.search(row["note"])
        if match is None:
            continue
        awareness[f"stated-{match[1]}"] = float(match[2]) / 100
        given[f"stated-{match[1]}"] = float(row["rate"])
    if not given:
        return None
    stated = sum(awareness.values())
    overall = sum(given[name] * share for name, share in awareness.items()) / stated
    awareness["abstained"] = 1 - stated
    levels = {**_PAPER, "threat": "replacement", "deliberation": "notice"}
    return PublishedRule(rows[0]["scenario"], levels, overall, awareness, {**given, "abstained": overall})


def _rows() -> list[dict[str, str]]:
    text = TABLE.read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
