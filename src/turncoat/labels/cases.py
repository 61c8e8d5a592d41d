"""From a labelled response to a case that the instrument can score."""

from __future__ import annotations

from functools import lru_cache

from turncoat.doors.text.responses import case_of_answer
from turncoat.evidence.case import Case
from turncoat.labels.items import Labelled
from turncoat.scenarios import load_scenario
from turncoat.scenarios.setting import REFERENCE, Setting, reference_setting, setting_of


def case_of_labelled(item: Labelled) -> Case:
    """Perform a labelled response in its company. The label is not looked at.

    Raises:
        UsageError: A scenario, condition or world that does not exist.
    """
    setting = setting_of_labelled(item.scenario, item.condition, item.world, item.interface)
    if item.interface == "tools":
        from turncoat.labels.sessions import case_of_turns

        return case_of_turns(setting, item.turns)
    case, _ = case_of_answer(setting, item.response or "", reasoning=item.reasoning or "", truncated=item.truncated)
    return case


@lru_cache(maxsize=256)
def setting_of_labelled(scenario: str, condition: str, world: str, interface: str) -> Setting:
    """The setting that a labelled response names."""
    if scenario.startswith(REFERENCE):
        return reference_setting(scenario)
    loaded = load_scenario(scenario)
    rendered = loaded.render(loaded.space.parse(condition), world or "1")
    return setting_of(rendered, live=interface == "tools")
