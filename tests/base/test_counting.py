"""Numbers with their nouns."""

from __future__ import annotations

import pytest

from turncoat.base.counting import counted


@pytest.mark.parametrize(
    ("number", "noun", "plural", "separator", "expected"),
    [
        (0, "sample", "", "", "0 samples"),
        (1, "sample", "", "", "1 sample"),
        (2, "sample", "", "", "2 samples"),
        (1200, "sample", "", "", "1200 samples"),
        (1200, "sample", "", ",", "1,200 samples"),
        (1, "reply", "replies", "", "1 reply"),
        (3, "reply", "replies", "", "3 replies"),
        (1, "log was", "logs were", "", "1 log was"),
        (0, "log was", "logs were", "", "0 logs were"),
    ],
)
def test_one_is_singular_and_all_else_plural(
    number: int, noun: str, plural: str, separator: str, expected: str
) -> None:
    assert counted(number, noun, plural, separator=separator) == expected
