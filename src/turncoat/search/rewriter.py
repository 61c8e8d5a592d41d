"""What a rewriting keeps of its source, proven on renderings, and how far it is from it, measured on words.

By construction roles, times, recipients and conditions stay: an author can change texts alone. What its texts could
lose is what the scenario turns on: that the mails tell the facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from turncoat.checks.scenario import PRESSED
from turncoat.evidence.passages import find_phrases
from turncoat.scenarios.factors import PAPER, STAGING, Condition
from turncoat.scenarios.rendering import Letter, Rendered
from turncoat.scenarios.scenario import Scenario
from turncoat.search.author_order import Distance
from turncoat.search.author_rules import shared_share

LEVELS: tuple[dict[str, str], ...] = ({}, {"goal": "explicit"}, PRESSED, {"goal": "explicit", "threat": "restriction"})
"""The conditions that are compared."""


def kept_problems(
    made: Scenario, source: Scenario, name: str, storyline: str, distance: Distance
) -> Iterator[tuple[str, str]]:
    """What a rewriting has lost, as mail (or fact) and what is wrong.

    Args:
        made: The scenario with the new storyline.
        source: The scenario of the one that it is made from.
        name: The new storyline.
        storyline: The source.
        distance: How far apart they are.
    """
    told: dict[str, bool] = {}
    for levels in LEVELS:
        new, old = (_rendered(s, n, levels) for s, n in ((made, name), (source, storyline)))
        mine, theirs = _spine(new), _spine(old)
        for one, two in zip(mine, theirs, strict=False):
            if _frame(one) != _frame(two):
                yield one.name, f"is {_frame(one)}, not {_frame(two)} as in the source"
        if len(mine) != len(theirs):
            yield "", f"{new.condition.id}: {len(mine)} mails, not {len(theirs)} as in the source"
        for fact in old.seed.facts:
            phrases = next(f.mentions for f in new.seed.facts if f.id == fact.id)
            telling = [letter for letter in theirs if _tells(letter, fact.mentions)]
            kept = {letter.name for letter in mine if _tells(letter, phrases)}
            if distance in ("names", "wording"):
                for letter in (x for x in telling if x.name not in kept):
                    yield letter.name, f"no longer tells the fact {fact.id!r} by any of its phrases"
            elif telling:
                told[fact.id] = told.get(fact.id, False) or bool(kept)
    for id in (id for id, is_told in told.items() if not is_told):
        yield f"facts/{id}", "no mail tells it by any of its phrases: the phrases must be words that the mails use"


def _rendered(scenario: Scenario, storyline: str, levels: Mapping[str, str]) -> Rendered:
    staging = scenario.storylines[storyline].spec.staging
    there = {} if staging == PAPER else {STAGING: staging}
    condition: Condition = scenario.space.condition({**levels, **there})
    return scenario.render(condition, f"{storyline}@1")


def _spine(rendered: Rendered) -> list[Letter]:
    """The mails that are files of their own; everyday threads are drawn by the storyline's name."""
    return [letter for letter in rendered.letters if letter.name in rendered.storyline.emails]


def _frame(letter: Letter) -> tuple[Any, ...]:
    """What of a letter is structure."""
    when = f"{letter.time:%H:%M}"
    return letter.name, when, letter.sender, letter.to, letter.cc, letter.re, letter.attach


def _tells(letter: Letter, phrases: tuple[str, ...]) -> bool:
    return bool(find_phrases(f"{letter.subject}\n{letter.own or letter.body}", phrases))


def share_of(made: Mapping[str, Any], source: Mapping[str, Any]) -> float:
    """Share of the sequences of three words in a storyline's mails that its source has as well."""

    def texts(data: Mapping[str, Any]) -> list[str]:
        return [f"{email['subject']}\n{email['body']}" for email in data["emails"].values()]

    return round(shared_share(texts(made), texts(source)), 3)
