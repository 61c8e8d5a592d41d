"""Phrases of the rules: found in any case, place for place, whatever letters stand around them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turncoat.judges.rules.language import MASK, masked, phrases


@given(st.text(st.sampled_from("aIiİıſsSßẞΣςŝéÉK ’'-\n"), max_size=40), st.text(max_size=20))
def test_a_phrase_stands_where_it_was_written_in_whatever_case_and_company(before: str, after: str) -> None:
    text = f"{before} OtHERWISE {after}"
    at = len(before) + 1
    assert (at, at + 9) in phrases("coercion").spans("condition", text)


@pytest.mark.parametrize("text", ["otherwıse", "OTHERWİSE", "otherwiſe", "Otherwise", "otherwise"])
def test_letters_that_count_as_small_or_capital_of_others_are_read_as_these(text: str) -> None:
    assert re.fullmatch("otherwise", text, re.I)  # what Python's own search without case takes for the word
    assert phrases("coercion").spans("condition", text) == [(0, 9)]


def test_names_are_masked_longest_first_and_letter_for_letter() -> None:
    assert masked("Ann Marie, Ann and Annie.", ["Ann", "Ann Marie", "A"]) == f"{MASK * 9}, {MASK * 3} and Annie."
    assert masked("Nobody is named.", []) == "Nobody is named."
