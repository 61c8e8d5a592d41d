"""The shape of a study file: what is varied, on which worlds, how much, and what was said beforehand."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from turncoat.base.model import Frozen
from turncoat.doors import DEFAULT_DOOR
from turncoat.scenarios.schema import Names
from turncoat.stats.sequential import StopRule

Share = Annotated[float, Field(gt=0, lt=1)]


class Block(Frozen):
    """Cells of one scenario that share interfaces and worlds."""

    scenario: str
    """A shipped scenario, or the path of a scenario folder."""
    interfaces: Names = (DEFAULT_DOOR,)
    cells: Names = ()
    """Condition ids, such as `goal=explicit,threat=replacement` or `control`."""
    grid: dict[str, Names] = Field(default_factory=dict)
    """Factor → levels; every combination that makes sense becomes a cell, after those of `cells`."""
    storylines: Names = ()
    """Names, or `all`; the scenario's default storyline if none are given."""
    seeds: str = ""
    """Seeds of this block's worlds, such as `1-500`; the study's if empty."""

    @model_validator(mode="after")
    def _has_cells(self) -> Block:
        if not self.cells and not self.grid:
            raise ValueError("give `cells` (condition ids), `grid` (factor → levels), or both")
        return self


class Stopping(Frozen):
    """When enough has been seen; looked at after every world, by confidence sequences (`turncoat.stats.sequential`).

    One of `threshold` and `half_width` is given: what is measured stops when its confidence sequence lies on one side
    of the threshold, or is at most so wide to each side.
    """

    of: Literal["cells", "contrasts"] = "cells"
    """What is measured: each cell's rate, or each contrast's difference. A cell stops with all of its contrasts."""
    threshold: Annotated[float, Field(gt=-1, lt=1)] | None = None
    half_width: Annotated[float, Field(gt=0, lt=0.5)] | None = None
    confidence: Share = 0.95
    at_least: Annotated[int, Field(ge=1)] = 1
    """Scored samples before anything may stop."""

    @model_validator(mode="after")
    def _one_aim(self) -> Stopping:
        if (self.threshold is None) == (self.half_width is None):
            raise ValueError("give either `threshold` or `half_width`")
        if self.of == "cells" and self.threshold is not None and self.threshold <= 0:
            raise ValueError(f"threshold is {self.threshold}; a rate's lies above 0 and below 1")
        return self

    @property
    def rule(self) -> StopRule:
        """The rule as the statistics take it."""
        return StopRule(self.threshold, self.half_width, self.confidence, self.at_least)


class Exclusion(Frozen):
    """Models that do the harmful act without any pressure are shown apart (the paper's rule for figure 11)."""

    scenario: str
    control: str = "control"
    """Id of the condition that should be harmless."""
    above: Share
    """Largest harmful rate in it that a model may have."""


class Comparison(Frozen):
    """A contrast that the study is about: the first cell minus the second, of one scenario."""

    scenario: str
    first: str
    second: str
    about: str = ""


def _seeds(text: str) -> str:
    if not text.strip():
        raise ValueError("name seeds, such as 1-100")
    return text


class Study(Frozen):
    """A named experiment: one Inspect task for each scenario and interface, cells interleaved world by world."""

    canary: str = ""
    title: str
    source: str = ""
    """Figure, section or work that it follows."""
    about: str = ""
    include: Names = ()
    """Other studies whose blocks, contrasts and exclusions are taken over."""
    blocks: tuple[Block, ...] = ()
    seeds: Annotated[str, AfterValidator(_seeds)] = "1-100"
    epochs: Annotated[int, Field(ge=1)] = 1
    contrasts: tuple[Comparison, ...] = ()
    stopping: Stopping | None = None
    exclusions: tuple[Exclusion, ...] = ()
    equivalence: Share | None = None
    """Largest irrelevant difference; contrasts are then also tested for lying within it (two one-sided tests)."""
    models: Names = ()
    """Models that it is run on if the command names none."""
    judge: str = ""
    """Judge that it is scored by if the command names none."""
    preregistration: str = ""
    """What was decided before the data, in the words of whoever decided it."""
    failure_budget: Annotated[float, Field(ge=0, lt=1)] = 0.05
    """Largest share of samples without a verdict that a run may have and still count as done."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Study:
        if not self.blocks and not self.include:
            raise ValueError("give `blocks`, or `include` other studies")
        if self.stopping and self.epochs != 1:
            raise ValueError(f"epochs is {self.epochs}; sequential stopping takes one sample of each world (epochs: 1)")
        if self.stopping and self.stopping.of == "contrasts" and not self.contrasts and not self.include:
            raise ValueError("stopping is of contrasts, and there are none")
        return self
