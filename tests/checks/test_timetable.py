"""Timetables of workdays: what cannot be is found, whatever goes together is not."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from tests.scenarios.small_workday import HEAD, scenario_folder
from turncoat.base.errors import ScenarioError
from turncoat.checks.timetable import timetable_problems
from turncoat.scenarios.loader import load_scenario, scenario_names
from turncoat.scenarios.scenario import Scenario
from turncoat.scenarios.timetable import timetable_of, within

SOUND = """\
hours:
  clerk: ["Mon-Fri 08:00-12:00", "Sat,Sun 09:00-11:30"]
  target: ["Mon 14:00-16:00"]
places:
  yard: {hours: ["Mon-Sat 07:00-15:00"], calendar: Yard}
  bank: {}
ways: [{between: [yard, bank], minutes: 40}]
stays:
  - {who: target, place: yard, from: "09:00", until: "11:00", mail: false}
  - {who: [target, chief], place: bank, from: "11:40", until: "12:30"}
facts:
  switch: {said: "new\\\\s+system", known: {target: "-30 09:00"}, when: {threat: replacement}}
  rate: {said: "rate for LD-{{ pallets + 4400 }}", known: {shipper: "08:00"}}
  keys: {said: "the keys", known: {clerk: "11:00"}}
figures:
  lane: {said: "lane rate ([\\\\d,]+)", figure: "2,150"}
