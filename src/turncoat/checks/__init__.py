"""Proofs that a scenario is sound: what `turncoat check` runs."""

from turncoat.checks.scenario import CheckResult, check_scenario, check_scenarios

__all__ = ["CheckResult", "check_scenario", "check_scenarios"]
