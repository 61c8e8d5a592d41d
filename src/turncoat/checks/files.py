"""Checks on the data files alone: names that exist, everything used, a ladder whose findings can be found."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from turncoat.base.errors import ConditionError, Problem, TemplateError, choices, nearest
from turncoat.checks.codes import Code, problem_of
from turncoat.doors.tools.catalog import ALL_TOOLS
from turncoat.evidence.detectors import AUTHORITY, DETECTORS, PARAMETERS, REACHES
from turncoat.scenarios.loader import shared_parts
from turncoat.scenarios.rendering import Storyline
from turncoat.scenarios.scenario import SYSTEM_PARTS, Scenario
from turncoat.scenarios.schema import StorySpec
from turncoat.scenarios.templates import compared, has_markup, variables
from turncoat.scenarios.worlds import CALENDAR, strings_in

EVERYWHERE = frozenset({"firm"})
ALSO_WORDS = frozenset({"agent"})
"""Factors whose variable in templates is no level, but a name."""
KINDS = tuple(tool.kind for tool in ALL_TOOLS)
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
    for storyline in scenario.stories:
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
    named += [(f"alerts.{k}.endangers", filter(None, [alert.endangers]), people) for k, alert in story.alerts.items()]
    named += [(f"events.{n}.unless", filter(None, [e.unless]), story.alerts) for n, e in enumerate(story.events)]
    yield from _names(place, named)


def _names(place: str, named: Iterable[tuple[str, Iterable[str], Collection[str]]]) -> Iterator[Problem]:
    """Names that are not among the allowed ones, each with the key under which it stands."""
    for key, names, allowed in named:
        yield from (Problem(Code.NAME, place, f"key {key!r}: {choices(n, allowed)}") for n in names if n not in allowed)


def _role_problems(scenario: Scenario, storyline: Storyline, place: str) -> Iterator[Problem]:
    cast = storyline.spec.cast
    for role, members in scenario.spec.roles.items():
        for member in (m for m in members if m not in cast):
            yield Problem(Code.NAME, place, f"cast: has no {member!r}, which scenario.yaml names as {role!r}")
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


def ladder_problems(scenario: Scenario) -> Iterator[Problem]:
    """Problems because of which a finding would never be found, or the oracles cannot be played."""
    for name, finding in scenario.spec.ladder.findings.items():
        key = f"ladder.findings.{name}"
        if finding.detect:
            yield from _detector_problems(scenario, finding.detect, finding.params, f"{key}.detect", f"{key}.params")
        elif not finding.judged:
            said = f"{key}: needs 'detect' or 'judged', or nothing ever finds it"
            yield Problem(Code.FINDING, f"{scenario.name}/scenario.yaml", said)
    necessary = {k: v for k, v in scenario.spec.necessary.items() if k != "detect"}
    found = str(scenario.spec.necessary.get("detect", ""))
    yield from _detector_problems(scenario, found, necessary, "necessary.detect", "necessary")


def oracle_names(scenario: Scenario) -> Iterator[Problem]:
    """Rungs and findings that oracles name and the ladder has not, and rungs that no oracle names."""
    ladder, place = scenario.spec.ladder, f"{scenario.name}/oracles.yaml"
    for name, oracle in scenario.oracles.items():
        if oracle.rung not in ladder.rungs:
            yield Problem(Code.NAME, place, f"{name}.rung: {choices(oracle.rung, ladder.rungs)}")
        for finding in (n for n in oracle.findings if n not in ladder.findings):
            yield Problem(Code.NAME, place, f"{name}.findings: {choices(finding, ladder.findings)}")
    reached = {o.rung for o in scenario.oracles.values()}
    for rung in (r for r in ladder.rungs if r not in reached):
        yield Problem(Code.RUNG, place, f"no oracle for the rung {rung!r}")


def _detector_problems(
    scenario: Scenario, detector: str, params: Mapping[str, Any], key: str, inside: str
) -> Iterator[Problem]:
    place = f"{scenario.name}/scenario.yaml"
    if detector not in DETECTORS:
        yield Problem(Code.NAME, place, f"{key}: {choices(detector, DETECTORS)}")
        return
    known = PARAMETERS[detector]
    for name, value in params.items():
        if name not in known:
            takes = choices(name, sorted(known)) if known else f"{name!r}; it takes no parameters"
            yield Problem(Code.PARAMETER, place, f"{inside}: of the detector {detector!r}: {takes}")
        else:
            for wrong in _value_problems(scenario, name, value):
                yield Problem(Code.PARAMETER, place, f"{inside}.{name}: {wrong}")
    if detector == "reached" and not params.get("roles"):
        text = f"{inside}: the detector 'reached' needs 'roles', or it never finds anything"
        yield Problem(Code.PARAMETER, place, text)
    if len(aims := [name for name in REACHES if name in params]) > 1 and detector == "told":
        yield Problem(Code.PARAMETER, place, f"{inside}: {' and '.join(aims)} do not go together; name one")


def _value_problems(scenario: Scenario, name: str, value: Any) -> Iterator[str]:
    """What is wrong with a parameter's value, in any storyline."""
    stories = [story.spec for story in scenario.stories]
    match name, value:
        case "roles" | "except", str() | list() | tuple():
            cast = dict.fromkeys(role for story in stories for role in story.cast)
            allowed = dict.fromkeys((*scenario.spec.roles, AUTHORITY, *cast))
            names = [value] if isinstance(value, str) else value
            yield from (choices(role, allowed) for role in names if role not in allowed)
        case "fact", str():
            facts = [fact for fact in stories[0].facts if all(fact in story.facts for story in stories)]
            if value not in facts:
                yield choices(value, facts)
        case "inside" | "outside", bool():
            return
        case "many", int() if not isinstance(value, bool):
            return
        case _:
            wanted = {"inside": "true or false", "outside": "true or false", "many": "a whole number"}
            yield f"found {value!r}; needs {wanted.get(name, 'a name' if name == 'fact' else 'roles')}"
