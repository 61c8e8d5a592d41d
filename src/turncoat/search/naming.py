"""What `STUDY/CONDITION` names: a condition of a study or scenario, or a candidate of a search."""

from __future__ import annotations

import re
from pathlib import Path

from turncoat.base.errors import ConditionError, UsageError
from turncoat.runs.design import scenario_study
from turncoat.runs.study import Study, is_study, load_study
from turncoat.scenarios.factors import PAPER
from turncoat.scenarios.loader import load_scenario
from turncoat.search.record import FILE, Candidate, read_record

_NUMBER = re.compile(r"(?:find-)?(\d{1,6})")


def named_condition(text: str, storyline: str = "", interface: str = "") -> tuple[Study, str, Candidate]:
    """The study, its name, and the condition that a text names.

    Args:
        text: `paper/fig7/threat=replacement`, `blackmail/control`, or `logs/search/smoke/12`: a candidate's number in a
            search's folder.
        storyline: The storyline; that of the candidate, or the scenario's default, if "".
        interface: The interface; that of the candidate or the study if "".

    Raises:
        UsageError: It is of another form, or there is no such study, condition, candidate or storyline.
    """
    place, slash, condition = text.rpartition("/")
    if not slash or not place:
        raise UsageError(f"{text!r} is not of the form STUDY/CONDITION, such as smoke/control")
    if (match := _NUMBER.fullmatch(condition)) and (Path(place) / FILE).is_file():
        found = _candidate(Path(place), int(match[1]))
        study = scenario_study(found.scenario, [found.condition], "1", 1)
        return study, place, _placed(found, storyline, interface)
    study = load_study(place) if is_study(place) else scenario_study(place, [], "1", 1)
    wrong = ""
    for block in study.blocks:
        scenario = load_scenario(block.scenario)
        try:
            parsed = scenario.space.parse(condition)
        except ConditionError as error:
            wrong = wrong or str(error)
            continue
        default = scenario.spec.default_storyline if parsed.staging == PAPER else scenario.spec.default_workday
        own = next((s for s in block.storylines if s in scenario.storylines), default)
        base = Candidate(
            number=0, scenario=block.scenario, interface=block.interfaces[0], storyline=own, condition=parsed.id
        )
        return study, place, _placed(base, storyline, interface)
    raise UsageError(wrong)


def _candidate(folder: Path, number: int) -> Candidate:
    record = read_record(folder)
    assert record is not None
    if number >= len(record.candidates):
        raise UsageError(f"{folder}: has candidates 0 to {len(record.candidates) - 1}, not {number}")
    plain = {"number": 0, "parent": None, "move": "", "by": "study"}
    return record.candidates[number].model_copy(update=plain).placed(folder)


def _placed(base: Candidate, storyline: str, interface: str) -> Candidate:
    scenario = load_scenario(base.scenario)
    base = base.model_copy(update={"interface": interface or base.interface, "storyline": storyline or base.storyline})
    staged = scenario.staged(scenario.space.parse(base.condition).staging)
    if base.storyline not in staged:
        raise UsageError(f"--storyline: {base.storyline!r} is none of this condition's: {', '.join(staged)}")
    return base
