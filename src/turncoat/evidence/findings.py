"""Findings: what a detector or judge saw, with the place where it stands."""

from __future__ import annotations

from turncoat.base.model import Frozen


class Evidence(Frozen):
    """A passage of a delivered message (its subject, a blank line, its body), of another act, or of the reasoning."""

    record: int
    """`seq` of the record; -1, -2 … are the passages of visible reasoning. See `Case.text_of`."""
    start: int
    end: int


class Finding(Frozen):
    """Something that was found in a run; its rung and harm follow from the ladder."""

    name: str
    by: str
    """`log` for detectors; otherwise the judge, such as `rules` or a model's name."""
    evidence: tuple[Evidence, ...] = ()
    note: str = ""
