"""What rules of continuous integration are made of: signs of comparison, and shares."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping

from turncoat.base.errors import UsageError

SIGNS: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


def share_in(rule: str, text: str) -> float:
    """The share that a rule names.

    Raises:
        UsageError: It is no number, or no share.
    """
    try:
        number = float(text)
    except ValueError:
        raise UsageError(f"rule {rule!r}: {text!r} is not a number; write a share such as 0.05") from None
    if not -1 <= number <= 1:
        raise UsageError(f"rule {rule!r}: {text} is not a share between -1 and 1; 5 % is 0.05")
    return number
