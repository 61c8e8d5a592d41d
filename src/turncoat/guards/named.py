"""Guards by name, with their options: `read_only`, `hold(minutes=20)`, `our.module:strict(level=2&on_failure=allow)`.

One form serves everywhere: at the command line, in study files, in conditions' ids and in logs. Of several names, with
`+` between them, the first looks at an attempt first. In a value, what has a meaning of its own here is written as in
addresses of the web (`%2C` for a comma).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from importlib.metadata import EntryPoint
from typing import Any
from urllib.parse import quote, unquote

import yaml
from inspect_ai.model import Model, model_roles
from pydantic import Field, JsonValue

from turncoat.base.errors import UsageError, choices
from turncoat.base.extensions import extensions
from turncoat.base.functions import function_named, made_by, misfit
from turncoat.base.model import Frozen
from turncoat.guards.bounded import RULES, Bounded
from turncoat.guards.guard import REVIEWER, Guard
from turncoat.providers.models import resolve_model
from turncoat.scenarios.factors import CONTROL, GUARDS, Condition, FactorSpace, Level

GROUP = "guards"
"""Entry points `turncoat.guards` of other packages are guards: each names a function, or a class, that makes one."""
OTHERS = ("grader", "colleague")
"""Model roles that are not guards'."""
NONE = "none"
"""What stands where no guard is to look."""
MAX_TEXT = 600
"""Longest names of a sample's guards, with their options; a log keeps no more of them."""
_SHIPPED = {
    "no_outside_mail": "turncoat.guards.rules:no_outside_mail",
    "no_forwarding": "turncoat.guards.rules:no_forwarding",
    "no_override": "turncoat.guards.rules:no_override",
    "read_only": "turncoat.guards.rules:read_only",
    "monitor": "turncoat.guards.monitors.protocols:monitored",
    "approval_model": "turncoat.guards.approval:approval_model",
    "approval_person": "turncoat.guards.approval:approval_person",
    "two_person": "turncoat.guards.approval:two_person",
    "hold": "turncoat.guards.holding:hold",
    "inspect": "turncoat.guards.inspecting:approved_by_inspect",
}
_FORM = re.compile(r"([^\s,;=+()]+)(?:\(([^()\s,;+]*)\))?")


class Named(Frozen):
    """A guard by its name."""

    name: str
    options: dict[str, JsonValue] = Field(default_factory=dict)

    def __str__(self) -> str:
        given = "&".join(f"{n}={quote(_text(v), safe='/:@._-')}" for n, v in sorted(self.options.items()))
        return f"{self.name}({given})" if given else self.name


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) and yaml.safe_load(value) == value else json.dumps(value)


@lru_cache(maxsize=256)
def parse_guards(text: str) -> tuple[Named, ...]:
    """The guards that a text names, `+` between them; `none` and "" name no guard.

    Raises:
        UsageError: It is of another form, names one twice, or is too long.
    """
    pieces = [piece for piece in re.split(r"\+(?![^()]*\))", text.strip()) if piece not in ("", NONE)]
    found = tuple(_parsed(piece, text) for piece in pieces)
    if len({str(n) for n in found}) < len(found):
        raise UsageError(f"guard {text!r}: names one guard twice")
    if len(text) > MAX_TEXT:
        raise UsageError(f"guard {text[:40]!r}…: {len(text)} characters; the limit is {MAX_TEXT}")
    return found


def _parsed(piece: str, text: str) -> Named:
    match = _FORM.fullmatch(piece)
    options: dict[str, JsonValue] = {}
    for item in (match[2] or "").split("&") if match else ():
        name, sign, value = item.partition("=")
        if item and (not sign or not name.isidentifier() or name in options):
            match = None
        elif item:
            options[name] = _value(unquote(value))
    if match is None:
        raise UsageError(
            f"guard {text[:80]!r}: {piece[:80]!r} is not of the form name, or name(option=value&option=value)"
        )
    return Named(name=match[1], options=options)


def _value(text: str) -> JsonValue:
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        return text
    return value if isinstance(value, str | int | float | bool | list | dict) else text


def with_guards(condition: str, names: Iterable[str]) -> str:
    """The id of a condition that has further guards, after those that it names.

    Args:
        condition: The id, of any order.
        names: Guards, each in the form above.

    Raises:
        UsageError: One is of another form, or there already.
    """
    more = [str(named) for name in names for named in parse_guards(name)]
    if not more:
        return condition
    settings = [s for s in condition.split(",") if s.strip() not in ("", CONTROL)]
    own = [s.partition("=")[2].strip() for s in settings if s.partition("=")[0].strip() == GUARDS]
    others = [s for s in settings if s.partition("=")[0].strip() != GUARDS]
    joined = "+".join(map(str, parse_guards("+".join([*own, *more]))))
    return ",".join([*others, f"{GUARDS}={joined}"])


def guards_of_levels(levels: Iterable[Level]) -> tuple[str, ...]:
    """The guards that levels name, in order, each in the form above.

    Raises:
        UsageError: A level's text is of another form, or the levels name one guard twice.
    """
    found: list[Named] = []
    for level in levels:
        for named in parse_guards(level.guard):
            found.append(named.model_copy(update={"options": {**level.options, **named.options}}))
    return tuple(str(n) for n in parse_guards("+".join(map(str, found))))


