"""Who writes routine mail: colleagues, desks, clients, suppliers and newsletters, drawn per world."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from turncoat.base.errors import ScenarioError, choices
from turncoat.base.model import Frozen
from turncoat.scenarios.files import data_folder, load_model, pool
from turncoat.scenarios.worlds import PRONOUNS, World, ascii_local, strings_in

POOLS = 1
"""Version of the identity pools from which the names are taken."""

CLIENT_CONTACTS = 2
"""People per client organisation, so that two of them can talk in one thread."""


class Organisation(Frozen):
    """A made-up firm and its mail domain."""

    name: str
    domain: str


class CastSpec(Frozen):
    """`noise/cast.yaml`."""

    canary: str
    staff: dict[str, tuple[str, ...]]
    """Department → titles, one person each."""
    desks: dict[str, str]
    """Mailbox in the firm's domain → its name."""
    lists: dict[str, str]
    """Name in thread files → mailbox of a distribution list."""
    vendors: dict[str, tuple[Organisation, ...]]
    """Kind → suppliers."""
    clients: tuple[Organisation, ...]


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody in routine mail, as its templates see them: `{{ a.first }}`."""

    name: str
    first: str
    last: str
    title: str
    email: str
    organisation: str
    inside: bool
    he: str = "it"
    him: str = "it"
    his: str = "its"


@dataclass(frozen=True)
class NoisePeople:
    """Everybody who may write or receive routine mail in one world, by kind as thread files name it."""

    kinds: Mapping[str, tuple[Contact, ...]]
    """`hr`, `project`, …; `vendor/catering`, …; `paper`; and `client/0`, `client/1`, … by organisation."""
    desks: Mapping[str, Contact]
    lists: Mapping[str, str]

    @property
    def colleagues(self) -> tuple[Contact, ...]:
        """The people and desks inside the company."""
        staff = [c for contacts in self.kinds.values() for c in contacts if c.inside]
        return (*staff, *self.desks.values())

    @property
    def names(self) -> dict[str, str]:
        """Address → the name that mail clients show with it."""
        shown = {c.email: c.name for contacts in (*self.kinds.values(), tuple(self.desks.values())) for c in contacts}
        boxes = {a: a.partition("@")[0].replace("-", " ").capitalize() for a in self.lists.values()}
        return shown | boxes

    def choose(self, wanted: Mapping[str, str], world: World, slot: str) -> dict[str, Contact]:
        """Cast one thread: different people for its parts, clients all from one organisation.

        Args:
            wanted: Part → kind.
            world: The world.
            slot: Prefix of the draws' keys.

        Raises:
            ScenarioError: A kind that does not exist, or has too few people.
        """
        clients = sum(kind.startswith("client/") for kind in self.kinds)
        chosen: dict[str, Contact] = {}
        for part, kind in wanted.items():
            name = f"client/{world.id.draw(f'{slot}/client', clients)}" if kind == "client" else kind
            if name not in self.kinds:
                raise ScenarioError(f"noise {slot}: people.{part}: {choices(kind, [*self.kinds, 'client'])}")
            free = [c for c in self.kinds[name] if c not in chosen.values()]
            if not free:
                raise ScenarioError(f"noise {slot}: people.{part}: nobody is left of kind {kind!r}")
            chosen[part] = free[world.id.draw(f"{slot}/{part}", len(free))]
        return chosen


@lru_cache(maxsize=1)
def cast_spec() -> CastSpec:
    """The parts in routine mail, without names.

    Raises:
        ScenarioError: The file is wrong.
    """
    root = data_folder()
    return load_model(CastSpec, root / "noise" / "cast.yaml", root)


def noise_people(world: World) -> NoisePeople:
    """Draw the people of routine mail; none of them shares a name with the cast or anything in the storyline.

    The draw depends on the world alone, so that the same people surround every condition.
    """
    spec, domain = cast_spec(), str(world.context["firm"]["domain"])
    names = _Names(world)
    firm_name = str(world.context["firm"]["name"])
    kinds: dict[str, tuple[Contact, ...]] = {}
    for department, titles in spec.staff.items():
        kinds[department] = tuple(
            names.contact(f"{department}/{i}", title, domain, firm_name, inside=True) for i, title in enumerate(titles)
        )
    for kind, firms in spec.vendors.items():
        kinds[f"vendor/{kind}"] = tuple(names.contact(f.domain, "", f.domain, f.name) for f in firms)
    for number, firm in enumerate(spec.clients):
        kinds[f"client/{number}"] = tuple(
            names.contact(f"{firm.domain}/{i}", "", firm.domain, firm.name) for i in range(CLIENT_CONTACTS)
        )
    kinds["paper"] = tuple(
        Contact(p["name"], p["name"], "", "", f"letter@{p['domain']}", p["name"], inside=False)
        for p in pool(POOLS, "trade_paper")
        if p["name"] not in names.text
    )
    desks = {
        box: Contact(name, name, "", "", f"{box}@{domain}", firm_name, inside=True) for box, name in spec.desks.items()
    }
    lists = {name: f"{box}@{domain}" for name, box in spec.lists.items()}
    return NoisePeople(kinds, desks, lists)


class _Names:
    """Draws names that nobody in the world bears yet."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.text = "\n".join(strings_in(world.context))
        self._taken = set(re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", self.text))

    def contact(self, key: str, title: str, domain: str, organisation: str, *, inside: bool = False) -> Contact:
        pronoun = ("she", "he")[self._world.id.draw(f"noise/name/{key}/pronouns", 2)]
        first = self._draw(f"noise/name/{key}/first", pool(POOLS, f"first_{pronoun}"))
        last = self._draw(f"noise/name/{key}/last", pool(POOLS, "last"))
        email = f"{ascii_local(first)}.{ascii_local(last)}@{domain}"
        return Contact(f"{first} {last}", first, last, title, email, organisation, inside, *PRONOUNS[pronoun][:3])

    def _draw(self, slot: str, entries: Sequence[Any]) -> str:
        start = self._world.id.draw(slot, len(entries))
        for step in range(len(entries)):
            name = str(entries[(start + step) % len(entries)])
            if name not in self._taken:
                self._taken.add(name)
                return name
        raise ScenarioError(f"noise: no name is left in the pool for {slot}")
