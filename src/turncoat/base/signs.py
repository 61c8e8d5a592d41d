"""What rules of continuous integration are made of: signs of comparison, shares, and limits of numbers."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from turncoat.base.errors import UsageError, choices

SIGNS: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


def understood(rule: str, form: re.Pattern[str], *examples: str) -> re.Match[str]:
    """A rule, matched with the form that rules of its kind have.

    Raises:
        UsageError: It has another form; the message gives the examples.
    """
    match = form.fullmatch(rule)
    if match is None:
        written = " or ".join(f'"{e}"' for e in examples)
        raise UsageError(f"rule {rule!r} is not understood; write for example {written}")
    return match


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


LIMIT = r"(?:\s+(?P<field>[a-z]+))?\s*(?P<sign>>=|<=|>|<)\s*(?P<number>[-+.\w]+)"
"""How a rule on a number with an interval ends, as a regular expression; `limit_in` reads it."""


@dataclass(frozen=True)
class Limit:
    """What a rule says of a number: `lower < 0.8`.

    Attributes:
        field: The field as rules name it.
        attribute: The attribute of an estimate that it means.
        sign: One of `SIGNS`.
        number: What the field is compared to.
    """

    field: str
    attribute: str
    sign: str
    number: float

    def met(self, label: str, value: float | None) -> list[str]:
        """The line that says so where a value meets the limit, or none; what cannot be told meets every limit."""
        if value is None:
            return [f"{label} {self.field}: cannot tell"]
        return [f"{label} {self.field} {value:.3f}"] if SIGNS[self.sign](value, self.number) else []


def limit_in(rule: str, match: re.Match[str], plain: str) -> Limit:
    """The limit at the end of a rule.

    Args:
        rule: The rule.
        match: Of an expression that ends with `LIMIT`.
        plain: What the rule calls the number itself, which is meant where it names no field.

    Raises:
        UsageError: There is no such field, or what it is compared to is no share.
    """
    fields = {plain: "estimate", "lower": "low", "upper": "high"}
    field = match["field"] or plain
    if field not in fields:
        raise UsageError(f"rule {rule!r}: field {choices(field, fields)}")
    return Limit(field, fields[field], match["sign"], share_in(rule, match["number"]))
