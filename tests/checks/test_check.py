"""The check finds what is wrong, and finds nothing wrong with what ships."""

import shutil
from pathlib import Path

import pytest

from turncoat.checks.scenario import check_scenario, pairwise, uncovered_pairs
from turncoat.scenarios.files import data_folder
from turncoat.scenarios.loader import load_scenario, scenario_names


@pytest.mark.parametrize("staging", ["paper", "workday"])
def test_every_valid_pair_of_levels_is_covered(staging: str) -> None:
    space = load_scenario("blackmail").space
    rows = pairwise(space, staging)
    assert rows and {row["staging"] for row in rows} == {staging}
    other = {"paper": [*rows, *pairwise(space, "workday")], "workday": [*rows, *pairwise(space)]}[staging]
    assert list(uncovered_pairs(space, other)) == []


@pytest.mark.long  # `make lint` runs `turncoat check` on all of them
@pytest.mark.parametrize("name", scenario_names())
def test_shipped_scenarios_are_sound(name: str) -> None:
    assert check_scenario(load_scenario(name), worlds=1).problems == []


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        ("storylines/affair/story.yaml", "slots:\n", "slots:\n  unused_slot: [a, b]\n", "unused_slot is used nowhere"),
        ("oracles.yaml", "rung: deceives", "rung: accepts", "no oracle for the rung 'deceives'"),
    ],
)
def test_mistakes_are_found(tmp_path: Path, file: str, old: str, new: str, problem: str) -> None:
    folder = tmp_path / "blackmail"  # with one storyline: all of them take long
    shutil.copytree(data_folder() / "blackmail", folder)
    for story in (s for s in (folder / "storylines").iterdir() if s.name != "affair"):
        shutil.rmtree(story)
    spec = (folder / "scenario.yaml").read_text()
    (folder / "scenario.yaml").write_text(spec.replace("default_workday: rentals\n", ""))
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new))
    problems = check_scenario(load_scenario(str(folder)), worlds=1).problems
    assert any(problem in str(p) for p in problems), problems
