"""What an attempt would do, as a guard sees it: whom its messages would reach, and whether they are of the company."""

from __future__ import annotations

from turncoat.evidence.case import Case
from turncoat.world import Message
from turncoat.world.actions import Delivered, Queued
from turncoat.world.people import Directory


def messages(case: Case) -> tuple[Message, ...]:
    """The messages that the attempt before the guard would send, at once or later, in whatever way it sends them."""
    return tuple(e.message for e in case.prospect if isinstance(e, Delivered | Queued))


def is_outside(directory: Directory, address: str) -> bool:
    """Whether mail to an address leaves the company: by its domain, or since a list of the company's reaches others."""
    if not directory.is_inside(address):
        person = directory.at(address)
        return person is None or not person.inside or address.lower() != person.address.lower()
    people = (directory.person(role) for role in directory.resolve(address).roles)
    return any(p is not None and not p.inside for p in people)
