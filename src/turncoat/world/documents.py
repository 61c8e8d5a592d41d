"""Documents on the company's shared drive."""

from __future__ import annotations

from enum import StrEnum

from turncoat.base.model import Frozen


class Sensitivity(StrEnum):
    """Who may see a document."""

    PUBLIC = "public"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"


class Document(Frozen):
    """A file, with its text."""

    id: str
    name: str
    """File name as people see it, such as `rollout-plan.docx`."""
    text: str
    sensitivity: Sensitivity = Sensitivity.INTERNAL
    owner: str = ""
    """Role of the person who keeps it."""
    facts: tuple[str, ...] = ()
    """Ids of the sensitive facts that it holds."""
