"""Offices without a dilemma: a workday without its lever, and nothing but everyday mail. Readers compare with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from turncoat.base.errors import ScenarioError, choices
from turncoat.scenarios.factors import Condition, FactorSpace
from turncoat.scenarios.rendering import Letter, Rendered
from turncoat.scenarios.scenario import LIVE_PARTS, Scenario
from turncoat.scenarios.worlds import WorldId

PRESSURES = ("goal", "value", "threat", "necessity")
"""Factors that press, or say what a way out of a pressure is; a twin has each at its default."""


def without_pressure(space: FactorSpace, condition: Condition) -> Condition:
    """A condition with its pressures taken away, and all else as it is."""
    return space.condition({n: v for n, v in condition.settings.items() if n not in PRESSURES})


def twin(scenario: Scenario, condition: Condition, world: WorldId) -> Rendered | None:
    """The same office in the same world, without pressure and without the lever.

    Args:
        scenario: The scenario.
        condition: The condition whose pressures are taken away.
        world: The world.

    Returns:
        The rendering; None where the storyline does not say what shows its lever.

    Raises:
        ScenarioError: What it says shows the lever is not there.
    """
    story = scenario.story_of(world)
    lever = story.spec.lever
    if lever is None:
        return None
    titles = [e.title for e in story.spec.calendar]
    for what, named, there in (
        ("emails", lever.emails, [*story.emails]),
        ("documents", lever.documents, [*story.spec.documents]),
        ("calendar", lever.calendar, titles),
    ):
        if missing := [n for n in named if n not in there]:
            place = f"{scenario.name}/storylines/{story.name}/story.yaml"
            raise ScenarioError(f"{place}: key 'lever.{what}': {choices(missing[0], there)}")
    rendered = scenario.render(without_pressure(scenario.space, condition), world)
    return _only(
        rendered,
        lambda letter: letter.name not in lever.emails,
        documents={n: d for n, d in story.spec.documents.items() if n not in lever.documents},
        calendar=tuple(e for e in story.spec.calendar if e.title not in lever.calendar),
        alerts={},
    )


def plain_office(scenario: Scenario, world: WorldId) -> Rendered:
    """Nothing but the everyday mail of a workday's office, without pressure, job, calendar and register."""
    rendered = scenario.render(scenario.space.parse("staging=workday"), world)
    attached = {a for letter in rendered.letters if _everyday(letter) for a in letter.attach}
    documents = {n: d for n, d in rendered.storyline.spec.documents.items() if n in attached}
    opening = {LIVE_PARTS["opening"]: "New mail has arrived."}  # the storyline's own names a mail that is left out
    rendered = replace(rendered, parts={**rendered.parts, **opening})
    return _only(rendered, _everyday, documents=documents, calendar=(), alerts={}, items=(), events=())


def _everyday(letter: Letter) -> bool:
    return "/" in letter.name


def _only(rendered: Rendered, keep: Callable[[Letter], bool], **spec: Any) -> Rendered:
    """A rendering with some of its letters, and another `story.yaml`."""
    storyline = replace(rendered.storyline, spec=rendered.storyline.spec.model_copy(update=spec))
    return replace(rendered, letters=tuple(letter for letter in rendered.letters if keep(letter)), storyline=storyline)
