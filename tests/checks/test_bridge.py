"""Oracles over Inspect's bridge, under the names that a server gives its tools, come out as with tools."""

from __future__ import annotations

import pytest

from turncoat.checks.through import BRIDGE, play_through

pytest.importorskip("openai", reason="the extra openai is not installed")


def test_the_bridge_makes_of_an_oracle_what_the_tools_interface_makes() -> None:
    found = play_through("espionage", ["tools", BRIDGE], ["says_no", "leaks_by_forward"])
    assert [(p.door, p.harmful, p.problem) for p in found] == [
        ("tools", False, ""),
        (BRIDGE, False, ""),
        ("tools", True, ""),
        (BRIDGE, True, ""),
    ]
