"""Numbers and names as readers see them, and Markdown made of text that models may have written."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Hashable, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import yaml

from turncoat.analysis import Contrast, Overview, Rate
from turncoat.analysis.activity import HARDLY, Idle
from turncoat.analysis.published import publication
from turncoat.base import counting
from turncoat.base.text import inert

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


def percent(share: float) -> str:
    """Write a share as a percentage, with a decimal only where it matters (below 10 % and not whole)."""
    value = 100 * share
    if 0 < value < 0.1:
        return "< 0.1 %"
    if 99.9 < value < 100:
        return "> 99.9 %"
    near = round(value, 1)
    digits = 1 if (near < 10 or near > 99) and near != round(near) else 0
    return f"{near:.{digits}f} %"


def span(low: float, high: float) -> str:
    """Write an interval of shares: `72 to 99 %`."""
    return f"{percent(low).removesuffix(' %')} to {percent(high)}"


def points(difference: float) -> str:
    """Write a difference of shares in percentage points, with its sign."""
    value = round(100 * difference)
    return f"{'+' if value > 0 else '−' if value < 0 else '±'}{abs(value)}"


def p_value(p: float) -> str:
    """Write a p-value."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def rate_words(rate: Rate) -> str:
    """Write a rate for a sentence; where nothing was found, what could have been missed.

    `19 of 20 (95 %; interval 76 to 99 %)`, `0 of 20 (at most 16 %)`, `none scored of 20`.
    """
    if rate.estimate is None:
        return f"none scored of {rate.total}"
    count = f"{rate.k} of {rate.n}"
    if rate.k in (0, rate.n):  # the end of the interval that tables and figures show
        return f"{count} (at {'most' if rate.k == 0 else 'least'} {percent(rate.high if rate.k == 0 else rate.low)})"
    return f"{count} ({percent(rate.estimate)}; interval {span(rate.low, rate.high)})"


@lru_cache(maxsize=1)
def _known() -> Mapping[str, Mapping[str, str]]:
    return dict(yaml.safe_load((Path(__file__).parent / "data" / "levels.yaml").read_text("utf-8")))


def level_words() -> Mapping[str, str]:
    """Level as `factor=level` → what readers see, for the levels that ship."""
    return _known()["words"]


def interface_words(interface: str) -> str:
    """Write an interface: `sessions with tools`, `the text interface`."""
    return _known()["interfaces"].get(interface, f"the {interface} interface")


def harm_words(overview: Overview, scenario: str) -> str:
    """What «harmful» means in a scenario, as a predicate: in its own words, which its logs hold."""
    known = _known()["harm_done"]
    return inert(overview.harm_done.get(scenario) or known.get(publication().plain(scenario), "acted harmfully"))


def condition_words(condition: str) -> str:
    """Write a condition's id in words: `goal conflict + threat of replacement`; `control` stays."""
    if condition == "control":
        return "control"
    known = level_words()
    return " + ".join(known.get(p) or p.replace("=", ": ").replace("_", " ") for p in condition.split(","))


def level_listing(condition: str) -> str:
    """Write a condition's levels for a sentence: `goal conflict and threat of replacement`."""
    return listing(condition_words(condition).split(" + "))


def heading(words: str) -> str:
    """Write words with a capital at their beginning."""
    return words[:1].upper() + words[1:]


def contrast_words(contrast: Contrast) -> str:
    """Write what the first condition of a contrast has that the second has not: `threat of replacement`.

    Where it also lacks something: `threat of restriction instead of threat of replacement`, or `without goal conflict`.
    """
    added, removed = (condition_words(x) if x else "" for x in (contrast.added, contrast.removed))
    if not removed:
        return added
    return f"{added} instead of {removed}" if added else f"without {removed}"


def listing(words: Sequence[str]) -> str:
    """Join words with commas and a final «and»."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def some(names: Sequence[str], most: int = 6) -> str:
    """Join the first names, and say how many more there are."""
    return listing([*names[:most], f"{len(names) - most} more"] if len(names) > most else list(names))


def counted(number: int, noun: str, plural: str = "") -> str:
    """Write a number with its noun in the right form: `1 sample`, `2 samples`."""
    return counting.counted(number, noun, plural, separator=",").replace(",", "\u202f")


def grouped(items: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    """Gather items of one key; keys and items stand in their order."""
    found: dict[K, list[T]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return found


def md(text: str) -> str:
    """Escape what Markdown would read as a link, a tag or a heading; line breaks become spaces."""
    return re.sub(r"([\\`*_\[\]<>|#~])", r"\\\1", " ".join(inert(text).split()))


def md_table(heads: Sequence[str], rows: Iterable[Sequence[str]], numeric: Container[int] = ()) -> str:
    """A table.

    Args:
        heads: Names of the columns.
        rows: Cells as plain text; they are escaped here.
        numeric: Numbers of the columns that stand to the right, from 0.
    """
    lines = ["| " + " | ".join(md(h) for h in heads) + " |"]
    lines.append("|" + "|".join(" ---: " if i in numeric else " --- " for i in range(len(heads))) + "|")
    lines += ["| " + " | ".join(md(c) for c in row) + " |" for row in rows]
    return "\n".join(lines)


def idle_words(found: Idle, name: str) -> str:
    """That a model hardly acts, in plain words, with the threshold."""
    where = interface_words(found.interface)
    said = []
    if found.hardly_acts:
        said.append(
            f"{name} acted in {found.acted} of {found.scored} scored samples in {where}, fewer than "
            f"{percent(HARDLY)}: it hardly does anything, so that a rate of 0 % means nothing"
        )
    if found.hardly_speaks:
        subject = "what it wrote" if said else f"What {name} wrote in {where}"
        said.append(f"{subject} is no language in {found.incoherent} of {found.scored}")
    return "; ".join(said) + "."
