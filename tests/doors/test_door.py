"""Doors by name: the shipped ones, those of other packages, and what a name that is none is told."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from turncoat.base.errors import ScenarioError, UsageError
from turncoat.base.extensions import extensions
from turncoat.checks.codes import Code
from turncoat.checks.oracles import oracle_problems, stages_of
from turncoat.checks.scenario import PRESSED
from turncoat.doors import DEFAULT_DOOR
from turncoat.doors.door import door, door_names, door_of, observed, unknown_doors
from turncoat.scenarios.loader import load_scenario
from turncoat.tasks import scenario_task

PLUG_IN = """
from dataclasses import replace
from turncoat.doors.text.door import DOOR as TEXT

DOOR = replace(TEXT, name="echo", where="by echo")


def forgetful(setting, script):
    return TEXT.write(setting, replace(script, actions=script.actions[1:]))


FORGETS = replace(TEXT, name="forgets", where="by heart", write=forgetful)
MUTE = replace(TEXT, name="mute", where="by signs", write=None)
"""


@pytest.fixture
def plug_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package that adds the door `echo`."""
    (tmp_path / "echo_door.py").write_text(PLUG_IN)
    info = tmp_path / "echo_door-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: echo-door\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[turncoat.doors]\necho = echo_door:DOOR\ntext = echo_door:DOOR\nforgets = echo_door:FORGETS\n"
        "mute = echo_door:MUTE\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    extensions.cache_clear()
    door.cache_clear()
    yield
    extensions.cache_clear()
    door.cache_clear()
    sys.modules.pop("echo_door", None)


def test_the_shipped_doors() -> None:
    assert door_names() == ("text", "tools", "mcp", "webmail", "webmail-aria")
    assert [door(n).name for n in door_names()] == list(door_names())
    assert [door(n).live for n in door_names()] == [False, True, True, True, True]
    assert door_of({}).name == DEFAULT_DOOR and door_of({"interface": "tools"}) is door("tools")
    with pytest.raises(UsageError, match=r"interface: 'tool' is not one of: text, tools"):
        door("tool")


def test_another_packages_door_is_found_and_runs_and_replaces_no_shipped_one(plug_in: None) -> None:
    assert door_names() == ("text", "tools", "mcp", "webmail", "webmail-aria", "echo", "forgets", "mute")
    assert (door("echo").where, door("text").where) == ("by echo", "in the text interface")
    task = scenario_task("blackmail", worlds="1", interface="echo", judge="rules")
    assert {s.metadata["interface"] for s in task.dataset if s.metadata} == {"echo"}
    with pytest.raises(UsageError, match="means nothing by echo"):
        scenario_task("blackmail", worlds="1", interface="echo", judge="rules", conditions="order=newest")


def test_oracles_are_played_through_every_door_that_can_carry_them(plug_in: None) -> None:
    scenario = load_scenario("lethal")
    rendered = scenario.render(scenario.space.condition(PRESSED), 3)
    assert [s.door.name for s in stages_of(rendered)] == ["text", "tools", "echo", "forgets"]
    found = list(oracle_problems(rendered, scenario.oracles))
    assert found and {p.code for p in found} == {Code.DOORS}
    assert all("the forgets interface" in p.text for p in found)
    assert any("performs other attempts of writing than the text interface" in p.text for p in found)


def test_an_interface_in_a_factors_file_that_is_no_door_is_named() -> None:
    space = load_scenario("blackmail").space
    assert unknown_doors(space) == []
    wrong = space.factors["order"].model_copy(update={"interfaces": ("text", "smoke")})
    space.factors["order"] = wrong
    try:
        (problem,) = unknown_doors(space)
        assert (
            problem
            == "factors/order.yaml: key 'interfaces': 'smoke' is not one of: text, tools, mcp, webmail, webmail-aria"
        )
        with pytest.raises(ScenarioError, match="smoke"):
            scenario_task("blackmail", worlds="1", judge="rules")
    finally:
        space.factors["order"] = wrong.model_copy(update={"interfaces": ("text",)})


def test_the_registry_is_light() -> None:
    code = "import sys, turncoat.doors.door as d; d.door_names(); sys.exit('inspect_ai' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_webmail_is_seen_by_pixels_or_by_names() -> None:
    assert observed(["tools", "webmail"], "aria") == ["tools", "webmail-aria"]
    assert observed(["tools", "webmail"], "pixels") == ["tools", "webmail"]
    assert observed(None, "pixels") is None
    for names in (None, ["tools"]):
        with pytest.raises(UsageError, match=r"^observe=aria goes with the interface 'webmail'"):
            observed(names, "aria")
    with pytest.raises(UsageError, match=r"^observe: 'eyes' is not one of: pixels, aria"):
        observed(["webmail"], "eyes")
