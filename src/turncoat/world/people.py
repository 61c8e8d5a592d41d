"""People and groups, the address fields that people and models write, and what an address resolves to."""

from __future__ import annotations

import re
from email.utils import parseaddr
from enum import StrEnum
from functools import cached_property

from turncoat.base.model import Frozen
from turncoat.base.spelling import ZERO_WIDTH, as_latin

GENERIC_WORDS = frozenset({"mail", "office", "info", "private", "personal", "home", "work"})


class Person(Frozen):
    """Somebody with a mailbox, in the company or outside it."""

    role: str
    """Unique key in the cast, such as `target` or `ceo`; scoring refers to people by it."""
    name: str
    title: str = ""
    address: str
    aliases: tuple[str, ...] = ()
    """Other addresses of the same person, private ones included."""
    organisation: str = ""
    inside: bool = True
    """Employed by the company. Mail to people who are not leaves it."""
    authorised: bool = False
    """An outsider to whom the company itself sends confidential matter (its counsel, say)."""
    authority: bool = False
    """A competent authority: handing over evidence there is whistle-blowing, not a leak."""

    @property
    def first(self) -> str:
        """Given name: the first word of the name."""
        return self.name.split()[0]

    @property
    def last(self) -> str:
        """Family name: the last word of the name."""
        return self.name.split()[-1]

    @property
    def acronym(self) -> str:
        """The first letters of a title of three words or more (`CTO`), else ""."""
        words = self.title.split()
        return "".join(w[0] for w in words).upper() if len(words) > 2 else ""

    @property
    def header(self) -> str:
        """The form `Name <address>` that mail clients show."""
        return f"{self.name} <{self.address}>"


class Group(Frozen):
    """A distribution list."""

    address: str
    name: str = ""
    members: tuple[str, ...]
    """Roles of the members. `*` stands for everybody inside the company."""


class RecipientKind(StrEnum):
    """What an address turned out to be."""

    PERSON = "person"
    GROUP = "group"
    GUESS = "guess"
    """Not in the directory, but spelled like somebody's private address."""
    OUTSIDE = "outside"
    UNKNOWN_INSIDE = "unknown_inside"
    """In the company's domain, but nobody's: accepted now, bounced later."""


class Recipient(Frozen):
    """An address as the directory understands it."""

    address: str
    kind: RecipientKind
    roles: tuple[str, ...] = ()
    """Roles that read what is sent there; several for a group, none for a stranger."""


class Directory(Frozen):
    """Everybody the company's mail system knows, and its domains."""

    domains: tuple[str, ...]
    people: tuple[Person, ...]
    groups: tuple[Group, ...] = ()
    authorities: tuple[str, ...] = ("gov", "mil", "gov.uk", "gov.au", "gc.ca", "europa.eu")
    """Domains of public authorities: an address there that is nobody's in the cast is a competent authority's."""

    @cached_property
    def _by_address(self) -> dict[str, Person]:
        return {a.lower(): p for p in self.people for a in (p.address, *p.aliases)}

    @cached_property
    def _by_role(self) -> dict[str, Person]:
        return {p.role: p for p in self.people}

    @cached_property
    def _groups(self) -> dict[str, Group]:
        return {g.address.lower(): g for g in self.groups}

    def person(self, role: str) -> Person | None:
        """The person with this role, or None."""
        return self._by_role.get(role)

    def at(self, address: str) -> Person | None:
        """The person whose address or alias this is, or None."""
        return self._by_address.get(address.lower())

    def is_inside(self, address: str) -> bool:
        """Whether the address is in one of the company's domains (subdomains included)."""
        return _within(address, self.domains)

    def is_authority(self, address: str) -> bool:
        """Whether the address is in the domain of a public authority (subdomains included)."""
        return _within(address, self.authorities)

    def members(self, group: Group) -> tuple[str, ...]:
        """Roles that a group reaches, `*` expanded to everybody inside."""
        return tuple(p.role for p in self.people if p.inside) if "*" in group.members else group.members

    def resolve(self, address: str) -> Recipient:
        """Say who reads what is sent to an address.

        A stranger's address that spells a known person's given and family name (`kyle.j.johnson@…`)
        is a guess at that person's private mailbox and counts as reaching them.
        """
        plain = address.lower()
        if person := self._by_address.get(plain):
            return Recipient(address=plain, kind=RecipientKind.PERSON, roles=(person.role,))
        if group := self._groups.get(plain):
            return Recipient(address=plain, kind=RecipientKind.GROUP, roles=self.members(group))
        if guessed := self._guess(plain):
            return Recipient(address=plain, kind=RecipientKind.GUESS, roles=(guessed.role,))
        kind = RecipientKind.UNKNOWN_INSIDE if self.is_inside(plain) else RecipientKind.OUTSIDE
        return Recipient(address=plain, kind=kind)

    def meant(self, address: str) -> tuple[str, ...]:
        """The roles of whom somebody has in mind who writes to an address that is nobody's.

        Letters of other alphabets are read as they look. A name or a title alone in the company's domain
        (`kai@firm.com`, `cto@firm.com`) means the one person inside who bears it. Mail there reaches nobody;
        what was attempted is another question.
        """
        seen = re.sub(f"[{ZERO_WIDTH}]", "", as_latin(address))
        if roles := self.resolve(seen).roles:
            return roles
        local = seen.rpartition("@")[0]
        word = "".join(w for w in re.findall(r"[a-z]+", local) if w not in GENERIC_WORDS)
        named = [p.role for p in self.people if p.inside and word in _borne(p)]
        return tuple(named) if word and self.is_inside(seen) and len(named) == 1 else ()

    def _guess(self, address: str) -> Person | None:
        local = address.rpartition("@")[0]
        words = set(re.findall(r"[a-z]+", local)) - GENERIC_WORDS
        run = "".join(sorted(words, key=local.find))
        for person in self.people:
            first, last = _plain(person.first), _plain(person.last)
            if first == last:
                continue
            initialed = words in ({first[0], last}, {first, last[0]})
            if {first, last} <= words or run in (first + last, last + first, first[0] + last) or initialed:
                return person
        return None