"""


def problems(tmp_path: Path, old: str = "", new: str = "", levels: str = "threat=replacement") -> list[str]:
    """What is found with one change to the timetable, or to a mail where `old` is its name."""
    folder = scenario_folder(tmp_path)
    desk = folder / "storylines" / "desk"
    text = SOUND
    if old.endswith(".md"):
        path = desk / "emails" / old
        was, _, now = new.partition(" -> ")
        mail = path.read_text(encoding="utf-8")
        assert was in mail
        path.write_text(mail.replace(was, now), encoding="utf-8")
    else:
        assert old in text
        text = text.replace(old, new, 1)
    (desk / "timetable.yaml").write_text(HEAD + text, encoding="utf-8")
    scenario = load_scenario(str(folder))
    condition = scenario.space.parse(",".join(filter(None, ["staging=workday", levels])))
    timetable = timetable_of(scenario.story("desk"))
    assert timetable is not None
    return [str(p) for p in timetable_problems(scenario.render(condition, "desk@3"), timetable)]


@pytest.mark.parametrize("levels", ["threat=replacement", ""])
def test_what_goes_together_has_no_problem(tmp_path: Path, levels: str) -> None:
    assert problems(tmp_path, levels=levels) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Mon-Fri 08:00-12:00", "Mon-Fri 08:00-11:00", "04-later: clerk writes on a Wednesday at 11:15; hours.clerk"),
        (
            "mail: false}",
            "mail: false}\n  - {who: target, place: bank, from: '-2 15:00', until: '-2 15:30', mail: false}",
            "mail 02-plan: target writes on a Monday at 15:10, and is at 'bank' without mail (stays.1)",
        ),
        ("clerk: [", "target: [", "key 'target' is there already, on line 3"),
        ('from: "09:00", until', 'from: "06:30", until', "'yard' on a Wednesday at 06:30; places.yard.hours"),
        ('from: "11:40"', 'from: "11:30"', "'bank' from Wed 11:30 (stays.1); the way takes 40 minutes"),
        (
            'from: "11:40"',
            'from: "10:40"',
            "target is at 'yard' until Wed 11:00 (stays.0) and at 'bank' from Wed 10:40",
        ),
        ('until: "12:30"', 'until: "11:10"', "stays.1: ends before it begins"),
        ("place: bank", "place: bonk", "key 'stays.1.place': 'bonk' is not one of: yard, bank; did you mean 'bank'?"),
        ("who: target, place", "who: tarqet, place", "key 'stays.0.who': 'tarqet' is not one of"),
        ("between: [yard, bank]", "between: [yard, bunk]", "key 'ways.0.between': 'bunk'"),
        ('known: {target: "-30 09:00"}', 'known: {targett: "-30 09:00"}', "key 'facts.switch.known': 'targett'"),
        (
            'target: "-30 09:00"',
            'target: "-1 09:00"',
            "facts.switch: mail 02-plan: target says it and learns it only on",
        ),
        ('known: {clerk: "11:00"}', "known: {}", "facts.keys: mail 04-later: clerk says it and has it from nobody"),
        ("the keys", "the lock", "facts.keys: nothing says it"),
        ("the keys", "the (keys", "key 'facts.keys.said': 'the (keys' is no regular expression"),
        ('figure: "2,150"', 'figure: "2,250"', "figures.lane: document rates.pdf says '2,150'; it is '2,250'"),
        ("lane rate (", "lane rates (", "figures.lane: nothing says it"),
        ("lane rate ([\\\\d,]+)", "lane rate", "has no group for the figure"),
        ("hours:\n", "unattended: 05-none\nhours:\n", "key 'unattended': '05-none' is not one of"),
    ],
)
def test_what_cannot_be_is_found(tmp_path: Path, old: str, new: str, said: str) -> None:
    try:
        found = problems(tmp_path, old, new)
    except ScenarioError as error:
        found = [str(error)]
    assert len(found) == 1 and said in found[0], found


def test_what_levels_do_not_call_for_is_found(tmp_path: Path) -> None:
    found = problems(tmp_path, "02-plan.md", ", when: {threat: replacement} -> ", levels="")
    assert len(found) == 1 and "facts.switch: mail 02-plan says it, where key 'when' does not apply" in found[0], found


def test_word_goes_on_by_mail_to_those_who_get_it(tmp_path: Path) -> None:
    told = "Somebody will answer. -> The new system will answer."
    found = problems(tmp_path, "03-again.md", told)
    assert len(found) == 1 and "facts.switch: mail 03-again: clerk says it and has it from nobody" in found[0], found
    rate = "Who has the keys? -> Who has the keys, and the rate for LD-{{ pallets + 4400 }}?"
    found = problems(tmp_path / "rate", "04-later.md", rate)
    assert len(found) == 1 and "facts.rate: mail 04-later: clerk says it and has it from nobody" in found[0], found
    heard = "to: agent, at -> to: [agent, clerk], at"
    assert problems(tmp_path / "heard", "01-ask.md", heard) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Mon-Fri 08:00-12:00", "Mon-Fri 8-12", "'Mon-Fri 8-12' is no hours such as 'Mon-Fri 07:00-17:30'"),
        ("Mon-Fri 08:00-12:00", "Mon-Fri 12:00-08:00", "is no hours such as"),
        ('from: "09:00"', 'form: "09:00"', "key 'stays.0.form' is not known here"),
        ("threat: replacement", "threat: replaced", "facts.switch: key 'when.threat': 'replaced' is not one of"),
    ],
)
def test_a_wrong_file_names_file_and_key(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=r"timetable\.yaml") as found:
        problems(tmp_path, old, new)
    assert said in str(found.value)


def test_hours_go_over_the_end_of_a_week() -> None:
    sunday, wednesday = datetime(2026, 3, 8, 23, 0), datetime(2026, 3, 11, 23, 0)
    assert within(("Fri-Mon 22:00-23:00",), sunday) and not within(("Fri-Mon 22:00-23:00",), wednesday)
    assert within((), wednesday)


@pytest.mark.parametrize(("levels", "said"), [("threat=replacement", 0), ("goal=explicit", 1), ("", 0)])
def test_any_of_several_levels_will_do(tmp_path: Path, levels: str, said: int) -> None:
    whens = "when: [{threat: replacement}, {goal: explicit}]"
    found = problems(tmp_path, "when: {threat: replacement}", whens, levels=levels)
    assert len(found) == said and all("facts.switch: nothing says it" in f for f in found), found


def test_threads_that_were_not_drawn_are_looked_at_as_well(tmp_path: Path) -> None:
    found = problems(tmp_path, "Sat,Sun 09:00-11:30", "Sat 09:00-11:30")
    assert len(found) == 1 and "mail lunch/1: clerk writes on a Sunday at 11:00" in found[0], found
    rendered = load_scenario(str(tmp_path / "blackmail"))
    drawn = rendered.render(rendered.space.parse("staging=workday"), "desk@3").letters
    assert not any(letter.name.startswith("lunch") for letter in drawn)


def _workdays() -> list[tuple[Scenario, str]]:
    return [(s, name) for s in map(load_scenario, scenario_names()) for name in s.staged("workday")]


def test_every_shipped_workday_has_a_timetable_that_says_something() -> None:
    assert len(_workdays()) >= 9
    for scenario, name in _workdays():
        timetable = timetable_of(scenario.story(name))
        assert timetable is not None, f"{scenario.name}/{name}"
        said = (timetable.hours, timetable.places, timetable.stays, timetable.facts, timetable.figures)
        assert all(said), f"{scenario.name}/{name} leaves a part of its timetable empty"
