"""Labelled responses: what people (or a stronger judge) say of them, and how far a judge agrees."""

from turncoat.doors.tools.turns import Turn
from turncoat.labels.items import Label, Labelled, Origin, read_labelled, shipped_sets
from turncoat.labels.validation import Validation, validate

__all__ = ["Label", "Labelled", "Origin", "Turn", "Validation", "read_labelled", "shipped_sets", "validate"]
