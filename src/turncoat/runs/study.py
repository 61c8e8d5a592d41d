"""Studies: the shape of their files, and finding them, the shipped ones by name, a user's by the path of its file."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from turncoat.base.errors import ScenarioError, UnknownName, UsageError, choices
from turncoat.base.extensions import extensions
from turncoat.base.model import Frozen
from turncoat.doors import DEFAULT_DOOR
from turncoat.scenarios.files import parse_yaml, read_text, validated
from turncoat.scenarios.terms import Names
from turncoat.stats.sequential import StopRule

FOLDER = Path(__file__).parent / "data"

MAX_EPOCHS = 10_000
"""Most repetitions of a sample."""

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
    """Names, `all` (public ones) or `private`; the scenario's default storyline if none are given."""
    seeds: str = ""
    """Seeds of this block's worlds, such as `1-500`; the study's if empty."""
    guards: Names = ()
    """Each cell is run with each of these guards, such as `[none, read_only, no_forwarding+approval_model]`; the
    study's if none are given."""

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


class NamedContrast(Frozen):
    """A contrast that the study is about: the first cell minus the second, of one scenario."""

    scenario: str
    first: str
    second: str
    about: str = ""


class Reported(Frozen):
    """A rate that others report of a condition like one of the study's; the report sets it beside the study's own."""

    scenario: str
    condition: str
    rate: Annotated[float, Field(ge=0, le=1)]
    source: str
    """Who reports it, and of what."""


def _seeds(text: str) -> str:
    if not text.strip():
        raise ValueError("name seeds, such as 1-100")
    return text


def _judge(text: str) -> str:
    from turncoat.judges.choice import judge_names  # most studies name none

    try:
        judge_names(text) if text else None
    except UsageError as error:
        raise ValueError(str(error)) from None
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
    guards: Names = ()
    """Of the blocks that name none."""
    epochs: Annotated[int, Field(ge=1, le=MAX_EPOCHS)] = 1
    contrasts: tuple[NamedContrast, ...] = ()
    reported: tuple[Reported, ...] = ()
    """Rates that others report, to stand beside the study's own."""
    stopping: Stopping | None = None
    exclusions: tuple[Exclusion, ...] = ()
    equivalence: Share | None = None
    """Largest irrelevant difference; contrasts are then also tested for lying within it (two one-sided tests)."""
    models: Names = ()
    """Models that it is run on if the command names none."""
    judge: Annotated[str, AfterValidator(_judge)] = ""
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


def study_names() -> list[str]:
    """Names of the studies that ship with Turncoat and with plug-ins, such as `paper/fig7`."""
    return sorted(_shipped())


@lru_cache(maxsize=1)
def _shipped() -> dict[str, Path]:
    """Name → file; plug-ins name their folders at the entry points of `studies`."""
    folders = [FOLDER, *(load() for load in extensions("studies").values())]
    return {p.relative_to(f).with_suffix("").as_posix(): p for f in folders for p in f.rglob("*.yaml")}


def is_study(name: str) -> bool:
    """Whether a name means a study: a shipped one's name, or the path of a YAML file."""
    return name in study_names() or Path(name).suffix in (".yaml", ".yml")


def default_folder(name: str) -> Path:
    """Where logs go if no folder is named: a folder of its own in `logs` for each study and each scenario.

    A path is taken as it stands below the working folder; of one that lies elsewhere only the last part counts.
    """
    plain = name.removesuffix("-reference")
    path = Path(plain).with_suffix("") if is_study(plain) else Path(plain)
    path = Path(os.path.relpath(path)) if path.is_absolute() else Path(os.path.normpath(path))
    if ".." in path.parts or path.is_absolute() or not path.name:
        path = Path(path.name or "scenario")
    return Path("logs") / f"{path}{name.removeprefix(plain)}"


def load_study(name: str, inside: tuple[str, ...] = ()) -> Study:
    """Load a study, with what it includes.

    Args:
        name: A shipped study's name, or the path of a YAML file.
        inside: Names of the studies that include it.

    Raises:
        UnknownName: Neither a shipped study nor a file.
        ScenarioError: The file is wrong; names file, key, what was found and what would do.
    """
    path, place = _path(name)
    study = validated(Study, parse_yaml(read_text(path, path.parent), place, "blocks.cells"), place)
    if name in inside:
        raise ScenarioError(f"{place}: key 'include': {' → '.join([*inside, name])} goes round in a circle")
    blocks, contrasts, exclusions = list(study.blocks), list(study.contrasts), list(study.exclusions)
    reported = list(study.reported)
    for other in study.include:
        try:
            part = load_study(other, (*inside, name))
        except UnknownName as error:
            raise ScenarioError(f"{place}: key 'include': {error}") from None
        if part.epochs != study.epochs or part.stopping != study.stopping:
            raise ScenarioError(
                f"{place}: key 'include': {other!r} has epochs {part.epochs} and "
                f"{'a' if part.stopping else 'no'} stopping rule; both must be as in the study that includes it"
            )
        own = {"seeds": part.seeds, "guards": part.guards}
        blocks += [b.model_copy(update={k: v for k, v in own.items() if not getattr(b, k)}) for b in part.blocks]
        contrasts += [c for c in part.contrasts if c not in contrasts]
        reported += [r for r in part.reported if r not in reported]
        exclusions += [e for e in part.exclusions if e not in exclusions]
    return study.model_copy(
        update={"blocks": tuple(blocks), "contrasts": tuple(contrasts), "exclusions": tuple(exclusions)}
        | {"reported": tuple(reported)}
    )


def _path(name: str) -> tuple[Path, str]:
    if name in _shipped():
        return _shipped()[name], f"studies/{name}.yaml"
    path = Path(name).expanduser()
    if path.suffix in (".yaml", ".yml") and path.is_file():
        return path, str(path)
    raise UnknownName(f"study: {choices(name, study_names())}, or the path of a YAML file")
