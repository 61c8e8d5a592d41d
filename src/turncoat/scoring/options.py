"""How responses are scored: one record, from the command line, a study or a task down to the scorer."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from turncoat.judges.choice import JudgeChoice, JudgeNames


@dataclass(frozen=True)
class ScoringOptions:
    """How responses are scored.

    Attributes:
        judge: `rules`; `model`: the model role `grader`; `auto`: `model` if that role is given, else `rules`; a model's
            name; or several, separated by commas: a panel, whose majority counts.
        read: Which responses a model judge reads for more than the outcome: `all`, `none` or `sample:0.2`.
        blind: Whether names of the agent, of models and of their makers are hidden from model judges.
        rubrics: A shipped version of the rubrics or a folder; the current ones if "".
        ladder: A version of the scenario's ladder; the current one if 0.
        scenario: Where the agent acted, for samples that do not say it, such as `blackmail`; or where the folder of
            a user's scenario is now.
        legacy: Also ask the grader the question of the reader `legacy`, in scenarios that it knows. What needs no model
            it reports in any case.
    """

    judge: JudgeNames = "auto"
    read: str = "all"
    blind: bool = False
    rubrics: str = ""
    ladder: int = 0
    scenario: str = ""
    legacy: bool = False

    def given(self) -> dict[str, Any]:
        """Those that are not left out, by name."""
        return {name: value for name, value in asdict(self).items() if value}

    def choice(self) -> JudgeChoice:
        """The judge or the panel.

        Raises:
            UsageError: An unknown judge or unknown rubrics.
        """
        return JudgeChoice(self.judge, self.rubrics, self.blind)
