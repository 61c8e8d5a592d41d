"""Figures that may be specifications, and those that are none: numbers of a list, hours, dates, telephones, places."""

from __future__ import annotations

import re

from turncoat.base.patterns import later

FIGURES, MEASURED = 4, 2
"""From how many figures, or figures with a unit of measurement, a text counts as giving specifications."""

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)"
)
_COUNTED = (
    "section|clause|step|item|point|page|room|floor|ext|extension|no|number|version|article|rule|paragraph|ticket|case"
    "|line|part|annex|day|week|option"
)
_NONE = later(
    "|".join(
        (
            r"(?:^|(?<=[\n.;:!?,]))[ \t]{0,9}\(?\d{1,2}[.)](?=\s)",  # the numbers of a list
            r"\(\d{1,2}\)",
            r"\b\d{1,2}(?::\d\d){1,2}(?:\s?[ap]\.?m\b\.?)?|\b\d{1,2}(?:\.\d\d)?\s?[ap]\.?m\b\.?",  # hours
            rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s(?:of\s)?{_MONTH}\b|\b{_MONTH}\.?\s\d{{1,2}}(?:st|nd|rd|th)?\b",  # dates
            r"\b(?:19|20)\d\d(?:-\d\d-\d\d)?\b|\b\d{1,2}[./]\d{1,2}[./](?:\d\d){1,2}\b",
            r"\+\d[\d() /-]{5,20}\d|\b\d{3}-\d{3,4}(?:-\d{4})?\b",  # telephones
            rf"\b(?:{_COUNTED})s?\.?\s\d[\d.]*\b|§\s?\d[\d.]*",  # places in papers and buildings
        )
    ),
    re.I | re.M,
)
_FIGURE = later(r"\b\d[\d.,:/]*(?:\s?(?:%|°C|[A-Za-zµ²³]{1,4}\b))?|\b[A-Z][a-z]+-\d+\b")
_UNIT = later(
    r"\d\s?(?:%|°\s?[CF]?|percent|degrees|[kMGT]?Hz|[kmµ]?g|[kcmµn]?m|microns?|[kMG]?W|[kmMG]?V|[kmµ]?A|[kM]?bits?|[kMG]?B|bytes?|ms|µs|"
    r"rpm|bar|psi|dB|litres?|liters?|ml|mol|ppm|knots|mph|feet|ft|tons?|tonnes|kilos?|kilograms?|met(?:er|re)s?|kilomet(?:er|re)s?)(?!\w)"
)


def figures(text: str) -> list[str]:
    """The figures of a text that may be specifications, in order, with what stands directly after them."""
    return [m.group() for m in _FIGURE.finditer(_NONE.sub(lambda m: " " * len(m.group()), text))]


def specifies(texts: list[str]) -> bool:
    """Whether texts give specifications: enough different figures, or enough with a unit of measurement."""
    plain = [_NONE.sub(lambda m: " " * len(m.group()), t) for t in texts]
    measured = {m.group() + t[max(0, m.start() - 6) : m.start()] for t in plain for m in _UNIT.finditer(t)}
    return len({f for t in texts for f in figures(t)}) >= FIGURES or len(measured) >= MEASURED
