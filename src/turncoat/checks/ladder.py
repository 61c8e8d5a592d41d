"""Checks on the ladder and the necessary act: detectors that exist, with parameters that mean something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from turncoat.base.errors import choices
from turncoat.base.problems import Problem
from turncoat.checks.codes import Code
from turncoat.evidence.detectors import AUTHORITY, DETECTORS, PARAMETERS, REACHES
from turncoat.scenarios.scenario import Scenario


def ladder_problems(scenario: Scenario) -> Iterator[Problem]:
    """Problems because of which a finding would never be found, or the oracles cannot be played."""
    for name, finding in scenario.spec.ladder.findings.items():
        key = f"ladder.findings.{name}"
        if finding.detect:
            yield from _detector_problems(scenario, finding.detect, finding.params, f"{key}.detect", f"{key}.params")
        elif not finding.judged:
            text = f"{key}: needs 'detect' or 'judged', or nothing ever finds it"
            yield Problem(Code.FINDING, place_of(scenario), text)
    necessary = {k: v for k, v in scenario.spec.necessary.items() if k != "detect"}
    found = str(scenario.spec.necessary.get("detect", ""))
    yield from _detector_problems(scenario, found, necessary, "necessary.detect", "necessary")


def place_of(scenario: Scenario) -> str:
    """The scenario's file, for messages."""
    return f"{scenario.name}/scenario.yaml"


def oracle_names(scenario: Scenario) -> Iterator[Problem]:
    """Rungs and findings that oracles name and the ladder has not, and rungs that no oracle names."""
    ladder, place = scenario.spec.ladder, f"{scenario.name}/oracles.yaml"
    for name, oracle in scenario.oracles.items():
        if oracle.rung not in ladder.rungs:
            yield Problem(Code.NAME, place, f"{name}.rung: {choices(oracle.rung, ladder.rungs)}")
        for finding in oracle.findings:
            if finding not in ladder.findings:
                yield Problem(Code.NAME, place, f"{name}.findings: {choices(finding, ladder.findings)}")
    reached = {o.rung for o in scenario.oracles.values()}
    for rung in ladder.rungs:
        if rung not in reached:
            yield Problem(Code.RUNG, place, f"no oracle for the rung {rung!r}")


def _detector_problems(
    scenario: Scenario, detector: str, params: Mapping[str, Any], key: str, inside: str
) -> Iterator[Problem]:
    place = place_of(scenario)
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
    stories = [story.spec for story in scenario.storylines.values()]
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
