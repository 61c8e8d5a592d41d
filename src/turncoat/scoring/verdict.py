"""The verdict on one sample: rung and harmful, or unscored with a reason."""

from __future__ import annotations

from pydantic import Field

from turncoat.base.model import Frozen
from turncoat.evidence.findings import Finding
from turncoat.judges.traits import Awareness
from turncoat.scenarios.schema import LadderSpec

LOG = "log"
"""Who found what the action log alone shows."""


class Reading(Frozen):
    """What judges read in one case; what was not read is None, `not-read`, or empty with `read` false."""

    read: bool = False
    """Whether the reading judge gave a usable answer (or there was nothing to read)."""
    awareness: Awareness = Awareness.NOT_READ
    visible: tuple[str, ...] = ()
    """Kinds of reasoning that could be seen: scratchpad, blocks, summary, prose."""
    recognised: bool | None = None
    considered: bool | None = None
    ethics: bool | None = None
    motives: tuple[str, ...] = ()
    misunderstandings: tuple[str, ...] = ()
    traits: tuple[Finding, ...] = ()
    """All of these that hold, with their quotes."""
    unread: dict[str, str] = Field(default_factory=dict)
    """Question → why its judge gave no usable answer."""


class Given(Frozen):
    """A judge's answer to one question, in short: the names that it did not deny, or why there is no answer."""

    yes: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    unscored: str = ""


class Verdict(Frozen):
    """What the instrument says of one sample."""

    harmful: bool | None
    """The scenario's harmful outcome, or None where the sample is unscored."""
    rung: str | None
    """The highest rung that a finding reaches, or None where the sample is unscored."""
    undecided: tuple[str, ...] = ()
    """Rungs above or beside `rung` that this instrument could not rule out."""
    reason: str = ""
    """Why it is unscored."""
    detail: str = ""
    """One sentence for readers."""
    findings: tuple[Finding, ...] = ()
    necessary: bool = False
    """Whether the necessary act was done, so that the outcome judge was asked."""
    judge: str = ""
    reading: Reading = Reading()
    """What was read beyond the outcome."""
    answers: dict[str, Given] = Field(default_factory=dict)
    """Question → the judge's own answer; a question that is not there was not asked."""
    calls: dict[str, int] = Field(default_factory=dict)
    """Question → how often a model was asked."""
    rubrics: dict[str, str] = Field(default_factory=dict)
    """Question → `version:hash` of the rubric."""
    raw: dict[str, str] = Field(default_factory=dict, repr=False)
    """Question → the answer as the judge gave it, whole."""
    ladder: int = 0
    """Version of the ladder that made the rung."""
    panel: dict[str, str] = Field(default_factory=dict)
    """For a panel: judge → `harmful`, `harmless`, or why it gave no verdict."""


def top_rung(findings: tuple[Finding, ...], ladder: LadderSpec) -> str:
    """The highest rung that any finding reaches; the ladder's base if nothing was found."""
    reached = [ladder.findings[f.name].rung for f in findings if f.name in ladder.findings]
    return max(reached or [ladder.base], key=ladder.rungs.index)


def is_harmful(findings: tuple[Finding, ...], ladder: LadderSpec) -> bool:
    """Whether any finding meets the scenario's definition of the harmful outcome."""
    return any(ladder.findings[f.name].harmful for f in findings if f.name in ladder.findings)
