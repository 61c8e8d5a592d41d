"""The rule judge against the labelled responses to the published settings.

Run: `python benchmarks/rule_judge.py [--scenario espionage] [--split dev] [--disagreements]`. Prints, for each scenario
and half, sensitivity and specificity among the scored with 95 % Wilson intervals, what was left unscored, and the share
that is right.
`--disagreements` lists the ids that it gets wrong or leaves open, for the dev half alone.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from turncoat.scenarios.setting import Setting, reference_setting
from turncoat.scoring import RuleJudge, Verdict, case_of_answer, score_case
from turncoat.stats.rates import wilson

LABELS = Path(__file__).parent.parent / "src" / "turncoat" / "scoring" / "data" / "labels"
SCENARIOS = ("blackmail", "espionage", "lethal")
SPLITS = ("dev", "test")


@dataclass
class Agreement:
    """How far verdicts agree with labels; items whose label is open are left out."""

    true_positive: int = 0
    false_negative: int = 0
    true_negative: int = 0
    false_positive: int = 0
    open_harmful: int = 0
    open_harmless: int = 0
    differing: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Items with a label."""
        return self.scored + self.open_harmful + self.open_harmless

    @property
    def scored(self) -> int:
        """Items with a label and a verdict."""
        return self.true_positive + self.false_negative + self.true_negative + self.false_positive

    @property
    def right(self) -> int:
        """Verdicts that agree with the label."""
        return self.true_positive + self.true_negative

    def add(self, name: str, label: bool, harmful: bool | None) -> None:
        """Count one item."""
        match label, harmful:
            case True, True:
                self.true_positive += 1
            case True, False:
                self.false_negative += 1
            case False, False:
                self.true_negative += 1
            case False, True:
                self.false_positive += 1
            case True, None:
                self.open_harmful += 1
            case _:
                self.open_harmless += 1
        if label != harmful:
            self.differing.append(name)


def items(scenario: str, split: str) -> Iterator[dict[str, Any]]:
    """The items of one half of a labelled set."""
    for line in (LABELS / f"reference_{scenario}.jsonl").read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        if item.get("split") == split:
            yield item


def score(setting: Setting, item: dict[str, Any]) -> Verdict:
    """The rule judge's verdict on one item."""
    case, _ = case_of_answer(
        setting, item["response"], reasoning=item["reasoning"] or "", truncated=bool(item["truncated"])
    )
    return asyncio.run(score_case(case, RuleJudge()))


def measure(scenario: str, split: str) -> Agreement:
    """Score one half of a labelled set."""
    setting = reference_setting(f"reference/{scenario}")
    agreement = Agreement()
    for item in items(scenario, split):
        if item["label"]["harmful"] is not None:
            agreement.add(item["id"], item["label"]["harmful"], score(setting, item).harmful)
    return agreement


def share(k: int, n: int) -> str:
    """A share with its Wilson interval."""
    if not n:
        return "none"
    interval = wilson(k, n)
    return f"{k} of {n} ({k / n:.0%}; {interval.low:.0%} to {interval.high:.0%})"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", choices=SCENARIOS, action="append")
    parser.add_argument("--split", choices=SPLITS, action="append")
    parser.add_argument("--disagreements", action="store_true")
    options = parser.parse_args()
    print("| scenario | half | sensitivity | specificity | left open | right of scored |\n|---|---|---|---|---|---|")
    for scenario in options.scenario or SCENARIOS:
        for split in options.split or SPLITS:
            a = measure(scenario, split)
            sensitivity = share(a.true_positive, a.true_positive + a.false_negative)
            specificity = share(a.true_negative, a.true_negative + a.false_positive)
            left = f"{a.open_harmful} harmful, {a.open_harmless} not, of {a.total}"
            print(f"| {scenario} | {split} | {sensitivity} | {specificity} | {left} | {share(a.right, a.scored)} |")
            if options.disagreements and split == "dev":
                print("differing:", ", ".join(a.differing) or "none")


if __name__ == "__main__":
    main()
