"""Words in place of ids."""

import pytest

from turncoat.report.words import condition_words, level_listing, level_words
from turncoat.scenarios.loader import load_scenario


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
