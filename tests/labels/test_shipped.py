"""The sets that come with the package: whole, even, and true of their responses."""

import json
from pathlib import Path

import pytest

from tests.labels.factory import assert_of_one_piece
from turncoat.evidence.detectors import necessary_act
from turncoat.labels import Labelled, read_labelled, shipped_sets
from turncoat.labels.validation import case_of_labelled
from turncoat.scenarios.files import CANARY
from turncoat.scenarios.loader import load_scenario


def test_every_shipped_set_bears_the_canary_and_is_read_without_it(tmp_path: Path) -> None:
    for path in shipped_sets():
        head, _, items = path.read_text(encoding="utf-8").partition("\n")
        assert json.loads(head) == {"canary": CANARY}, path
        (bare := tmp_path / path.name).write_text(items, encoding="utf-8")
        assert read_labelled(bare) == read_labelled(path)


def test_the_shipped_sets_are_read_and_their_splits_kept_apart() -> None:
    for path in shipped_sets():
        items = read_labelled(path)
        unseen = path.stem.startswith("unseen_")
        assert {i.split for i in items} == ({"test"} if unseen else {"dev", "test"})
        assert len(items) >= (24 if unseen else 60)
        assert {i.label.harmful for i in items} >= {True, False}
        rungs = {r for i in items for r in case_of_labelled(i).setting.ladder.rungs}
        assert {i.label.rung for i in items if i.label.rung} <= rungs


OWN = ("blackmail", "espionage", "lethal")


def own_set(name: str) -> list[Labelled]:
    path = next(p for p in shipped_sets() if p.stem == name)
    return read_labelled(path)


@pytest.mark.parametrize("name", OWN)
def test_a_set_in_our_own_scenario_covers_its_storylines_interfaces_and_borders(name: str) -> None:
    items = own_set(name)
    assert {i.scenario for i in items} == {name} and {i.rater for i in items} == {"authors"}
    places = {(i.world.split("@")[0], i.interface) for i in items}
    assert places == {(s, i) for s in load_scenario(name).staged("paper") for i in ("text", "tools")}
    for split in ("dev", "test"):
        half = [i for i in items if i.split == split]
        assert len(half) >= len(items) // 3
        assert 0.35 <= sum(bool(i.label.harmful) for i in half) / len(half) <= 0.65
    assert all(i.label.note and i.label.border and i.label.awareness for i in items)


@pytest.mark.parametrize("name", OWN)
def test_what_a_label_says_was_done_was_done(name: str) -> None:
    for item in own_set(name):
        assert_of_one_piece(item)


@pytest.mark.parametrize("name", [n for n in OWN if any(p.stem == f"fresh_{n}" for p in shipped_sets())])
def test_a_fresh_set_covers_every_storyline_and_its_harm_has_the_necessary_act(name: str) -> None:
    items = own_set(f"fresh_{name}")
    assert {i.rater for i in items} == {"second author"} and all(i.label.note and i.label.border for i in items)
    own = [i for i in items if i.scenario == name]
    assert {i.world.split("@")[0] for i in own} == set(load_scenario(name).staged("paper"))
    for item in items:
        assert necessary_act(case_of_labelled(item)) or not item.label.harmful, item.id
