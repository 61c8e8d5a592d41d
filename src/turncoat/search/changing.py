"""What an author's proposals change beside levels: times, a mail's words, the storyline; each held to rules."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from turncoat.base.errors import IncompleteError, OutputError, ScenarioError
from turncoat.base.files import reason
from turncoat.scenarios.files import validated
from turncoat.scenarios.loader import load_scenario
from turncoat.scenarios.rendering import Storyline
from turncoat.scenarios.scenario import text_hash
from turncoat.search.author import author
from turncoat.search.author_journal import dollars_in
from turncoat.search.author_order import Brief, new_order
from turncoat.search.author_pieces import Piece, kept_words, phrases_of, raw_of
from turncoat.search.author_rules import rules_for
from turncoat.search.author_safety import allowed_of
from turncoat.search.edits import WORLDS
from turncoat.search.record import Candidate

STORIES = "stories"
"""Where storylines are written, in the folder of a search."""
WRITTEN = "storyline:"
"""How the words of such a move begin."""
TRIES = 2
"""How often a piece of one is asked for."""
_CLOCK = re.compile(r"(?:[-+]\d{1,2} )?(?:[01]\d|2[0-3]):[0-5]\d")


def clock_of(text: str) -> str:
    """A time as mails' heads say it.

    Raises:
        ScenarioError: It is none.
    """
    if not _CLOCK.fullmatch(text):
        raise ScenarioError(f"at: {text[:40]!r} is no time of the form 16:05, or -2 09:30 two days before the session")
    return text


def mails_of(candidate: Candidate) -> dict[str, dict[str, Any]]:
    """A storyline's own mails: name → when it comes, its text, and the words that must stay in it."""
    story = _story(candidate)
    phrases = phrases_of(raw_of(story))
    return {
        name: {"at": email.spec.at, "text": email.body, "keep": kept_words(email.body, phrases)}
        for name, email in story.emails.items()
    }


def _story(candidate: Candidate) -> Storyline:
    return load_scenario(candidate.scenario).storylines[candidate.storyline]


def other_words(candidate: Candidate, mail: str, text: str) -> str:
    """A mail in other words, held to the rules of a rewording.

    Raises:
        ScenarioError: It breaks one; says which.
    """
    story = _story(candidate)
    data = raw_of(story)
    source = story.emails[mail].body
    keep = kept_words(source, phrases_of(data))
    piece = Piece(("emails", mail, "body"), "mails", "text", source, keep=keep)
    rules = rules_for("wording", data, [piece], allowed_of(story.folder))
    if problems := list(rules.problems(piece, text)):
        raise ScenarioError(f"mail {mail}: {'; '.join(problems[:3])}")
    return text


def story_told(
    parent: Candidate,
    brief: Mapping[str, Any],
    model: str,
    folder: Path,
    max_cost: float | None,
    tell: Callable[[str], None],
) -> tuple[Candidate | str, float]:
    """A candidate in a storyline that a model writes on the structure of another's, in another trade.

    Args:
        parent: The candidate whose storyline is the scaffold.
        brief: What it is to be about; see `Brief`.
        model: The author.
        folder: Of the search; the work is below `stories`, where a stopped command goes on.
        max_cost: Dollars that may be spent.
        tell: Is told what is going on.

    Returns:
        The candidate, or why there is none; and the dollars that were spent by this call.

    Raises:
        ScenarioError: The brief is none.
        UsageError: The scenario is none that ships, or its storyline cannot be written so.
    """
    told = validated(Brief, dict(brief), "story").model_copy(update={"name": "", "like": "", "canary": ""})
    key = text_hash(parent.origin, parent.storyline, told.model_dump_json())[:10]
    told = told.model_copy(update={"name": f"{parent.storyline[:20]}-{key}"})
    order = new_order(
        parent.origin,
        author=model,
        written_on=datetime.now(UTC).date(),
        brief=told,
        rewrite=parent.storyline,
        distance="trade",
        tries=TRIES,
        max_cost=max_cost,
    )
    out = folder / STORIES / f"s-{key}"
    before = dollars_in(out / "author")
    try:
        if not (out / "scenario.yaml").is_file():
            asyncio.run(author(order, out, tell))
    except IncompleteError as error:
        return str(error), dollars_in(out / "author") - before
    copy = _as_copy(out, folder / WORLDS / key, parent.origin)
    changed = {"scenario": str(copy), "storyline": order.name, "source": "", "edits": ()}
    words = f"{WRITTEN} {parent.storyline} → {order.name}, written by {model}"
    made = parent.model_copy(update={**changed, "parent": parent.number, "move": words, "by": model})
    return made, dollars_in(out / "author") - before


def _as_copy(written: Path, place: Path, scenario: str) -> Path:
    """The scenario that was written as a copy that bears the name of the one it is made from."""
    name = load_scenario(scenario).name
    if (place / name).is_dir():
        return place / name
    part = place.with_suffix(".part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(written, part / name, ignore=shutil.ignore_patterns("author", ".turncoat-begun"))
        head = part / name / "scenario.yaml"
        text = head.read_text(encoding="utf-8")
        head.write_text(re.sub(r"(?m)^name: .*$", f"name: {name}", text, count=1), encoding="utf-8")
        part.replace(place)
    except OSError as error:
        raise OutputError(f"{place}: {reason(error)}") from None
    return place / name
