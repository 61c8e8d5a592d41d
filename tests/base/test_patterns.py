"""Expressions that are compiled late: all of ours can be, and one does what `re`'s own does."""

from __future__ import annotations

import copy
import importlib
import pkgutil
import re

import pytest

import turncoat
from turncoat.base import patterns
from turncoat.base.patterns import later

ROOMS = ("doors.text", "doors.tools", "evidence", "judges", "scoring", "providers", "sim")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """What is compiled from here on."""
    compiled: list[tuple[str, int]] = []
    compile_ = re.compile

    def noting(pattern: str, flags: int = 0) -> re.Pattern[str]:
        compiled.append((pattern, flags))
        return compile_(pattern, flags)

    monkeypatch.setattr("turncoat.base.patterns.re.compile", noting)
    return compiled


def test_an_expression_is_compiled_once_and_when_it_is_used(made: list[tuple[str, int]]) -> None:
    word = later(r"(\w)o", re.I)
    assert word.pattern == r"(\w)o" and made == []
    found = word.search("well, HO!")
    assert found is not None and found[1] == "H"
    assert word.sub(r"\1a", "no go") == "na ga" and word.split("a, bo, c")[0] == "a, "
    assert [m.start() for m in word.finditer("to do")] == [0, 3] and made == [(r"(\w)o", re.I)]


def test_it_has_nothing_that_an_expression_has_not() -> None:
    assert not hasattr(later("x"), "meaning")
    assert copy.deepcopy(later("a+")).fullmatch("aaa")


def test_a_broken_one_says_so_at_its_first_use() -> None:
    with pytest.raises(re.error):
        later("(").match("(")


def test_every_expression_of_ours_can_be_compiled() -> None:
    held = []
    for room in ROOMS:
        package = importlib.import_module(f"turncoat.{room}")
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            values = vars(importlib.import_module(found.name)).values()
            held += [v for v in values if type(v).__module__ == patterns.__name__]
    assert len(held) > 100 and turncoat.__version__
    assert all(re.compile(pattern.pattern, pattern.flags) for pattern in held)
