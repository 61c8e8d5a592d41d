"""Checks on the data files alone: names that exist, everything used."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from turncoat.base.errors import ConditionError, TemplateError, choices, nearest
from turncoat.base.problems import Problem
from turncoat.checks.codes import Code, problem_of
from turncoat.doors.tools.catalog import TOOLS
from turncoat.scenarios.loader import shared_parts
from turncoat.scenarios.rendering import Storyline
from turncoat.scenarios.scenario import SYSTEM_PARTS, Scenario
from turncoat.scenarios.schema import StorySpec
from turncoat.scenarios.templates import compared, has_markup, variables
from turncoat.scenarios.worlds import CALENDAR, strings_in

EVERYWHERE = frozenset({"firm"})
ALSO_WORDS = frozenset({"agent"})
"""Factors whose variable in templates is no level, but a name."""
KINDS = tuple(tool.kind for tool in TOOLS)
"""Acts that may cost time."""


def file_problems(scenario: Scenario) -> Iterator[Problem]:
    """Problems that the files show without rendering."""
    place = f"{scenario.name}/scenario.yaml"
    for condition in scenario.spec.headline:
        try:
            scenario.space.parse(condition)
        except ConditionError as error:
            yield Problem(Code.LEVEL, place, f"key 'headline': {str(error).removeprefix(f'{scenario.name}: ')}")
    parts = tuple(dict.fromkeys((*SYSTEM_PARTS, *shared_parts())))
    for key, names, allowed in (("parts", scenario.spec.parts, parts), ("costs", scenario.spec.costs, KINDS)):
        yield from _names(place, [(key, names, allowed)])
    for storyline in scenario.storylines.values():
        place = f"{scenario.name}/storylines/{storyline.name}/story.yaml"
        for email in storyline.emails.values():
            if not has_markup(email.spec.re) and email.spec.re and email.spec.re not in storyline.emails:
                yield from _names(email.place, [("re", [email.spec.re], storyline.emails)])
        yield from _role_problems(scenario, storyline, place)
        yield from _name_problems(storyline.spec, place)
        yield from _slot_problems(storyline.spec, place)
        yield from _template_problems(scenario, storyline, place)


def _name_problems(story: StorySpec, place: str) -> Iterator[Problem]:
    """Names of people, facts and alerts in a storyline that are nobody's and nothing's."""
    people = (*story.cast, "agent")
    named: list[tuple[str, Iterable[str], Collection[str]]] = [
        (f"replies.{number}.role", [reply.role], story.cast) for number, reply in enumerate(story.replies)
    ]
    named += [(f"groups.{name}.members", group.members, (*people, "*")) for name, group in story.groups.items()]
    for name, fact in story.facts.items():
        named += [(f"facts.{name}.holders", fact.holders, people), (f"facts.{name}.concerns", fact.concerns, people)]
    for name, document in story.documents.items():
        named.append((f"documents.{name}.facts", document.facts, story.facts))
        named.append((f"documents.{name}.owner", filter(None, [document.owner]), people))
    for name, alert in story.alerts.items():
        named.append((f"alerts.{name}.endangers", filter(None, [alert.endangers]), people))
    for number, event in enumerate(story.events):
        named.append((f"events.{number}.unless", filter(None, [event.unless]), story.alerts))
    yield from _names(place, named)


def _names(place: str, named: Iterable[tuple[str, Iterable[str], Collection[str]]]) -> Iterator[Problem]:
    """Names that are not among the allowed ones, each with the key under which it stands."""
    for key, names, allowed in named:
        yield from (Problem(Code.NAME, place, f"key {key!r}: {choices(n, allowed)}") for n in names if n not in allowed)


def _role_problems(scenario: Scenario, storyline: Storyline, place: str) -> Iterator[Problem]:
    cast = storyline.spec.cast
    for role, members in scenario.spec.roles.items():
        for member in members:
            if member not in cast:
                text = f"cast: has no {member!r}, which scenario.yaml names as {role!r}"
                yield Problem(Code.NAME, place, text)
    if scenario.spec.secret not in storyline.spec.facts:
        yield Problem(Code.NAME, place, f"facts: has no {scenario.spec.secret!r}, on which the scenario turns")


def _template_problems(scenario: Scenario, storyline: Storyline, place: str) -> Iterator[Problem]:
    """Templates that cannot be read, levels that they compare with and that are none, slots and roles unused."""
    spec = storyline.spec
    used: set[str] = set(EVERYWHERE)
    broken = False
    for text, where, line in _texts(scenario, storyline, place):
        if not has_markup(text):
            continue
        try:
            used |= variables(text, where, line)
        except TemplateError as error:
            yield problem_of(Code.TEMPLATE, error)
            broken = True
            continue
        for name, literal, at in compared(text):
            factor = scenario.space.factors.get(name)
            if factor and name not in ALSO_WORDS and literal not in factor.levels:
                number = f"line {line + at - 1}: " if line else ""
                yield Problem(Code.LEVEL, where, f"{number}factor {name!r}: {choices(literal, factor.levels)}")
    if broken:  # what it uses is not known
        return
    named: set[str] = {m for members in scenario.spec.roles.values() for m in members}
    for email in storyline.emails.values():
        named |= {email.spec.sender, *email.spec.to, *email.spec.cc}
    for group in spec.groups.values():
        named |= set(group.members)
    yield from (Problem(Code.UNUSED, place, f"slots.{slot} is used nowhere") for slot in spec.slots if slot not in used)
    yield from (
        Problem(Code.UNUSED, place, f"cast.{role} appears nowhere") for role in spec.cast if role not in used | named
    )


def _texts(scenario: Scenario, storyline: Storyline, place: str) -> Iterator[tuple[str, str, int]]:
    """Every string that may be a template, with its place and, in an email's body, its first line."""
    for email in storyline.emails.values():
        yield email.body, f"{email.place}: body", email.line
        yield email.spec.subject, f"{email.place}: subject", 0
        for name in (email.spec.sender, *email.spec.to, *email.spec.cc):
            yield name, email.place, 0
    yield from ((t, place, 0) for t in strings_in(storyline.spec.model_dump(exclude={"about", "canary"})))
    yield from ((t, f"{scenario.name}/scenario.yaml", 0) for t in strings_in(scenario.spec.model_dump()))
    for name, factor in scenario.space.factors.items():
        for level, what in factor.levels.items():
            yield from ((t, f"factors/{name}.yaml: levels.{level}.parts", 0) for t in what.parts.values())


def _slot_problems(story: StorySpec, place: str) -> Iterator[Problem]:
    """Options of slots, drawn or not, that use what is not there before them."""
    known = [*story.cast, *CALENDAR]
    for slot, options in story.slots.items():
        for number, option in enumerate(options):
            for text in strings_in(option):
                try:
                    wrong = sorted(variables(text, place) - set(known))
                except TemplateError:
                    continue  # reported with the other templates
                if wrong:
                    there = f"{wrong[0]!r} is not there before it; there are: {nearest(wrong[0], known)}"
                    yield Problem(Code.TEMPLATE, place, f"key 'slots.{slot}.{number}': {there}")
        known.append(slot)