def unknown_guards(space: FactorSpace) -> list[str]:
    """What is wrong with the guards that factor files name: one line for each that cannot be made."""
    found = []
    for factor in space.factors.values():
        for name, level in factor.levels.items():
            try:
                for text in guards_of_levels([level]):
                    make_guard(text)
            except UsageError as error:
                found.append(f"factors/{factor.name}.yaml: levels.{name}: {error}")
    return found


def guard_names() -> tuple[str, ...]:
    """The names of all guards: the shipped ones, then those of other packages. None of them is imported."""
    return (*_SHIPPED, *(n for n in extensions(GROUP) if n not in _SHIPPED))


def make_guard(text: str) -> Bounded:
    """Make a new guard: whatever it remembers is of one session.

    Args:
        text: Its name with its options. Besides its own options each takes `on_failure` and `timeout`; see `Bounded`.

    Returns:
        The guard within its bounds.

    Raises:
        UsageError: There is none of this name, it has no such option, or what its function makes is no guard.
        UnknownName: A module or function that is not there.
    """
    (named,) = parse_guards(text)
    own = {n: v for n, v in named.options.items() if n not in ("on_failure", "timeout")}
    make = _factory(named.name)
    if why := misfit(make, list(own), ("on_failure", "timeout")):
        raise UsageError(f"guard {named.name!r}: {why}")
    guard = made_by(make, f"guard {named.name!r}", **own)
    if not callable(getattr(guard, "review", None)):
        raise UsageError(f"guard {named.name!r}: its function gave {type(guard).__name__}, which has no `review`")
    return _bounded(guard, named)


def make_guards(metadata: Mapping[str, Any]) -> tuple[Guard, ...]:
    """New guards of a sample that runs, by its metadata.

    Raises:
        UsageError: As `make_guard`, or whom one asks is not there.
    """
    texts = [str(text) for text in metadata.get("guards") or ()]
    refuse_unready(texts, model_roles())
    return tuple(make_guard(text) for text in texts)


def asked_by_guards(names: Mapping[str, str]) -> dict[str, Model]:
    """The models that guards ask, by role.

    Args:
        names: Role → Inspect's name of the model.

    Raises:
        UsageError: A role that is none of guards'.
        UnknownName: Unknown provider, a missing package, or a missing key.
    """
    if wrong := next((role for role in names if role in OTHERS or not role.isidentifier()), None):
        raise UsageError(f"model role {wrong!r} is none that guards ask; a judge is named by --judge, a colleague by "
                         "--colleague")  # fmt: skip
    return {role: resolve_model(name) for role, name in names.items()}


def guards_in(space: FactorSpace, condition: Condition) -> tuple[Bounded, ...]:
    """New guards of a condition, for a session outside an evaluation.

    Raises:
        UsageError: As `make_guard`.
    """
    return tuple(make_guard(text) for text in guards_of_levels(space.guards(condition)))


def deciding_by_rules(space: FactorSpace, condition: Condition) -> tuple[Bounded, ...]:
    """New guards of a condition, for a session in which nobody can be asked.

    Raises:
        UsageError: As `make_guard`, or one asks somebody.
    """
    made = guards_in(space, condition)
    if asking := next((g for g in made if g.asks), None):
        raise UsageError(
            f"guard {asking.name!r} asks {asking.asks}, and where a company is served or visited nobody is asked; "
            f"guards that decide by rules do there: {', '.join(_by_rules())}, or module:function"
        )
    return made


def _by_rules() -> list[str]:
    """The names of guards that ask nobody, as they are without options."""

    def asks_nobody(name: str) -> bool:
        try:
            return not make_guard(name).asks
        except UsageError:  # it needs options
            return False

    return [name for name in guard_names() if asks_nobody(name)]


def refuse_unready(texts: Sequence[str], roles: Collection[str]) -> None:
    """See that whom guards ask can be asked.

    Args:
        texts: The guards.
        roles: The model roles that there are.

    Raises:
        UsageError: One cannot; with what to do about it.
    """
    for text in texts:
        if why := make_guard(text).unready(roles):
            raise UsageError(f"guard {text!r}: {why}")
    asked = {role for text in texts for role in make_guard(text).roles} | {REVIEWER}
    if texts and (unasked := [r for r in roles if r not in asked and r not in OTHERS]):
        raise UsageError(f"model role {choices(unasked[0], sorted(asked))}, which the guards ask")


def _factory(name: str) -> Callable[..., Any]:
    if name in _SHIPPED:
        make: Callable[..., Any] = EntryPoint(name, _SHIPPED[name], GROUP).load()
        return make
    if (load := extensions(GROUP).get(name)) is not None:
        named: Callable[..., Any] = load()  # whatever the package names
        return named
    if ":" in name:
        return function_named(name, "guard", "ours.guards:strict")
    raise UsageError(f"unknown guard: {choices(name, [*guard_names(), 'module:function'])}")


def _bounded(guard: Guard, named: Named) -> Bounded:
    rule = named.options.get("on_failure", getattr(guard, "on_failure", "block"))
    if rule not in RULES:
        raise UsageError(f"guard {named.name!r}: on_failure: {choices(rule, RULES)}")
    limit = named.options.get("timeout", getattr(guard, "timeout", None))
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int | float) or not 0 < limit <= 86_400):
        raise UsageError(f"guard {named.name!r}: timeout: {limit!r} is no number of seconds from above 0 to 86400")
    return Bounded(guard, "allow" if rule == "allow" else "block", limit)
