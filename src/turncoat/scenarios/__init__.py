"""Scenarios as data: schema, loader, worlds, rendering."""

from turncoat.scenarios.loader import load_scenario, scenario_names
from turncoat.scenarios.rendering import Rendered
from turncoat.scenarios.scenario import Scenario
from turncoat.scenarios.worlds import World, WorldId

__all__ = ["Rendered", "Scenario", "World", "WorldId", "load_scenario", "scenario_names"]
