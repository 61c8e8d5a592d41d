"""A number with its noun, in words for people."""

from __future__ import annotations


def counted(number: int, noun: str, plural: str = "", *, separator: str = "") -> str:
    """Write a number with its noun in the right form: `1 sample`, `2 samples`.

    Args:
        number: How many there are.
        noun: What one is called; may go on, as in `sample was`.
        plural: What several are called, where that is not the noun with an `s`.
        separator: What stands between thousands, as in a format: nothing, or `,`.
    """
    return f"{number:{separator}} {noun if number == 1 else plural or noun + 's'}"
