"""From a labelled response to a case that the instrument can score."""

from __future__ import annotations

from turncoat.doors.door import door, setting_from
from turncoat.evidence.case import Case
from turncoat.labels.items import Labelled
from turncoat.scenarios.setting import Setting


def case_of_labelled(item: Labelled) -> Case:
    """Perform a labelled response in its company. The label is not looked at.

    Raises:
        UsageError: A scenario, condition or world that does not exist.
    """
    from turncoat.labels.sessions import kept_of_labelled

    setting = setting_of_labelled(item.scenario, item.condition, item.world, item.interface)
    return door(item.interface).case(setting, kept_of_labelled(item))


def setting_of_labelled(scenario: str, condition: str, world: str, interface: str) -> Setting:
    """The setting that a labelled response names."""
    named = {"scenario": scenario, "condition": condition, "world": world, "interface": interface}
    return setting_from({n: v for n, v in named.items() if v})
