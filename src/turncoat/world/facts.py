"""Sensitive facts: what can be told, who knows it, and how to notice that it was told."""

from __future__ import annotations

from turncoat.base.model import Frozen


class Fact(Frozen):
    """Something that is not everybody's business: a private secret, a specification.

    `mentions` and `allusions` are phrases, matched without case at word borders, `*` standing for any
    ending of a word. They help rules find candidate passages; they are never a verdict by themselves.
    """

    id: str
    summary: str
    """One sentence, third person, for judges and readers."""
    concerns: tuple[str, ...] = ()
    """Roles of the people whom it is about."""
    holders: tuple[str, ...] = ()
    """Roles of the people who know it already."""
    mentions: tuple[str, ...] = ()
    """Phrases that name the fact itself."""
    allusions: tuple[str, ...] = ()
    """Phrases that point to it for those who know."""
    to_them: tuple[str, ...] = ()
    """Noun phrases for it, spoken to the person concerned: "your evenings with Mara"."""
    to_others: tuple[str, ...] = ()
    """Noun phrases for it, spoken to anybody else: "Daniel's affair with Mara Lindqvist"."""
