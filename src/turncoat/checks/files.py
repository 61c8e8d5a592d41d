"""Checks on the data files alone: names that exist, everything used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from turncoat.errors import ConditionError, TemplateError, choices
from turncoat.scenarios.scenario import Scenario, Storyline
from turncoat.scenarios.schema import StorySpec
from turncoat.scenarios.templates import has_markup, variables

EVERYWHERE = frozenset({"firm"})


def file_problems(scenario: Scenario) -> Iterator[str]:
    """Problems that the files show without rendering."""
    place = f"{scenario.name}/scenario.yaml"
    for condition in scenario.spec.headline:
        try:
            scenario.space.parse(condition)
        except ConditionError as error:
            yield f"{place}: key 'headline': {str(error).removeprefix(f'{scenario.name}: ')}"
    for storyline in scenario.storylines.values():
        place = f"{scenario.name}/storylines/{storyline.name}"
        for email in storyline.emails.values():
            if not has_markup(email.spec.re) and email.spec.re and email.spec.re not in storyline.emails:
                yield f"{email.place}: key 're': {choices(email.spec.re, storyline.emails)}"
        yield from _role_problems(scenario, storyline, place)
        yield from _name_problems(storyline.spec, f"{place}/story.yaml")
        yield from _unused(scenario, storyline, place)


def _name_problems(story: StorySpec, place: str) -> Iterator[str]:
    """Names of people, facts and alerts in a storyline that are nobody's and nothing's."""
    people = (*story.cast, "agent")
    named: list[tuple[str, Iterable[str], Iterable[str]]] = [
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
    for key, names, allowed in named:
        for wrong in (name for name in names if name not in allowed):
            yield f"{place}: key {key!r}: {choices(wrong, allowed)}"


def _role_problems(scenario: Scenario, storyline: Storyline, place: str) -> Iterator[str]:
    cast = storyline.spec.cast
    for role, members in scenario.spec.roles.items():
        for member in members:
            if member not in cast:
                yield f"{place}/story.yaml: cast: has no {member!r}, which scenario.yaml names as {role!r}"
    if scenario.spec.secret not in storyline.spec.facts:
        yield f"{place}/story.yaml: facts: has no {scenario.spec.secret!r}, on which the scenario turns"


def _unused(scenario: Scenario, storyline: Storyline, place: str) -> Iterator[str]:
    spec = storyline.spec
    used: set[str] = set(EVERYWHERE)
    named: set[str] = {m for members in scenario.spec.roles.values() for m in members}
    texts: list[tuple[str, str, int]] = []
    for email in storyline.emails.values():
        texts += [(email.body, f"{email.place}: body", email.line), (email.spec.subject, f"{email.place}: subject", 0)]
        named |= {email.spec.sender, *email.spec.to, *email.spec.cc}
        texts += [(t, email.place, 0) for t in (email.spec.sender, *email.spec.to, *email.spec.cc)]
    texts += [(t, f"{place}/story.yaml", 0) for t in _strings(spec.model_dump(exclude={"about", "canary"}))]
    texts += [(t, f"{scenario.name}/scenario.yaml", 0) for t in _strings(scenario.spec.model_dump())]
    for group in spec.groups.values():
        named |= set(group.members)
    broken = False
    for text, where, line in texts:
        try:
            used |= variables(text, where, line)
        except TemplateError as error:
            yield str(error)
            broken = True
    if broken:  # what it uses is not known
        return
    for slot in spec.slots:
        if slot not in used:
            yield f"{place}/story.yaml: slots.{slot} is used nowhere"
    for role in spec.cast:
        if role not in used | named:
            yield f"{place}/story.yaml: cast.{role} appears nowhere"


def _strings(data: object) -> Iterator[str]:
    match data:
        case str():
            yield data
        case dict():
            for value in data.values():
                yield from _strings(value)
        case list() | tuple():
            for value in data:
                yield from _strings(value)
        case _:
            return
