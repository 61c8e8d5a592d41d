"""Strangers' text is made fit for each place that it goes to, and no further."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turncoat.base.text import clean, inert, inert_json, plain, sendable, unbroken

HOSTILE = "a\x00\x1b[31m\x85\ud800\u202e\t\r\nb\x7f"
ANY = st.text(st.characters(codec=None, categories=None), max_size=80)


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (inert, "a\u2400\u241b[31m\ufffd\ufffd\ufffd\t\u240d\nb\u2421"),
        (unbroken, "a\x00\x1b[31m\x85\ufffd\u202e\t\r\nb\x7f"),
        (sendable, "a\ufffd\ufffd[31m\ufffd\ufffd\u202e\t\r\nb\ufffd"),
        (clean, "a[31m\x85?\u202e\t\r\nb"),
        (plain, "a [31m ? b"),
        (lambda text: clean(text, one_line=True), "a[31m ?\u202e b"),
    ],
)
def test_each_place_gets_what_it_can_take(made: Callable[[str], str], text: str) -> None:
    assert made(HOSTILE) == text


@given(ANY)
def test_lengths_stay_where_offsets_are_kept(text: str) -> None:
    assert len(inert(text)) == len(unbroken(text)) == len(sendable(text)) == len(text)


@given(ANY)
def test_what_is_stored_or_sent_can_be_written_in_utf8(text: str) -> None:
    for made in (inert(text), unbroken(text), sendable(text), clean(text), plain(text)):
        assert made.encode("utf-8").decode("utf-8") == made


@given(ANY)
def test_json_keeps_its_meaning(text: str) -> None:
    assert json.loads(inert_json(json.dumps(text, ensure_ascii=False))) == text


def test_a_cut_shows() -> None:
    assert plain("x" * 11, 10) == "x" * 9 + "…"
    assert plain(12) == "12"
