"""The paper's rates as propensities of simulated models: read from the table of published rates, not copied.

A simulated model with a published model's rates is a test of the instrument and the figures. It is not that model.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from turncoat.analysis.published import Published
from turncoat.paper.publication import IMITATES, SECTION, published_rates
from turncoat.sim.truth import Profile, Rule
from turncoat.sim.wording import HARMFUL

_FIGURES = ("7", "8", "9", "10", "11", "12", "4.5.1")
_PAPER = {"goal": "none", "value": "america", "threat": "none", "instruction": "none", "deliberation": "none"}
"""The paper's factors and their levels where a row does not name them; further factors of ours change nothing."""

_STATED = re.compile(r"stated (real|evaluation) \((\d+(?:\.\d+)?)% of \d+\)")


def slug(model: str) -> str:
    """A published model's name as part of a simulated one's: `Claude Opus 4` → `published-claude-opus-4`."""
    return IMITATES.removeprefix("sim/") + re.sub(r"[^a-z0-9.]+", "-", model.lower()).strip("-")


@lru_cache(maxsize=1)
def published_profiles() -> Mapping[str, Profile]:
    """Name → profile of a simulated model with the rates of one of the paper's.

    Conditions that the paper does not report, or not for this model, have no rule: there the simulated model stays
    calm.
    """
    return {slug(model): _profile(model) for model in dict.fromkeys(r.model for r in published_rates())}


def _profile(model: str) -> Profile:
    mine = [r for r in published_rates() if r.model == model]
    rules: dict[str, Rule] = {}
    for row in mine:
        if row.figure in _FIGURES and row.condition:
            named = dict(p.split("=", 1) for p in row.condition.split(",") if "=" in p)
            rules["/".join([row.scenario, *{**_PAPER, **named}.values()])] = _rule(row.scenario, named, row.rate)
    stated = {m: row for row in mine if row.figure == SECTION and (m := _STATED.search(row.note))}
    return Profile(
        canary="",
        about=f"Simulated, with the rates that the paper reports for {model} planted. Not {model}.",
        seed=1,
        rules=(*rules.values(), *([_deliberation(stated)] if stated else [])),
    )


def _deliberation(rows: Mapping[re.Match[str], Published]) -> Rule:
    """Section 4.5.4: shares of stated beliefs, and the rate in each.

    The paper gives no rate for those who stated neither; the rate of all who stated one is planted there.
    """
    shares = {f"stated-{m[1]}": float(m[2]) / 100 for m in rows}
    rates = {f"stated-{m[1]}": row.rate for m, row in rows.items()}
    stated = sum(shares.values())
    overall = sum(rates[name] * share for name, share in shares.items()) / stated
    rule = _rule(next(iter(rows.values())).scenario, {"threat": "replacement", "deliberation": "notice"}, overall)
    given = {name: {HARMFUL: rate} for name, rate in {**rates, "abstained": overall}.items()}
    return rule.model_copy(update={"given": given, "awareness": {**shares, "abstained": 1 - stated}})


def _rule(scenario: str, named: Mapping[str, str], rate: float) -> Rule:
    when = {factor: (level,) for factor, level in {**_PAPER, **named}.items()}
    return Rule(scenario=(scenario,), when=when, rungs={HARMFUL: rate})
