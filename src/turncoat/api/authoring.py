"""Storylines that a model writes, from Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from turncoat.api.waiting import awaited
from turncoat.base.arguments import checked
from turncoat.base.errors import UsageError
from turncoat.scenarios.files import validated
from turncoat.search.author import Authored, author
from turncoat.search.author_order import Brief, load_brief, new_order


@checked
def author_storyline(
    scenario: str | Path,
    model: str,
    *,
    out: str | Path,
    brief: str | Path | Mapping[str, Any] | None = None,
    rewrite: str = "",
    distance: str = "",
    reader: str = "",
    realism: int = 50,
    tries: int = 3,
    max_cost: float | None = None,
    written_on: str | date = "",
    say: Callable[[str], None] = lambda _: None,
) -> Authored:
    """Have a model write a storyline on the structure of one that ships, checked until it is sound.

    The same call goes on where a stopped one was.

    Args:
        scenario: A scenario that ships.
        model: The model that writes.
        out: The scenario folder to make.
        brief: What it is about: a file, or its keys; may be left out of a rewriting.
        rewrite: A storyline to write anew; "" for one of its own.
        distance: How far a rewriting is from it: `names`, `wording` or `trade`.
        reader: Another model, which reads it blind; may be left out of a rewriting.
        realism: The least that the reader gives, of 100.
        tries: How often each piece is asked for.
        max_cost: Dollars that may be spent.
        written_on: The date that the storyline says of itself; today if "".
        say: Is told what is going on.

    Raises:
        UsageError: Options do not go together, author and reader are one model, or the folder is another order's.
        IncompleteError: It is not sound, or not real enough, within tries and cost; the work is kept.
    """
    told: Brief | None
    match brief:
        case None:
            told = None
        case str() | Path():
            told = load_brief(Path(brief))
        case _:
            told = validated(Brief, dict(brief), "brief")
    order = new_order(
        str(scenario),
        author=model,
        written_on=_date(written_on),
        brief=told,
        rewrite=rewrite,
        distance=distance,
        reader=reader,
        realism=realism,
        tries=tries,
        max_cost=max_cost,
    )
    return awaited(lambda: author(order, Path(out), say))


def _date(given: str | date) -> date:
    if isinstance(given, date):
        return given
    try:
        return date.fromisoformat(given) if given else datetime.now(UTC).date()
    except ValueError:
        raise UsageError(f"--date {given!r}: needs a date of the form 2026-03-01") from None


__all__ = ["Authored", "author_storyline"]
