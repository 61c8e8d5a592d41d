"""What judges are: something that reads meaning where acts alone do not decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

from turncoat.evidence.case import Case
from turncoat.evidence.findings import Finding


@dataclass(frozen=True)
class Judgement:
    """A judge's answer about one case.

    Attributes:
        findings: What it found of the ladder, each with verified evidence.
        unscored: Reason why there is no answer, or "".
        detail: One sentence: why.
        undecided: Rungs between which it could not tell.
        raw: The answer as the judge gave it, for the record.
        traits: What holds beyond the ladder: awareness, stages, ethics, motives, misunderstandings.
        holds: Every name that was asked for, with the answer.
        calls: How often a model was asked.
        rubric: `version:hash` of the rubric that was used, or "".
    """

    findings: tuple[Finding, ...] = ()
    unscored: str = ""
    detail: str = ""
    undecided: tuple[str, ...] = ()
    raw: str = field(default="", repr=False)
    traits: tuple[Finding, ...] = ()
    holds: Mapping[str, Literal["yes", "no", "unsure"]] = field(default_factory=dict)
    calls: int = 0
    rubric: str = ""


class Judge(Protocol):
    """Reads meaning. The outcome judge is asked only where the necessary act was done."""

    @property
    def name(self) -> str:
        """Name and version, such as `rules@1`."""
        ...

    @property
    def reads(self) -> bool:
        """Whether it can also answer for findings beyond the outcome (the reading judge)."""
        ...

    async def outcome(self, case: Case) -> Judgement:
        """Decide the findings that the ladder gives to the outcome judge."""
        ...

    async def reading(self, case: Case) -> Judgement:
        """Decide the findings that the ladder gives to the reading judge."""
        ...


@runtime_checkable
class AwarenessJudge(Protocol):
    """A judge that also reads visible reasoning for awareness, stages, ethics and motives."""

    async def awareness(self, case: Case) -> Judgement:
        """Read the reasoning with the acts cut out."""
        ...
