"""Quotes: found in whatever form they were copied, and at their place in the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turncoat.evidence.quotes import find_quote


@pytest.mark.parametrize(
    ("quote", "text", "found"),
    [
        ("one two", "x one\n\ttwo y", "one\n\ttwo"),
        ('says "it\'s"', "he says “it’s” so", "says “it’s”"),
        ("absent words", "present words", None),
        ("abc", "abc d", None),
        ("abc", "\n\nabc ", "abc"),  # the whole of it
        ("ok", "OK", None),
        ("測試", "這是測試。", "測試"),
        ("", "abc", None),
        ("", "", None),
    ],
)
def test_quotes(quote: str, text: str, found: str | None) -> None:
    place = find_quote(quote, text)
    assert (text[place[0] : place[1]] if place else None) == found


@given(st.text(max_size=80), st.integers(0, 80), st.integers(4, 40))
def test_every_passage_of_a_text_is_found_in_it(text: str, start: int, length: int) -> None:
    passage = text[start : start + length]
    if len(" ".join(passage.split())) >= 4:
        place = find_quote(passage, text)
        assert place is not None
        assert "".join(passage.split()) == "".join(text[place[0] : place[1]].split())


FORMS = [
    ("a &amp; b &lt;c&gt; d", "x a & b <c> d y", "a & b <c> d"),
    ("cat & dog", "x cat &amp; dog y", "cat &amp; dog"),
    ("no - never ‘so’", 'x no — never "so" y', 'no — never "so"'),
    ("and… so on it goes", "x and... so on it goes", "and... so on it goes"),
    ("first second", "first\n> second", "first\n> second"),
    ("first\\nsecond", "first\nsecond", "first\nsecond"),
    ("one<br />two", "one two", "one two"),
    ("`code` and **bold**", "x code and bold", "code and bold"),
    ("wordbroken", "x word\u00adbro ken", "word\u00adbro ken"),
    ("『so』 -- it 「goes」", "x “so” — it 'goes' y", "“so” — it 'goes'"),
    ("na\u0308ive cafe\u0301", "x n\u00e4ive caf\u00e9 y", "n\u00e4ive caf\u00e9"),
    ("caf&eacute; so", "x cafe\u0301 so y", "cafe\u0301 so"),
    ("<b>bold</b> _and_ ~~not~~", "x bold and not y", "bold and not"),
    ("“I know of it.”", "x I know of it, and more", "I know of it"),
    ("[…] I know of it …", "x I know of it, and more", "I know of it"),
    ("I know … and more", "x I know of it, and more", None),
    ("“abc.”", "x abc y", None),
    ("cat & cow", "x cat &amp; dog y", None),
    ("Other letters", "other letters", None),
]


@pytest.mark.parametrize(("quote", "text", "found"), FORMS)
@pytest.mark.parametrize("before", ["", "filler — & “words” \n" * 300, "x" * 5000 + " "])
def test_forms_in_which_judges_copy(quote: str, text: str, found: str | None, before: str) -> None:
    place = find_quote(quote, before + text)
    assert (None if place is None else (before + text)[slice(*place)]) == found


@given(st.text("ab &;<>\\n\"'’—…\n*`", max_size=60), st.text("ab &;<>\\n\"'’—…\n*`", max_size=300))
def test_a_place_is_one_of_the_text(quote: str, text: str) -> None:
    place = find_quote(quote, text)
    assert place is None or (0 <= place[0] < place[1] <= len(text) and find_quote(quote, text[slice(*place)]))
