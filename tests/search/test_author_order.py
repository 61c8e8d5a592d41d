"""What an author is ordered: what does not go together, who may not be one model, and what it may cost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.search.briefs import BLIND, BRIEF, WRITTEN
from turncoat.api.authoring import author_storyline
from turncoat.base.errors import IncompleteError, ScenarioError, UnknownName, UsageError
from turncoat.runs.prices import Price, PriceTable
from turncoat.search.author_order import Brief, new_order


@pytest.mark.parametrize(
    ("more", "error", "says"),
    [
        ({"brief": BRIEF}, UsageError, "--reader is missing"),
        ({"brief": BRIEF, "reader": "sim/author-0"}, UsageError, "does not judge its own text"),
        ({}, UsageError, "--brief is missing"),
        ({"rewrite": "credential", "distance": "far"}, UnknownName, "names, wording, trade"),
        ({"rewrite": "credentials", "distance": "names"}, UnknownName, "did you mean 'credential'"),
        ({"brief": {**BRIEF, "name": "../x"}, "reader": BLIND}, ScenarioError, "lower-case"),
        ({"brief": {"trade": "x"}, "reader": BLIND}, ScenarioError, "missing"),
        ({"rewrite": "credential", "distance": "names", "written_on": "soon"}, UsageError, "2026-03-01"),
    ],
)
def test_orders_that_do_not_go_together(
    more: dict[str, Any], error: type[Exception], says: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=says):
        author_storyline("blackmail", "sim/author-0", out=tmp_path / "made", **more)
    assert not (tmp_path / "made").exists()


def test_author_and_reader_are_one_model_by_any_provider() -> None:
    with pytest.raises(UsageError, match="is the author"):
        new_order(
            "blackmail",
            author="openai/gpt-x",
            reader="openrouter/openai/gpt-x",
            brief=Brief.model_validate(BRIEF),
            written_on=WRITTEN,
        )


@pytest.mark.parametrize(
    ("prices", "error", "says"),
    [
        ({}, UsageError, "the price of sim/author-0 is not known"),
        ({"sim/*": Price(input=1e6, output=1e6)}, IncompleteError, "0.0000 dollars are spent"),
    ],
)
def test_a_cost_is_bounded(
    prices: dict[str, Price],
    error: type[Exception],
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = PriceTable(as_of=WRITTEN, source="made up", models=prices)
    monkeypatch.setattr("turncoat.search.author_asking.load_prices", lambda: table)
    order: dict[str, Any] = {"rewrite": "credential", "distance": "names", "max_cost": 1.0}
    with pytest.raises(error, match=says):
        author_storyline("blackmail", "sim/author-0", out=tmp_path / "made", **order)
