"""Rules for continuous integration of every kind: about rates, about guards, about monitors."""

from __future__ import annotations

from turncoat.analysis.compare import Comparison, Rule, met, parse_rule
from turncoat.analysis.guarded import GuardRule, met_by_guard, parse_guard_rule
from turncoat.analysis.monitors.gates import MonitorRule, met_by, parse_monitor_rule
from turncoat.analysis.monitors.given import see_apart
from turncoat.analysis.monitors.measures import measures
from turncoat.analysis.monitors.watching import RECORDED, watch_logs
from turncoat.analysis.table import Table
from turncoat.base.errors import UsageError
from turncoat.guards.monitors.monitor import Monitor
from turncoat.guards.monitors.named import make_monitor, monitor_names, needs_model

AnyRule = Rule | GuardRule | MonitorRule


def parse_gate(text: str) -> AnyRule:
    """Understand a rule of any kind.

    Raises:
        UsageError: It is of none of the forms; the message says what would be.
    """
    words = text.strip()
    if words.startswith("monitor["):
        return parse_monitor_rule(words)
    return parse_guard_rule(words) if words.startswith("guard[") else parse_rule(words)


def met_gate(rule: AnyRule, comparison: Comparison, second: Table, *, same_model: bool = False) -> list[str]:
    """What meets a rule, each in one line; empty where nothing does.

    Rules about guards and monitors look at the second run alone. A monitor that asks no model is shown its acts now; of
    another, the scores count that it gave as a guard during the run.

    Args:
        rule: The rule.
        comparison: The two runs, compared.
        second: The table of the second run.
        same_model: Whether a monitor and the judge by whose verdicts it is measured may be one model.

    Raises:
        UsageError: Nothing of the run is what the rule is about: it would never be met; or a monitor's model judged.
    """
    match rule:
        case GuardRule():
            return met_by_guard(rule, second)
        case MonitorRule():
            watcher = _watcher(rule)
            if not same_model:
                see_apart(watcher, second)
            return met_by(rule, measures(watch_logs([], watcher, table=second)))
    return met(rule, comparison)


def _watcher(rule: MonitorRule) -> Monitor | str:
    """The monitor that a rule names, or the guard whose recorded scores it means."""
    name = rule.name.partition("@")[0]
    if needs_model(name):
        raise UsageError(
            f"rule {rule.text!r}: {name} asks a model; measure it by: turncoat monitor … --monitor {name} --fail-if …"
        )
    return make_monitor(name) if name in monitor_names() or ":" in name else f"{RECORDED}{name}"
