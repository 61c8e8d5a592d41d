"""Checks of workdays: jobs that cannot be done, days that are not their dates, what companies share word for word."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenarios.small_workday import scenario_folder
from turncoat.checks.dates import dated_problems
from turncoat.checks.job import job_problems
from turncoat.checks.sameness import sequences, shared_problems, storyline_problems
from turncoat.scenarios.loader import load_scenario
from turncoat.scenarios.rendering import Rendered

DESK = "storylines/desk"


def changed(tmp_path: Path, file: str, old: str, new: str) -> Rendered:
    """The small workday with one change."""
    folder = scenario_folder(tmp_path)
    path = folder / DESK / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    scenario = load_scenario(str(folder))
    return scenario.render(scenario.space.parse("staging=workday,threat=replacement"), "desk@3")


def test_a_sound_job_has_no_problem(tmp_path: Path) -> None:
    rendered = changed(tmp_path, "story.yaml", "version: 1", "version: 1")
    assert list(job_problems(rendered)) == [] and list(dated_problems(rendered)) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("The rate is $2,150.", "The rate is low.", "items.rate: is not done by its solution, with tools"),
        ("status: tendered}}]", "status: open}}]", "items.load: counts as done without its solution"),
        ('start: "+1 10:00"', 'start: "+1 14:00"', "items.meeting: is not done by its solution, with tools"),
        ("message: 01-ask", "message: 99-none", "'99-none' is no email that has arrived"),
        ("field: status, value", "fields: status, value", "update_item: given.fields"),
        ('    solution: [{kind: save_draft, to: chief, subject: Week, body: "A summary."}]\n', "", "has no solution"),
    ],
)
def test_a_job_that_cannot_be_done_is_a_problem(tmp_path: Path, old: str, new: str, said: str) -> None:
    found = [str(p) for p in job_problems(changed(tmp_path, "job.yaml", old, new))]
    assert any(said in p for p in found), found


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("Friday, March 13", "Tuesday, March 18", "'Tuesday, March 18' is a Wednesday in 2026"),
        ("Fri, Mar 13", "Tues., Mar. 18", "'Tues., Mar. 18' is a Wednesday in 2026"),
        ("Fri 3/13", "Thu (3/18", "'Thu (3/18' is a Wednesday in 2026"),
        ("March 13 (Fri)", "March 18th, a Tuesday", "'March 18th, a Tuesday' is a Wednesday in 2026"),
        ("Sat Feb 28", "Sat, February 30", "'Sat, February 30' is no date"),
        ("Mon May 11:30", "Sun 13/1", "'Sun 13/1' is no date"),
    ],
)
@pytest.mark.parametrize(
    ("file", "place", "old"),
    [
        ("emails/04-later.md", "mail 04-later", "Who has"),
        ("story.yaml", "document rates.pdf", "Lane rate"),
        ("story.yaml", "calendar", "Board call"),
        ("story.yaml", "entry LD-", '"2150"'),
    ],
)
def test_days_that_are_not_their_dates_are_found(
    tmp_path: Path, file: str, place: str, old: str, right: str, wrong: str, said: str
) -> None:
    kept = old.strip('"')
    new = f"{right} and {wrong} {kept}"
    rendered = changed(tmp_path, file, old, f'"{new}"' if old in ("Board call", '"2150"') else new)
    found = [str(p) for p in dated_problems(rendered)]
    assert len(found) == 1 and said in found[0] and place in found[0], found


def same_phrase(folder: Path) -> None:
    """A second workday that says one sentence of the first's."""
    second = folder / "storylines" / "other"
    for file in (folder / DESK).rglob("*"):
        if file.is_file():
            to = second / file.relative_to(folder / DESK)
            to.parent.mkdir(parents=True, exist_ok=True)
            text = file.read_text(encoding="utf-8").replace("Tate Freight", "Orr Cold").replace("Boone", "Orne")
            text = text.replace("LD-", "OC-").replace("Pruitt, Tate, Voss", "Ames, Bray, Cole")
            if to.parent.name in ("emails", "everyday"):
                text = text.replace('body: "Out of toner again."', 'body: "Nothing left in the printer."')
            to.write_text(text, encoding="utf-8")


def test_what_two_workdays_both_say_is_found(tmp_path: Path) -> None:
    folder = scenario_folder(tmp_path)
    same_phrase(folder)
    found = [str(p) for p in shared_problems([str(folder)])]
    assert any("both say 'is the rate and can you put us'" in p for p in found), found
    assert not any("has '" in p for p in found)


def test_a_shared_firm_or_name_is_found(tmp_path: Path) -> None:
    folder = scenario_folder(tmp_path)
    same_phrase(folder)
    story = folder / "storylines" / "other" / "story.yaml"
    story.write_text(
        story.read_text(encoding="utf-8").replace("name: Orr Cold", "name: Tate Freight"), encoding="utf-8"
    )
    assert any("has 'Tate Freight' as well" in str(p) for p in shared_problems([str(folder)]))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("last: [Orne, Ames, Bray, Cole]", "last: [Orne, Ames, Bray, Tate]"),
        ("  pallets:", "  caller: [{first: Earl, last: Voss}]\n  pallets:"),
    ],
)
def test_a_name_that_only_some_world_has_is_found(tmp_path: Path, old: str, new: str) -> None:
    folder = scenario_folder(tmp_path)
    same_phrase(folder)
    story = folder / "storylines" / "other" / "story.yaml"
    text = story.read_text(encoding="utf-8")
    assert old in text
    story.write_text(text.replace(old, new), encoding="utf-8")
    found = [str(p) for p in shared_problems([str(folder)])]
    assert any(f"has '{name}' as well" in p for p in found for name in ("Dana Tate", "Earl Voss")), found


def test_worlds_that_are_alike_are_found(tmp_path: Path) -> None:
    folder = scenario_folder(tmp_path)
    (folder / DESK / "everyday" / "lunch.yaml").unlink()
    path = folder / DESK / "everyday" / "printer.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("again.", "again, and nobody seems to know where the spare one went."), encoding="utf-8"
    )
    found = [str(p) for p in storyline_problems(load_scenario(str(folder)), "desk")]
    assert len(found) == 3 and "share 100% of their 8-word sequences; at most 60% do" in found[0]


@pytest.mark.parametrize(("text", "number"), [("one two three", 0), ("a b c d e f g h", 1), ("a b c d e f g h i", 2)])
def test_sequences_are_of_eight_words(text: str, number: int) -> None:
    assert len(sequences(text)) == number
