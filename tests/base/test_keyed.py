"""Keyed draws never change: worlds, simulated models, samples that are read and labelled hang on them."""

from __future__ import annotations

import pytest

from turncoat.base.keyed import by_chance, draw, indices, one_of, pick


@pytest.mark.parametrize(
    ("key", "number"),
    [
        (("a", 1, "é"), 0.25078398069713953),
        (("draw", 3, "l", "s\ud800", 2), 0.2642704028267197),
        (("read", "x\ud800", 1), 0.0492341022513139),
    ],
)
def test_a_number_is_pinned(key: tuple[object, ...], number: float) -> None:
    assert draw(*key) == number


def test_choices_are_pinned() -> None:
    assert pick(7000, "x", 2) == 3909
    assert "".join(one_of("abcdef", "k", i) for i in range(8)) == "cdfbcffd"
    assert [by_chance({"a": 0.2, "b": 0.3}, "k", i) for i in range(8)] == ["b", "", "", "b", "b", "", "", ""]
    assert [indices(f"affair.1/{seed}/")(b"day", 196) for seed in range(6)] == [185, 30, 156, 164, 98, 171]


def test_slots_of_one_key_do_not_disturb_each_other() -> None:
    index = indices("affair.1/7/")
    first = index(b"a", 2**48)
    assert index(b"b", 2**48) != first
    assert index(b"a", 2**48) == first
