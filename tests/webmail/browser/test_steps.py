"""What a model may ask of the computer: names of keys, places on the screen, and what is said of anything else."""

from __future__ import annotations

import pytest
from inspect_ai.model import Content, ContentImage, ContentText
from inspect_ai.tool import ToolDef
from inspect_ai.tool._tools._computer import computer

from turncoat.base.errors import UsageError
from turncoat.webmail.browser.chromium import VARIABLE, find_chromium
from turncoat.webmail.browser.computer import SHOWN, Refused, read_step, shown_again
from turncoat.webmail.browser.keys import UnknownKey, keys_of
from turncoat.webmail.door import schemas


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("Return", [("Enter",)]),
        ("KP_Enter", [("Enter",)]),
        ("ctrl+a", [("Control", "a")]),
        ("CTRL+SHIFT+T", [("Control", "Shift", "t")]),
        ("cmd+c", [("Control", "c")]),
        ("ARROWDOWN", [("ArrowDown",)]),
        ("Next Prior", [("PageDown",), ("PageUp",)]),
        ("A", [("A",)]),
        ("+", [("+",)]),
        ("ctrl++", [("Control", "+")]),
        ("alt+Left", [("Alt", "ArrowLeft")]),
        ("F5", [("F5",)]),
        ("KP_7", [("7",)]),
        (" ", [("Space",)]),
        ("é", [("é",)]),
    ],
)
def test_names_of_keys(text: str, keys: list[tuple[str, ...]]) -> None:
    assert keys_of(text) == keys


@pytest.mark.parametrize("text", ["", "  ", "Hyper_Q", "ctrl+", "\x00", "ctrl+bogus"])
def test_what_is_no_key(text: str) -> None:
    with pytest.raises(UnknownKey, match=r"^text: "):
        keys_of(text)


def test_the_tool_has_the_form_that_inspect_maps_to_the_providers_own() -> None:
    (ours,) = schemas(by_names=False)
    theirs = ToolDef(computer())
    assert ours["name"] == theirs.name == "computer"
    assert ours["parameters"]["properties"].keys() == theirs.parameters.properties.keys()
    assert all(p.get("type") or p.get("anyOf") for p in ours["parameters"]["properties"].values())
    assert ours["parameters"]["required"] == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"action": "left_click", "coordinate": [1366, 10]}, r"outside of the screen, which is 1366x768"),
        ({"action": "left_click", "coordinate": [-1, 10]}, r"outside of the screen"),
        ({"action": "left_click", "coordinate": [1]}, r"^coordinate\.1: "),
        ({"action": "left_click", "coordinate": "here"}, r"^coordinate: "),
        ({"action": "jump"}, r"^action: is one of key, hold_key"),
        ({}, r"^action: is one of"),
        ({"action": "key", "text": "a", "repeat": 101}, r"^repeat: "),
        ({"action": "wait", "duration": -1}, r"^duration: "),
        ({"action": "screenshot", "speed": 3}, r"^speed: "),
        ("left_click", r"an action is an object"),
    ],
)
def test_what_is_no_action(given: object, said: str) -> None:
    with pytest.raises(Refused, match=said):
        read_step(given)


@pytest.mark.parametrize("coordinate", [[10, 20], (10, 20), [10.4, 19.6], "[10, 20]", "(10, 20)"])
def test_places_are_read_as_models_write_them(coordinate: object) -> None:
    assert read_step({"action": "left_click", "coordinate": coordinate, "text": None}).coordinate == (10, 20)


def test_a_model_is_shown_the_latest_screenshots_again() -> None:
    picture: list[Content] = [ContentImage(image="data:image/png;base64,AA=="), ContentText(text="beside")]
    assert shown_again(0, SHOWN, picture, {}) == picture
    removed = shown_again(0, SHOWN + 1, picture, {})
    assert [type(c) for c in removed] == [ContentText, ContentText]
    assert shown_again(0, SHOWN + 1, picture, {"disable_computer_screenshot_truncation": True}) == picture
    assert shown_again(0, 99, "X=1,Y=2", {}) == "X=1,Y=2"


def test_a_browser_that_is_not_there_is_one_line_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "/nowhere/chromium")
    with pytest.raises(UsageError, match=rf"^{VARIABLE}: '/nowhere/chromium' is no program; name Chromium's, or unset"):
        find_chromium()
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setattr("turncoat.webmail.browser.chromium._candidates", lambda: iter(()))
    with pytest.raises(UsageError, match=rf"needs Chromium, which was not found.*name its program in {VARIABLE}$"):
        find_chromium()