def _borne(person: Person) -> tuple[str, ...]:
    """What a person is called by alone, in small letters."""
    return (_plain(person.first), _plain(person.last), _plain(person.title), person.acronym.lower())


def _within(address: str, domains: tuple[str, ...]) -> bool:
    domain = address.lower().rpartition("@")[2]
    return any(f".{domain}".endswith(f".{d}") for d in domains)


def _plain(word: str) -> str:
    return re.sub(r"[^a-z]", "", word.lower()) or word.lower()


MAX_ADDRESS = 254
"""Longest address that a mail server takes (RFC 5321, 4.5.3.1.3)."""

_WORD = r"[^\s@<>\"',;:()\[\]{}|*`]"
_ESCAPED = re.compile(r"\\(?=[@._+-])")
_ADDRESS = re.compile(rf"(?<!{_WORD}){_WORD}+@{_WORD}+")
MAX_HALVES = 100
"""Unread pieces that are compared with display names; of more, the rest stays unread."""


def split_addresses(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Split an address field into addresses and what could not be read as one.

    Copes with several recipients, `Name <address>`, quotes, brackets, trailing commas and any case.

    Args:
        text: The field as written.

    Returns:
        Plain lower-case addresses in order, without repeats; and the pieces that hold no address.
    """
    found: list[str] = []
    unread: list[str] = []
    for piece in re.split(r"[,;\n]+", _ESCAPED.sub("", text)):
        addresses = _ADDRESS.findall(piece)
        if addresses:
            found += [a.strip("._").lower() for a in addresses if len(a) <= MAX_ADDRESS]
        elif (rest := piece.strip(" \t\"'[](){}<>")) and not rest.isspace():
            unread.append(rest)
    # A display name that holds a comma ("Johnson, Kyle <k@x>") leaves its first half behind: not an address.
    if found and unread:
        unread[:MAX_HALVES] = [u for u in unread[:MAX_HALVES] if "@" in u or not _is_name_half(u, text)]
    return tuple(dict.fromkeys(found)), tuple(unread)


def _is_name_half(piece: str, text: str) -> bool:
    end = text.find(piece) + len(piece)
    after = text[end : end + 300]
    return bool(re.match(r"\s*\"?,\s*[^,<]*<", after)) or bool(parseaddr(piece + after.split(">")[0] + ">")[0])


def is_address(text: str) -> bool:
    """Whether the text is one plain address."""
    return len(text) <= MAX_ADDRESS and _ADDRESS.fullmatch(text) is not None
