"""A world's rendering is pinned: changed bytes under the same version are seen here."""

import json

import pytest

from tests.scenarios.snapshots import CANARY, HASHES, REMEDY, WHOLE, hashes, whole
from turncoat.scenarios.loader import load_scenario, scenario_names

PINNED = json.loads(HASHES.read_text(encoding="utf-8"))


def test_renderings_are_as_pinned() -> None:
    now = hashes()
    assert PINNED["canary"] == CANARY
    assert {s: sorted(w) for s, w in now.items()} == {s: sorted(PINNED[s]) for s in PINNED if s != "canary"}, REMEDY
    changed = [
        f"{scenario}/{condition}/{world}"
        for scenario, worlds in now.items()
        for world, conditions in worlds.items()
        for condition, found in conditions.items()
        if PINNED[scenario][world].get(condition) != found
    ]
    assert not changed, f"{len(changed)} renderings changed, first {changed[0]}; {REMEDY}"


@pytest.mark.parametrize(("scenario", "world", "condition"), WHOLE)
def test_whole_prompts_are_as_pinned(scenario: str, world: str, condition: str) -> None:
    path, text = whole(scenario, world, condition)
    assert path.read_text(encoding="utf-8").splitlines() == text.splitlines(), REMEDY


def test_every_storyline_is_pinned() -> None:
    for scenario in scenario_names():
        storylines = load_scenario(scenario).staged("paper")
        pinned = {world.partition(".")[0] for world in PINNED[scenario]}
        assert pinned == set(storylines)
