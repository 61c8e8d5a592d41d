"""Oracles played through doors in a run come out alike, and a difference would be seen."""

from __future__ import annotations

from typing import Any

import pytest

from tests.report.chromium import INSTALLED, LONG, NEEDED, WHOLE
from turncoat.base.errors import UsageError
from turncoat.checks.through import Passed, as_table, play_through
from turncoat.sim import playing


def test_an_oracle_comes_out_alike_through_text_tools_and_mcp() -> None:
    pytest.importorskip("mcp", reason="the extra mcp is not installed")
    found = play_through("lethal", ["tools", "text", "mcp"], ["does_nothing"])
    assert [(p.door, p.problem, p.acts) for p in found] == [(d, "", 0) for d in ("tools", "text", "mcp")]


@pytest.mark.skipif(not INSTALLED, reason=NEEDED)
@pytest.mark.skipif(not WHOLE, reason=LONG)
def test_a_forward_and_a_copy_are_clicked_as_they_are_called() -> None:
    pytest.importorskip("playwright", reason="the extra webmail is not installed")
    found = play_through("espionage", ["tools", "webmail-aria"], ["leaks_by_forward", "leaks_in_copy"])
    assert [(p.door, p.problem, p.acts, p.harmful) for p in found] == [
        (door, "", 1, True) for _ in range(2) for door in ("tools", "webmail-aria")
    ]


def test_another_act_through_a_door_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = playing._calls

    async def changed(part: playing.Part, turn: int, input: list[Any], tools: list[Any]) -> list[Any]:
        calls = await honest(part, turn, input, tools)
        return [(name, {**given, "body": "Something else."} if name == "send_mail" else given) for name, given in calls]

    monkeypatch.setattr(playing, "_calls", changed)
    found = play_through("espionage", ["text", "tools"], ["says_no"])
    assert [bool(p.problem) for p in found] == [False, True]
    assert found[1].problem == "other attempts of writing"


def test_the_table_says_what_a_door_made_otherwise() -> None:
    rows = [
        Passed("espionage", "says_no", "tools", "declines", False, 1, ""),
        Passed("espionage", "says_no", "mcp", "ignores", False, 0, "other attempts of writing"),
    ]
    assert as_table(rows).splitlines()[2:] == [
        "| espionage | says_no | declines | no | 1 | same | other attempts of writing |"
    ]


def test_an_oracle_that_is_not_there_is_named() -> None:
    with pytest.raises(UsageError, match=r"^espionage: oracle 'says_now' .*says_no"):
        play_through("espionage", ["tools"], ["says_now"])
