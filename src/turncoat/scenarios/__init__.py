"""Scenarios as data: schema, loader, worlds, rendering."""

from turncoat.scenarios.loader import load_scenario, scenario_names
from turncoat.scenarios.scenario import Rendered, Scenario
from turncoat.scenarios.worlds import World, WorldId

__all__ = ["Rendered", "Scenario", "World", "WorldId", "load_scenario", "scenario_names"]
