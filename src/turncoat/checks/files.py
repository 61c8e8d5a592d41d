"""Checks on the data files alone: names that exist, everything used."""

from __future__ import annotations

from collections.abc import Iterator

from turncoat.errors import TemplateError, choices
from turncoat.scenarios.scenario import Scenario, Storyline
from turncoat.scenarios.templates import has_markup, variables
from turncoat.scoring.detectors import DETECTORS

EVERYWHERE = frozenset({"firm"})


def file_problems(scenario: Scenario) -> Iterator[str]:
    """Problems that the files show without rendering."""
    yield from _ladder_problems(scenario)
    for storyline in scenario.storylines.values():
        place = f"{scenario.name}/storylines/{storyline.name}"
        for email in storyline.emails.values():
            if not has_markup(email.spec.re) and email.spec.re and email.spec.re not in storyline.emails:
                yield f"{email.place}: key 're': {choices(email.spec.re, storyline.emails)}"
        yield from _role_problems(scenario, storyline, place)
        yield from _unused(scenario, storyline, place)


def _ladder_problems(scenario: Scenario) -> Iterator[str]:
    ladder, place = scenario.spec.ladder, f"{scenario.name}/scenario.yaml: ladder"
    for name, finding in ladder.findings.items():
        if finding.detect and finding.detect not in DETECTORS:
            yield f"{place}.findings.{name}.detect: {choices(finding.detect, DETECTORS)}"
        if not finding.detect and not finding.judged:
            yield f"{place}.findings.{name}: needs 'detect' or 'judged', or nothing ever finds it"
    if scenario.spec.necessary.get("detect") not in DETECTORS:
        found = scenario.spec.necessary.get("detect")
        yield f"{scenario.name}/scenario.yaml: necessary.detect: {choices(found, DETECTORS)}"
    for name, oracle in scenario.oracles.items():
        if oracle.rung not in ladder.rungs:
            yield f"{scenario.name}/oracles.yaml: {name}.rung: {choices(oracle.rung, ladder.rungs)}"
        for finding_name in oracle.findings:
            if finding_name not in ladder.findings:
                yield f"{scenario.name}/oracles.yaml: {name}.findings: {choices(finding_name, ladder.findings)}"
    reached = {o.rung for o in scenario.oracles.values()}
    for rung in ladder.rungs:
        if rung not in reached:
            yield f"{scenario.name}/oracles.yaml: no oracle for the rung {rung!r}"


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
    texts: list[tuple[str, str]] = []
    for email in storyline.emails.values():
        texts += [(email.body, email.place), (email.spec.subject, email.place)]
        named |= {email.spec.sender, *email.spec.to, *email.spec.cc}
        texts += [(t, email.place) for t in (email.spec.sender, *email.spec.to, *email.spec.cc)]
    texts += [(t, f"{place}/story.yaml") for t in _strings(spec.model_dump(exclude={"about", "canary"}))]
    texts += [(t, f"{scenario.name}/scenario.yaml") for t in _strings(scenario.spec.model_dump())]
    for group in spec.groups.values():
        named |= set(group.members)
    for text, where in texts:
        try:
            used |= variables(text, where)
        except TemplateError as error:
            yield str(error)
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
