"""The factor space: factors, their levels, and conditions (one level of each factor).

A condition that does not make sense cannot be built. Its id names only the levels that differ from the
defaults, in the factors' fixed order, so that a new factor changes no id that exists.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Annotated

from pydantic import Field, JsonValue, model_validator

from turncoat.base.errors import ConditionError, choices
from turncoat.base.model import Frozen

STAGING, PAPER = "staging", "paper"
"""The factor that says how a company is staged, and its default."""
_NAMES = re.compile(r"[^\s,;=+(]+[^\s,;]*")
"""Names of guards, as a condition's id can hold them."""
GUARDS = "guards"
"""The open factor whose levels are guards by name."""
CONTROL = "control"
"""Id of the condition in which every factor has its default."""


class Level(Frozen):
    """One setting of a factor."""

    about: str = ""
    parts: dict[str, str] = Field(default_factory=dict)
    """Templates that this level adds to named parts of the system prompt."""
    stagings: tuple[str, ...] = ()
    """Names of those in which there is the level; of none: all."""
    mitigation: bool = False
    """Whether somebody who deploys an agent could choose it in order to lower harm; reports show its effect apart."""
    guard: str = ""
    """Name of a guard that looks at every attempt; see `turncoat.guards.named`. What a model is shown is the same."""
    options: dict[str, JsonValue] = Field(default_factory=dict)
    """Of the guard."""
    abilities: tuple[str, ...] = ()
    """What the scenario's agent must be able to do for the level to mean anything; see `ScenarioSpec.abilities`."""


class Refusal(Frozen):
    """A combination of levels that makes no sense, with the reason."""

    when: dict[str, tuple[str, ...]]
    """Factor → levels; the combination is refused if all of them match."""
    because: str


class Factor(Frozen):
    """Something that an experiment varies, one file of data."""

    name: str
    order: Annotated[int, Field(ge=-(10**6), le=10**6)]
    """Place in ids and listings. Never changed once published."""
    about: str
    source: str = ""
    """Where the factor comes from (section of the paper, later work)."""
    default: str
    levels: dict[str, Level]
    needs: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """The factor means something only with these levels of other factors; otherwise it keeps its default."""
    refuse: tuple[Refusal, ...] = ()
    interfaces: tuple[str, ...] = ()
    """Names of those in which the factor changes anything; of none: all."""
    because: str = ""
    """Why it changes nothing in the others."""
    stagings: tuple[str, ...] = ()
    """Names of those in which the factor can be set; of none: all."""
    defaults: dict[str, str] = Field(default_factory=dict)
    """Staging → its default there, where it is another one."""
    gives_way: bool = False
    """Whether a role or slot of a storyline may bear the factor's name, and then has it in templates."""
    open: bool = False
    """Whether the name of any guard is a level, too, or several with `+` between them."""

    @property
    def guards(self) -> bool:
        """Whether it varies guards alone, so that nothing that a model is shown depends on it."""
        return self.open or any(v.guard for v in self.levels.values())

    def level(self, name: str) -> Level | None:
        """The level of a name; of an open factor, a guard's if it is none of its own."""
        if self.open and name not in self.levels and _NAMES.fullmatch(name):
            return Level(about=f"Guards: {name}.", mitigation=True, guard=name)
        return self.levels.get(name)

    def default_in(self, staging: str) -> str:
        """The default in a staging."""
        return self.defaults.get(staging, self.default)

    @model_validator(mode="after")
    def _default_is_a_level(self) -> Factor:
        for default in (self.default, *self.defaults.values()):
            if default not in self.levels:
                raise ValueError(f"default: {choices(default, self.levels)}")
        return self


class Condition(Frozen):
    """One level of each factor. Build it by `FactorSpace.condition`, which checks it."""

    levels: dict[str, str]
    """All factors in the space's order."""
    id: str

    def __getitem__(self, factor: str) -> str:
        return self.levels[factor]

    def __hash__(self) -> int:
        return hash(self.id)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Condition) and self.id == other.id and self.levels == other.levels

    def __repr__(self) -> str:
        return f"<condition {self.id}>"

    @property
    def staging(self) -> str:
        """How the company is staged."""
        return self.levels.get(STAGING, PAPER)

    @property
    def settings(self) -> dict[str, str]:
        """The levels that its id names; a space makes the condition of them, and others of some of them."""
        return _named(self.id)

    @property
    def hash(self) -> str:
        """First 12 hex digits of the SHA-256 of the id; a name for files."""
        return hashlib.sha256(self.id.encode()).hexdigest()[:12]


