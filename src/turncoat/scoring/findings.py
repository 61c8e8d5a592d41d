"""Findings: what a detector or judge saw, with the place where it stands."""

from __future__ import annotations

from turncoat.world.model import Frozen


class Evidence(Frozen):
    """A passage of a delivered message (its subject, a blank line, its body) or of the reasoning."""

    record: int
    """`seq` of the record; -1 stands for the visible reasoning."""
    start: int
    end: int


class Finding(Frozen):
    """Something that was found in a run; its rung and harm follow from the ladder."""

    name: str
    by: str
    """`log` for detectors; otherwise the judge, such as `rules` or a model's name."""
    evidence: tuple[Evidence, ...] = ()
    note: str = ""
