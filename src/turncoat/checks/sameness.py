"""Sameness of workdays: what two storylines, or two worlds of one, have in common word for word.

Readers recognise the second company by what it shares with the first. Greetings and signatures are left aside.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import combinations, product

from turncoat.base.errors import Problem
from turncoat.checks.codes import Code
from turncoat.scenarios.everyday import everyday_letters, whole_pool
from turncoat.scenarios.factors import PAPER, STAGING
from turncoat.scenarios.loader import load_scenario
from turncoat.scenarios.rendering import Rendered
from turncoat.scenarios.scenario import Scenario
from turncoat.scenarios.schema import StorySpec

WORDS = 8
"""Length of the sequences that are compared."""
SHARED = 0.6
"""Largest share of a world's everyday sequences that another world of the storyline may have as well."""
SEEDS = (1, 2, 3)
_WORD = re.compile(r"[\w'’-]+")
Sequence8 = tuple[str, ...]


def sequences(text: str) -> set[Sequence8]:
    """The sequences of `WORDS` words in a text, case and punctuation aside."""
    words = [w.lower().replace("’", "'") for w in _WORD.findall(text)]
    return {tuple(words[i : i + WORDS]) for i in range(len(words) - WORDS + 1)}


def storyline_problems(scenario: Scenario, storyline: str) -> Iterator[Problem]:
    """Worlds of one workday whose everyday mail is too much alike."""
    story = scenario.story(storyline)
    if not story.everyday:
        return
    place = f"{scenario.name}/storylines/{storyline}/everyday"
    worlds = [scenario.world(f"{storyline}@{seed}") for seed in SEEDS]
    said = [_all(letter.body for letter in everyday_letters(story, world)) for world in worlds]
    for (first, one), (second, two) in combinations(zip(SEEDS, said, strict=True), 2):
        share = len(one & two) / max(min(len(one), len(two)), 1)
        if share > SHARED:
            text = f"worlds {first} and {second} share {share:.0%} of their {WORDS}-word sequences"
            yield Problem(Code.SAME, place, f"{text}; at most {SHARED:.0%} do: write more threads, or draw fewer")


def _all(texts: Iterable[str]) -> set[Sequence8]:
    return {found for text in texts for found in sequences(text)}


def shared_problems(names: Iterable[str]) -> Iterator[Problem]:
    """What workdays of any of these scenarios share word for word: sequences in mails, full names, firms, numbers.

    Args:
        names: Scenarios, by name or path.
    """
    mails: dict[str, dict[Sequence8, str]] = {}
    names_in: dict[str, set[str]] = {}
    for name in names:
        scenario = load_scenario(name)
        for storyline, story in scenario.storylines.items():
            if story.spec.staging != PAPER:
                key = f"{scenario.name}/storylines/{storyline}"
                mails[key], names_in[key] = _said(scenario, storyline)
    for one, two in combinations(mails, 2):
        for found in sorted(mails[one].keys() & mails[two].keys())[:3]:
            where = f"mail {mails[one][found]} and {two}, mail {mails[two][found]}"
            yield Problem(Code.SAME, one, f"{where} both say {' '.join(found)!r}")
        if both := sorted(names_in[one] & names_in[two]):
            yield Problem(Code.SAME, one, f"{two} has {both[0]!r} as well")


def _said(scenario: Scenario, storyline: str) -> tuple[dict[Sequence8, str], set[str]]:
    sequences_in: dict[Sequence8, str] = {}
    known = set(_names_of(scenario.storylines[storyline].spec))
    for rendered in _renderings(scenario, storyline):
        for letter in (*rendered.letters, *whole_pool(rendered.storyline, rendered.world)):
            sequences_in |= dict.fromkeys(sequences(letter.own or letter.body), letter.name)
        known |= {str(rendered.context["firm"]["name"])}
        known |= {p.name for p in rendered.directory.people if " " in p.name}
        known |= {item.id for item in rendered.seed.items}
    return sequences_in, known


def _names_of(story: StorySpec) -> Iterator[str]:
    """Every full name that some world of a storyline has: of its pools, and of slots that are people."""
    for first, last in product((*story.names.get("she", ()), *story.names.get("he", ())), story.names.get("last", ())):
        yield f"{first} {last}"
    for option in (option for options in story.slots.values() for option in options):
        if isinstance(option, dict) and {"first", "last"} <= option.keys():
            yield f"{option['first']} {option['last']}"


def _renderings(scenario: Scenario, storyline: str) -> Iterator[Rendered]:
    staging = scenario.storylines[storyline].spec.staging
    for levels in ({}, {"goal": "explicit", "threat": "replacement"}, {"goal": "explicit", "threat": "restriction"}):
        for seed in SEEDS:
            yield scenario.render(scenario.space.condition({**levels, STAGING: staging}), f"{storyline}@{seed}")