class FactorSpace:
    """The factors of a scenario, in order, and the conditions that they allow.

    Args:
        factors: Any order; they are sorted by `order`, then name.
        where: Name of the scenario, for error messages.
        left_out: Factors of other scenarios, or levels as `factor=level`, that this one has not → the reason.
    """

    def __init__(
        self,
        factors: Iterable[Factor],
        where: str = "this scenario",
        left_out: Mapping[str, str] | None = None,
    ) -> None:
        self.factors = {f.name: f for f in sorted(factors, key=lambda f: (f.order, f.name))}
        self.where, self.left_out = where, dict(left_out or {})
        self._defaults: dict[str, dict[str, str]] = {}
        """Staging → the level of each factor if nothing is set; made when it is first asked for."""

    @property
    def mitigations(self) -> list[str]:
        """The levels that are mitigations, as `factor=level`."""
        return [f"{n}={name}" for n, f in self.factors.items() for name, level in f.levels.items() if level.mitigation]

    def condition(self, settings: Mapping[str, str] | None = None) -> Condition:
        """Build a condition from the levels that differ from the defaults.

        Args:
            settings: Factor → level.

        Raises:
            ConditionError: An unknown factor or level, one that is left out or has no meaning here, or a refused
                combination.
        """
        settings = dict(settings or {})
        self._check_names({name: (level,) for name, level in settings.items()})
        staging = settings.get(STAGING, PAPER)
        if staging not in self._defaults:
            self._defaults[staging] = {name: f.default_in(staging) for name, f in self.factors.items()}
        defaults = self._defaults[staging]
        levels = {**defaults, **settings}
        for name, factor in self.factors.items():
            if levels[name] != defaults[name]:
                self._check(name, factor, levels)
        changed = [f"{n}={v}" for n, v in levels.items() if v != (PAPER if n == STAGING else defaults[n])]
        return Condition(levels=levels, id=",".join(changed) or CONTROL)

    def parse(self, text: str) -> Condition:
        """Build a condition from its id: `goal=explicit,threat=replacement`, or `control`.

        Raises:
            ConditionError: As `condition`, or if a part is not of the form factor=level.
        """
        return self.condition(_named(text))

    def see_interface(self, condition: Condition, interface: str, where: str = "") -> None:
        """See that a condition means something in an interface.

        Args:
            condition: The condition.
            interface: Its name.
            where: The interface in the words of the message, such as `with tools`.

        Raises:
            ConditionError: A factor beside its default changes nothing there.
        """
        for name, factor in self.factors.items():
            if factor.interfaces and condition[name] != factor.default and interface not in factor.interfaces:
                reason = f": {factor.because}" if factor.because else ""
                there = where or f"in the {interface} interface"
                raise ConditionError(f"{self.where}: {name}={condition[name]} means nothing {there}{reason}")

    def level_of(self, name: str, level: str) -> Level:
        """A level of a factor that a condition of this space has."""
        return self.factors[name].level(level) or self.factors[name].levels[level]

    def guards(self, condition: Condition) -> list[Level]:
        """The levels of a condition that name guards, in the order in which those look at an attempt."""
        levels = (self.level_of(name, condition[name]) for name in self.factors)
        return [level for level in levels if level.guard]

    def grid(self, levels: Mapping[str, Iterable[str]]) -> Iterator[Condition]:
        """All conditions of a cross of levels, in order; combinations without meaning are left out."""
        names = list(levels)
        seen: set[str] = set()
        for combination in product(*(list(levels[n]) for n in names)):
            try:
                condition = self.condition(dict(zip(names, combination, strict=True)))
            except ConditionError:
                self._check_names(levels)
                continue
            if condition.id not in seen:
                seen.add(condition.id)
                yield condition

    def _check_names(self, levels: Mapping[str, Iterable[str]]) -> None:
        for name, values in levels.items():
            if name not in self.factors:
                raise ConditionError(f"{self.where}: {self.missing(name)}")
            factor = self.factors[name]
            if (wrong := next((v for v in values if factor.level(v) is None), None)) is not None:
                if why := self.left_out.get(f"{name}={wrong}"):
                    raise ConditionError(f"{self.where}: {name}={wrong} is left out here: {why}")
                raise ConditionError(f"{self.where}: factor {name!r}: {choices(wrong, factor.levels)}")

    def missing(self, name: str) -> str:
        """Say that there is no such factor here, and why, or which there are."""
        if name in self.left_out:
            return f"factor {name!r} is left out here: {self.left_out[name]}"
        return f"unknown factor: {choices(name, self.factors)}"

    def _check(self, name: str, factor: Factor, levels: Mapping[str, str]) -> None:
        level, staging = levels[name], levels.get(STAGING, PAPER)
        for stagings in (factor.stagings, self.level_of(name, level).stagings):
            if stagings and staging not in stagings:
                reason = f": {factor.because}" if factor.because else ""
                raise ConditionError(f"{self.where}: {name}={level} is not there with {STAGING}={staging}{reason}")
        for other, wanted in factor.needs.items():
            if levels.get(other) not in wanted:
                raise ConditionError(
                    f"{self.where}: {name}={level} means nothing with {other}={levels.get(other)}; "
                    f"it needs {other} to be one of: {', '.join(wanted)}"
                )
        for refusal in factor.refuse:
            if all(levels.get(f) in values for f, values in refusal.when.items()):
                combination = ", ".join(f"{f}={levels.get(f)}" for f in refusal.when)
                raise ConditionError(f"{self.where}: {combination} do not go together: {refusal.because}")


def _named(id: str) -> dict[str, str]:
    return parse_settings([] if id.strip() in ("", CONTROL) else id.split(","))


def parse_settings(items: Iterable[str]) -> dict[str, str]:
    """Read `factor=level` items, as the command line takes them.

    Raises:
        ConditionError: An item without `=`, or a factor that is set twice to different levels.
    """
    settings: dict[str, str] = {}
    for item in items:
        name, sign, level = (part.strip() for part in item.partition("="))
        if not sign or not name or not level:
            nor = "; it stands for no level set" if item.strip() == CONTROL else f", nor is it {CONTROL!r}"
            raise ConditionError(f"{item!r} is not of the form factor=level, such as threat=replacement{nor}")
        if settings.get(name, level) != level:
            raise ConditionError(f"factor {name!r} is set twice: {settings[name]!r} and {level!r}")
        settings[name] = level
    return settings
