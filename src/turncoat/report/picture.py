"""One figure of the report: its panels, drawn for a screen and for a phone, with heading, legend and caption."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from turncoat.analysis import Overview
from turncoat.analysis.published import publication
from turncoat.report.svg import Drawing, Key, sheet
from turncoat.report.words import heading

MOST_PANELS = 12
"""Panels beyond this number are left to the tables."""

PUBLISHED = "published"
"""Kind of the mark of a published rate."""

Section = Literal["figures", "effects", "mitigations", "guards", "awareness", "outcomes"]
"""Part of the page in which a figure stands."""


@dataclass(frozen=True)
class Drawn:
    """One panel, drawn for a screen and for a phone."""

    title: str
    wide: Drawing
    narrow: Drawing


@dataclass(frozen=True)
class Picture:
    """One figure of the report."""

    name: str
    """For file names and links, such as `figure-7-blackmail`."""
    heading: str
    panels: tuple[Drawn, ...]
    caption: str
    keys: tuple[Key, ...] = ()
    """The legend."""
    paper: str = ""
    """The paper's figure or section that it follows, or ""."""
    small: bool = False
    """Whether its panels stand side by side."""
    squares: bool = False
    """Whether its panels are squares."""
    compact: Drawing | None = None
    """All panels in one picture for a phone, in place of them."""
    section: Section = "figures"
    number: int = 0

    @property
    def file(self) -> str:
        """Name of its files, without an ending."""
        return f"{self.number:02}-{self.name}"

    @property
    def whole(self) -> Drawing:
        """The figure as a picture of its own."""
        panels = [(p.title, p.narrow if self.small else p.wide) for p in self.panels]
        title = f"Outcomes: {self.heading}" if self.section == "outcomes" else self.heading
        return sheet(title, self.keys, panels, 3 if self.small else 1)


def named(kind: str, scenario: str, interface: str) -> str:
    """The name of a figure of some kind."""
    return f"{kind}-{scenario.replace('/', '-')}-{interface}"


def placed(scenario: str, interface: str, overview: Overview) -> str:
    """What tells apart figures of the same kind: published text or fresh worlds, and the interface."""
    paper = publication()
    fresh = any(paper.own(s) and paper.plain(s) == scenario for s in overview.scenarios)
    said = ["published text"] if paper.own(scenario) else ["fresh worlds"] if fresh else []
    said += [f"{interface} interface"] if len({c.interface for c in overview.cells}) > 1 else []
    return f" ({', '.join(said)})" if said else ""


def capital(scenario: str) -> str:
    """A scenario at the beginning of a heading."""
    return heading(publication().plain(scenario))
