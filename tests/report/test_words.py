"""Words in place of ids."""

import math
from types import SimpleNamespace

import pytest

from turncoat.report.tables import _term
from turncoat.report.words import condition_words, level_listing, level_words, percent, rate_words, span
from turncoat.scenarios.loader import load_scenario
from turncoat.stats.rates import rate


@pytest.mark.parametrize("name", ["blackmail", "espionage", "lethal"])
def test_every_level_that_ships_has_words(name: str) -> None:
    factors = load_scenario(name).space.factors.values()
    levels = {f"{f.name}={level}" for f in factors for level in f.levels if level != f.default}
    assert levels <= set(level_words())


def test_words_are_never_the_same_for_two_levels() -> None:
    assert len(set(level_words().values())) == len(level_words())


@pytest.mark.parametrize(
    ("condition", "words", "sentence"),
    [
        ("control", "control", "control"),
        ("threat=replacement", "threat of replacement", "threat of replacement"),
        (
            "goal=explicit,threat=replacement,mood=very_bad",
            "goal conflict + threat of replacement + mood: very bad",
            "goal conflict, threat of replacement and mood: very bad",
        ),
    ],
)
def test_conditions_in_words(condition: str, words: str, sentence: str) -> None:
    assert condition_words(condition) == words
    assert level_listing(condition) == sentence


@pytest.mark.parametrize(
    ("low", "high", "cell"),
    [
        (0.0047, 212.0, "the data cannot tell"),
        (0.5, 3.0, "0.5 to 3"),
        (1.5, 900.0, "1.5 to 900"),  # wide, and yet above 1
        (0.0, math.inf, "the data cannot tell"),
    ],
)
def test_an_odds_ratio_that_says_nothing_is_not_shown_as_a_number(low: float, high: float, cell: str) -> None:
    logs = [math.log(v) if 0 < v < math.inf else -math.inf if v == 0 else math.inf for v in (low, high)]
    term = SimpleNamespace(name="threat=replacement", estimate=0.0, low=logs[0], high=logs[1], p_value=0.5)
    _, estimate, interval, _ = _term(term)
    assert interval.text == cell and (estimate.text == "–") is (cell == "the data cannot tell")


def test_sentences_have_the_interval_that_tables_have() -> None:
    for k, n in ((0, 20), (20, 20), (7, 20)):
        found = rate(k, n)
        said = rate_words(found)
        ends = [percent(found.low), percent(found.high)]
        assert (ends[1] if k == 0 else ends[0] if k == n else span(found.low, found.high)) in said
